/* SPDX-License-Identifier: MIT */
/* world.c -- the driver's own descriptors, and what it may know. */
#include "calls.h"
#include "trace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

struct world_hooks world_hooks;
struct world_faults world_faults;

int world_event(void) {
    return descriptor_new_foreign(file_new(EVENT));
}

int world_pipe(int *writer) {
    int ends[2] = {-1, -1};
    pipe_new(ends, NULL, O_NONBLOCK);
    *writer = ends[1];
    return ends[0];
}

void world_raise(int fd) {
    struct file *file = descriptor_file(fd);
    if (file->kind == PIPE_WRITER) {
        pipe_write(file->pipe, (const unsigned char *)"!", 1);
        return;
    }
    file->event.count = 1;
    world_progress();
    file_wake(file, EPOLLIN);
}

void world_release(int fd) {
    if (descriptor_file(fd)) descriptor_close(fd);
}

int world_open_descriptors(void) {
    return descriptors_open();
}

struct listener_facts world_listener(int fd) {
    struct file *file = descriptor_file(fd);
    struct listener_facts facts = {.open = file != NULL};
    if (!file || (file->kind != LISTENER && file->kind != SOCKET)) return facts;
    facts.listening = file->kind == LISTENER;
    facts.nonblocking = file->nonblocking;
    facts.reuse = file->socket.reuse, facts.share = file->socket.share;
    facts.port = file->socket.port;
    facts.backlog = file->socket.backlog;
    struct in_addr address = {.s_addr = htonl(file->socket.address)};
    inet_ntop(AF_INET, &address, facts.address, sizeof facts.address);
    return facts;
}

void world_tell(int client, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    trace_step_v(client, 0, format, arguments);
    va_end(arguments);
}
