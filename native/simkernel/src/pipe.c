/* SPDX-License-Identifier: MIT */
/* pipe.c -- pipes of 64 KiB. */
#include "calls.h"
#include "file.h"
#include "ring.h"

#include <errno.h>
#include <fcntl.h>

enum { MAX_PIPES = 48, PIPE_BYTES = 65536 };

static struct pipe pipes[MAX_PIPES];
static unsigned char storage[MAX_PIPES][RING_BYTES];

void pipes_reset(void);
void pipes_reset(void) {
    memset(pipes, 0, sizeof pipes);
}

uint32_t pipe_poll(struct file *end) {
    struct pipe *p = end->pipe;
    if (end->kind == PIPE_READER) return (p->bytes.used > 0 ? EPOLLIN : 0) | (p->writer ? 0 : EPOLLHUP);
    return (ring_room(&p->bytes) > 0 ? EPOLLOUT : 0) | (p->reader ? 0 : EPOLLERR);
}

static ssize_t refuse(int error) {
    errno = error;
    return -1;
}

ssize_t pipe_read(struct pipe *p, unsigned char *bytes, size_t size) {
    size_t taken = size < p->bytes.used ? size : p->bytes.used;
    if (taken == 0) return size == 0 || !p->writer ? 0 : refuse(EAGAIN);
    bool was_full = ring_room(&p->bytes) == 0;
    ring_look(&p->bytes, bytes, taken);
    ring_drop(&p->bytes, taken);
    world_progress();
    if (was_full && p->writer) file_wake(p->writer, EPOLLOUT);
    return (ssize_t)taken;
}

ssize_t pipe_write(struct pipe *p, const unsigned char *bytes, size_t size) {
    if (!p->reader) {
        signal_pipe();
        return refuse(EPIPE);
    }
    size_t room = ring_room(&p->bytes), given = size < room ? size : room;
    if (given == 0) return size == 0 ? 0 : refuse(EAGAIN);
    ring_put(&p->bytes, bytes, given);
    world_progress();
    file_wake(p->reader, EPOLLIN);
    return (ssize_t)given;
}

/* Both ends, or none: -1 with EMFILE. */
int pipe_new(int ends[2], const char *call, int flags) {
    struct pipe *p = pipes;
    while (p < pipes + MAX_PIPES && (p->reader || p->writer)) p++;
    if (p == pipes + MAX_PIPES || (call && world_faults.descriptors < 2)) return (int)refuse(EMFILE);
    *p = (struct pipe){.bytes = {.size = PIPE_BYTES, .bytes = storage[p - pipes]}};
    p->reader = file_new(PIPE_READER), p->writer = file_new(PIPE_WRITER);
    p->reader->pipe = p->writer->pipe = p;
    p->reader->nonblocking = p->writer->nonblocking = flags & O_NONBLOCK;
    bool close_on_exec = flags & O_CLOEXEC;
    ends[0] = call ? descriptor_new(p->reader, call, close_on_exec) : descriptor_new_foreign(p->reader);
    ends[1] = call ? descriptor_new(p->writer, call, close_on_exec) : descriptor_new_foreign(p->writer);
    return 0;
}

void pipe_close(struct file *end) {
    struct pipe *p = end->pipe;
    bool reader = end->kind == PIPE_READER;
    struct file *other = reader ? p->writer : p->reader;
    if (reader)
        p->reader = NULL;
    else
        p->writer = NULL;
    if (other) file_wake(other, 0);
}
