/* SPDX-License-Identifier: MIT */
/* file.h -- open files, their descriptors, and the watches on them. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "simkernel.h"

enum file_kind {
    FREE,
    SOCKET,
    LISTENER,
    STREAM,
    EPOLL,
    KQUEUE,
    EVENT,
    TIMER,
    PIPE_READER,
    PIPE_WRITER,
    PLAIN,
    URING,
    PORT
};

enum { MAX_DESCRIPTORS = 2048 };

struct watch;
struct knote;

struct pipe {
    struct ring bytes;
    struct file *reader, *writer;
};

struct file {
    enum file_kind kind;
    int references; /* descriptors; at 0 the file is closed ... */
    int held;       /* ... unless operations under way hold it */
    bool nonblocking;
    struct watch *watches; /* of this file, by any epoll */
    union {
        struct {
            bool reuse, share, bound, any;
            enum closing closing; /* of those it will accept, as are these two */
            size_t low_water;
            bool corked;
            uint16_t port;
            uint32_t address;
            int backlog;
        } socket;
        struct peer *peer;
        struct epoll {
            struct watch *ready, *ready_tail, *all;
        } epoll;
        struct kqueue {
            struct knote *first, *last; /* those that have something to tell */
        } kqueue;
        struct {
            uint64_t count;
            bool semaphore;
        } event;
        struct {
            uint64_t expirations, interval_ns, at;
        } timer;
        struct pipe *pipe;
        struct uring *uring;
    };
};

/* One entry of an interest list: known by file and descriptor together, so it
 * lives until the file's last descriptor is closed. */
struct watch {
    struct file *epoll, *file;
    int fd;
    uint32_t events;
    epoll_data_t data;
    bool ready;
    struct watch *next_ready, *next_of_file, *next_of_epoll;
};

void files_reset(void);

/* The lowest free number, or -1 with EMFILE; then a file that has no other is
 * gone. `call` is the program's that asked; `close_on_exec`: FD_CLOEXEC.
 * `foreign`: the driver's, not counted against the program's limit. */
int descriptor_new(struct file *, const char *call, bool close_on_exec);
int descriptor_new_foreign(struct file *);
/* "stop_fd": what the program may neither read nor close; else NULL. */
const char *descriptor_guard(int fd);
bool descriptor_available(void);
bool descriptor_closes_on_exec(int fd);
void descriptor_close_on_exec(int fd, bool on);
/* NULL with EBADF. */
struct file *descriptor_file(int fd);
struct file *file_new(enum file_kind);
/* Frees a number; what the last one of a file does is in file.c. */
void descriptor_close(int fd);
/* An operation does not hold it any more; `fd` was its number. */
void file_let_go(struct file *, int fd);
/* Those of the program. */
int descriptors_open(void);

/* What poll would say now. */
uint32_t file_poll(struct file *);
uint32_t file_normal(const struct file *, uint32_t events);
/* Something happened: all watches that ask for any of `events` (0: all watches) are told. */
void file_wake(struct file *, uint32_t events);

/* epoll.c */
void epolls_reset(void);
void epoll_forget_file(struct file *);
void epoll_close(struct file *);
uint32_t epoll_poll(struct file *);

/* kqueue.c */
void kqueues_reset(void);
void knotes_wake(struct file *, uint32_t events);
void knotes_acknowledged(struct file *);
void knotes_forget(const struct file *, int fd);

/* stream.c */
uint32_t stream_poll(struct peer *);
void stream_close(struct file *);
/* The connection ends with this error, to be told once; what the peer has not read is lost. */
void peer_fail(struct peer *, int error);
struct peer *stream_queued(void);
extern struct file *the_listener;

/* uring.c, uring_wait.c */
uint32_t uring_poll(const struct file *);
void uring_close(struct file *);
void urings_wake(const struct file *, uint32_t events);

/* iocp.c */
void ports_wake(const struct file *, uint32_t events);
void port_close(struct file *);

/* calls_events.c */
void timer_stop(struct file *);

/* pipe.c */
uint32_t pipe_poll(struct file *);
void pipe_close(struct file *);

#endif
