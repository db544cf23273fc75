/* SPDX-License-Identifier: MIT */
/* load.c -- a client that counts what it gets: each connection asks, then each reads its answers. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "graders_own.h"
#include "load.h"

static GRADERS_OWN _Atomic uint64_t released;
static HANDED_OVER char text[] = "what a handler has to say";

static void release(void *body) {
    if (body == text) own_fetch_add(&released, 1);
}

/* /NUMBER: so many microseconds of CPU time. */
static void work_for(unsigned long us) {
    struct timespec now, end;
    if (us == 0) return;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    end.tv_nsec += (long)us * 1000;
    end.tv_sec += end.tv_nsec / 1000000000, end.tv_nsec %= 1000000000;
    do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

void say(const struct http_request *request, struct http_response *response, void *world) {
    own_fetch_add(world, 1);
    work_for(strtoul(request->target + 1, NULL, 10));
    response->body = text, response->body_size = sizeof text - 1, response->release = release;
}

uint64_t bodies_released(void) {
    return atomic_load(&released);
}

void ask(int fd, unsigned us, unsigned count) {
    char request[64 * 64];
    size_t size = 0;
    for (unsigned i = 0; i < count && size + 64 < sizeof request; i++)
        size += (size_t)sprintf(request + size, "GET /%u HTTP/1.1\r\nHost: load\r\n\r\n", us);
    for (size_t sent = 0; sent < size;) {
        ssize_t n = send(fd, request + sent, size - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) return;
        if (n > 0) sent += (size_t)n;
    }
}

/* One answer and no byte more; the head is read byte by byte only where it might be left behind. */
static uint64_t read_one(int fd, char *bytes, size_t room, size_t *have) {
    for (;;) {
        char *end = memmem(bytes, *have, "\r\n\r\n", 4);
        size_t size = end ? (size_t)(end + 4 - bytes) + sizeof text - 1 : 0;
        if (end && *have >= size) {
            uint64_t right = !memcmp(bytes, "HTTP/1.1 200 ", 13) && !memcmp(end + 4, text, sizeof text - 1);
            memmove(bytes, bytes + size, *have - size);
            *have -= size;
            return right;
        }
        ssize_t n = recv(fd, bytes + *have, room - *have, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        *have += (size_t)n;
    }
}

uint64_t hear(int fd, unsigned count) {
    char bytes[1 << 15];
    size_t have = 0;
    uint64_t right = 0;
    for (; count > 0; count--) right += read_one(fd, bytes, sizeof bytes, &have);
    return right;
}
