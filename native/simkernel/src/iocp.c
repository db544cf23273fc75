/* SPDX-License-Identifier: MIT */
/* iocp.c -- completion ports: queues of packets, first in, first out. In what order
 * they come in is the kernel's choice, where requests go on late. */
#include "iocp.h"

#include "calls.h"
#include "clock.h"
#include "trace.h"

#include <string.h>

uint64_t world_packets;
static struct packet packets[PACKETS_MAX];
static int waiting;
static struct winsock sockets[MAX_DESCRIPTORS];
/* Descriptors of the driver's: when one is readable, a packet is posted. */
static struct bell {
    struct file *file;
    int port;
    ULONG_PTR key;
} bell;

void ports_reset(void) {
    for (struct request *r = requests; r < requests_end; r++)
        if (r->used) request_free(r);
    requests_end = requests;
    waiting = 0, world_packets = 0;
    memset(sockets, 0, sizeof sockets);
    bell = (struct bell){0};
    winsock_refuse(0);
}

struct winsock *winsock_of(int fd) {
    return &sockets[fd];
}

bool port_post(struct file *port, struct request *request, OVERLAPPED_ENTRY entry) {
    if (waiting == PACKETS_MAX) return false;
    bool late = request && world_faults.later && world_one_in(world_faults.later);
    packets[waiting++] = (struct packet){port, late, request, entry};
    return true;
}

static int first_of(const struct file *port) {
    int at = 0;
    while (at < waiting && (packets[at].port != port || packets[at].late)) at++;
    return at < waiting ? at : -1;
}

bool port_take(struct file *port, OVERLAPPED_ENTRY *entry) {
    int at = first_of(port);
    if (at < 0) return false;
    struct packet taken = packets[at];
    memmove(packets + at, packets + at + 1, (size_t)(--waiting - at) * sizeof *packets);
    *entry = taken.entry;
    world_packets++;
    if (!taken.request) return true;
    request_judge(taken.request);
    request_free(taken.request);
    return true;
}

/* All late packets come in, or some; true: there were any. */
static bool packets_come(bool all) {
    bool any = false;
    for (struct packet *p = packets; p < packets + waiting; p++)
        if (p->late && (all || !world_one_in(world_faults.later))) p->late = false, any = true;
    return any;
}

/* Who only looks does not get what is still to come. */
bool port_wait(struct file *port, uint64_t deadline) {
    requests_pump(false), packets_come(false);
    if (world_faults.later && deadline <= clock_now) return first_of(port) >= 0;
    while (first_of(port) < 0) {
        if (requests_pump(true) || packets_come(true)) continue;
        if (!sleep_until(deadline)) return false;
    }
    return true;
}

/* Without its socket a packet stays; without its port it is gone. */
void port_close(struct file *port) {
    for (int fd = 0; fd < MAX_DESCRIPTORS; fd++)
        if (sockets[fd].port == port) sockets[fd].port = NULL;
    OVERLAPPED_ENTRY entry;
    packets_come(true);
    while (port_take(port, &entry)) continue;
}

static void ring(void) {
    port_post(descriptor_file(bell.port), NULL, (OVERLAPPED_ENTRY){.lpCompletionKey = bell.key});
    bell = (struct bell){0};
    world_progress();
}

void ports_wake(const struct file *file, uint32_t events) {
    if (bell.file == file && (events == 0 || events & EPOLLIN)) ring();
    for (struct request *r = requests; r < requests_end; r++) {
        uint32_t asked = r->kind == WSA_SEND ? EPOLLOUT : EPOLLIN;
        if (r->used && !r->over && r->file == file && (events == 0 || events & asked)) r->woken = true;
    }
}

int world_port(void) {
    if (world_faults.first_descriptor < 4) world_faults.first_descriptor = 4; /* no handle has a lower number */
    int fd = descriptor_new_foreign(file_new(PORT));
    world_guard(fd, "the completion port");
    return fd;
}

bool world_associated(int fd, int port, uintptr_t *key) {
    const struct winsock *w = winsock_of(fd);
    *key = w->key;
    return w->port && w->port == descriptor_file(port);
}

void world_post_when_ready(int fd, int port, uintptr_t key) {
    bell = (struct bell){descriptor_file(fd), port, key};
    if (file_poll(bell.file) & (EPOLLIN | EPOLLHUP)) ring();
}

void world_take_back(int port, uintptr_t key) {
    int kept = 0;
    for (int i = 0; i < waiting; i++) {
        bool gone = packets[i].port == descriptor_file(port) && packets[i].entry.lpCompletionKey == key;
        if (!gone) packets[kept++] = packets[i];
    }
    waiting = kept, bell = (struct bell){0};
}

int world_packets_waiting(int port) {
    int count = 0;
    for (int i = 0; i < waiting; i++) count += packets[i].port == descriptor_file(port);
    return count;
}

int world_requests(void) {
    int count = 0;
    for (const struct request *r = requests; r < requests_end; r++) count += r->used && !r->over;
    return count;
}
