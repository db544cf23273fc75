/* SPDX-License-Identifier: MIT */
/* levels.c -- what a descriptor of the driver's is ready for, looked at and changed. */
#include "calls.h"

/* The most that an eventfd counts to: there is no room for one more. */
#define FULL (UINT64_MAX - 1)

enum { CHUNK = 4096 };

void world_lower(int fd) {
    struct file *file = descriptor_file(fd);
    unsigned char bytes[CHUNK];
    if (file->kind == EVENT) {
        file->event.count = 0;
        file_wake(file, EPOLLOUT);
    } else {
        while (pipe_read(file->pipe, bytes, sizeof bytes) > 0) continue;
    }
    world_progress();
}

void world_fill(int fd) {
    struct file *file = descriptor_file(fd);
    static const unsigned char bytes[CHUNK];
    if (file->kind == EVENT) {
        file->event.count = FULL;
        file_wake(file, EPOLLIN);
    } else {
        while (pipe_write(file->pipe, bytes, sizeof bytes) > 0) continue;
    }
    world_progress();
}

uint32_t world_ready(int fd) {
    return file_poll(descriptor_file(fd));
}
