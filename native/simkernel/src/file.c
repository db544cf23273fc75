/* SPDX-License-Identifier: MIT */
/* file.c -- descriptors are small numbers, given out again at once. */
#include "file.h"

#include "at_hand.h"
#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 256, STANDARD = 3 };

static struct descriptor {
    struct file *file;
    bool foreign, close_on_exec;
    const char *call, *guard;
    uint32_t place; /* of that call */
} table[MAX_DESCRIPTORS];
static struct file files[MAX_FILES];

void files_reset(void) {
    memset(table, 0, sizeof table);
    memset(files, 0, sizeof files);
    for (int fd = 0; fd < STANDARD; fd++) descriptor_new_foreign(file_new(PLAIN));
}

struct file *file_new(enum file_kind kind) {
    for (struct file *f = files; f < files + MAX_FILES; f++) {
        if (f->kind != FREE) continue;
        *f = (struct file){.kind = kind};
        return f;
    }
    abort(); /* as many as descriptors */
}

bool descriptor_available(void) {
    return world_faults.descriptors > 0;
}

static int place(struct file *file, struct descriptor new) {
    int fd = world_faults.first_descriptor;
    while (fd < MAX_DESCRIPTORS && table[fd].file) fd++;
    if (fd == MAX_DESCRIPTORS || (!new.foreign && !descriptor_available())) {
        if (file->references == 0) file->kind = FREE;
        errno = EMFILE;
        return -1;
    }
    if (!new.foreign) world_faults.descriptors--;
    table[fd] = new, table[fd].file = file;
    file->references++;
    return fd;
}

int descriptor_new(struct file *file, const char *call, bool close_on_exec) {
    return place(file, (struct descriptor){.call = call, .place = at_hand.place, .close_on_exec = close_on_exec});
}

int descriptor_new_foreign(struct file *file) {
    return place(file, (struct descriptor){.foreign = true});
}

bool descriptor_closes_on_exec(int fd) {
    return table[fd].close_on_exec;
}

void descriptor_close_on_exec(int fd, bool on) {
    table[fd].close_on_exec = on;
}

int world_inherited(const char **call) {
    for (int fd = 0; fd < MAX_DESCRIPTORS; fd++) {
        if (!table[fd].file || table[fd].foreign || table[fd].close_on_exec) continue;
        *call = table[fd].call;
        at_hand = (struct call_at_hand){table[fd].call, table[fd].place};
        return fd;
    }
    return -1;
}

struct file *descriptor_file(int fd) {
    struct file *file = fd >= 0 && fd < MAX_DESCRIPTORS ? table[fd].file : NULL;
    if (!file) errno = EBADF;
    return file;
}

const char *descriptor_guard(int fd) {
    return table[fd].guard;
}

void world_guard(int fd, const char *name) {
    table[fd].guard = name;
}

static void file_close(struct file *file) {
    epoll_forget_file(file);
    if (file->kind == EPOLL) epoll_close(file);
    if (file->kind == STREAM) stream_close(file);
    if (file->kind == LISTENER && the_listener == file) the_listener = NULL;
    if (file->kind == TIMER) timer_stop(file);
    if (file->kind == PIPE_READER || file->kind == PIPE_WRITER) pipe_close(file);
    if (file->kind == URING) uring_close(file);
    if (file->kind == PORT) port_close(file);
    file->kind = FREE;
}

void descriptor_close(int fd) {
    struct descriptor gone = table[fd];
    table[fd] = (struct descriptor){0};
    if (!gone.foreign) world_faults.descriptors++;
    knotes_forget(gone.file, fd);
    if (--gone.file->references == 0 && gone.file->held == 0) file_close(gone.file);
}

void file_let_go(struct file *file, int fd) {
    if (--file->held > 0 || file->references > 0) return;
    world_hooks.closing(fd, file->kind == STREAM ? file->peer : NULL);
    file_close(file);
}

int descriptors_open(void) {
    int count = 0;
    for (int fd = 0; fd < MAX_DESCRIPTORS; fd++) count += table[fd].file && !table[fd].foreign;
    return count;
}

/* Where poll has them, EPOLLRDNORM and EPOLLWRNORM say the same. */
uint32_t file_normal(const struct file *file, uint32_t events) {
    if (file->kind == EVENT || file->kind == TIMER) return events;
    return events | (events & EPOLLIN ? EPOLLRDNORM : 0) | (events & EPOLLOUT ? EPOLLWRNORM : 0);
}

static uint32_t poll_now(struct file *file) {
    switch (file->kind) {
    case LISTENER:
        return stream_queued() ? EPOLLIN : 0;
    case STREAM:
        return stream_poll(file->peer);
    case EVENT:
        return (file->event.count > 0 ? EPOLLIN : 0) | (file->event.count < UINT64_MAX - 1 ? EPOLLOUT : 0);
    case TIMER:
        return file->timer.expirations > 0 ? EPOLLIN : 0;
    case PIPE_READER:
    case PIPE_WRITER:
        return pipe_poll(file);
    case EPOLL:
        return epoll_poll(file);
    case URING:
        return uring_poll(file);
    case SOCKET:
        return EPOLLOUT | EPOLLHUP; /* as Linux has it for a socket that is neither */
    default:
        return 0;
    }
}

uint32_t file_poll(struct file *file) {
    return file_normal(file, poll_now(file));
}
