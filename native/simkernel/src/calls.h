/* SPDX-License-Identifier: MIT */
/* calls.h -- what every system call of the server's begins and ends with. */
#ifndef CALLS_H
#define CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "file.h"

/* The place in the learner's code that called, and where its frame ends: only directly in a sim_ function. */
#define CALLER() called_from(__builtin_return_address(0), __builtin_frame_address(0))
uint32_t called_from(const void *return_address, const void *frame);
uint32_t caller_of(const void *return_address);
/* Does it lie on the stack, in the frame of a function that has returned? */
bool returned_frame_has(const void *at);

/* Clients act, time passes, endless loops end here. */
void call_begin(const char *name, uint32_t caller);
/* One step of the trace: "read(7, 4096)" and " = 12" or " = -1 EAGAIN". */
long call_end(long answer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is this call interrupted by a signal, or made to fail? Then errno is set. */
bool interrupted(void);
bool made_to_fail(const char *name);

/* A call that would wait: the server sleeps, and with it everybody. */
_Noreturn void would_block(const char *what, int fd);
/* An option or a flag of which nothing is known here: the life ends, and says so. */
_Noreturn void not_modelled(const char *call, const char *what);
/* What a program does to a descriptor that is not open, or not its own. */
struct file *known_file(int fd, const char *what);

extern uint64_t last_progress; /* when, by clock_now */

/* What the caller's own descriptors must not suffer. */
extern const struct world_rule callers_own;

/* epoll.c */
int epoll_change(int epoll_fd, int op, int fd, struct epoll_event *);
int epoll_sleep(struct file *, struct epoll_event *, int most, int timeout_ms);
/* Nothing is ready: a client acts, or time passes. False: the time is up. */
bool sleep_until(uint64_t deadline);
/* " [6 in out, 3 in]": what the last wait answered, for the trace. */
void tell_nothing(void);
void tell_ready(int fd, uint32_t now);
const char *events_told(void);

/* calls_*.c: what other interfaces to the same files ask for; -1 and errno. */
ssize_t file_read(struct file *, unsigned char *bytes, size_t size, int flags);
ssize_t file_write(struct file *, const unsigned char *bytes, size_t size, int flags);
/* EAGAIN: the queue is empty. */
int accept_now(struct file *listener, const char *call, int flags);
void client_address(struct sockaddr *, socklen_t *);
int bind_to(int fd, const struct sockaddr_in *);
int start_listening(int fd, int backlog);
int name_of(int fd, struct sockaddr *, socklen_t *, bool own);
/* NULL with EBADF or ENOTSOCK: what calls of sockets do to another kind of file is not worth a verdict of its own. */
struct file *socket_of(int fd, const char *call);
int shut(struct file *, int fd, int how);
int close_one(int fd);

/* life.c: has the program printed more than anybody reads? */
void life_judge_printed(void);

/* uring*.c */
void urings_reset(void);
void urings_between_calls(void);
/* Memory that is freed, and may be the kernel's. */
void urings_judge_free(const void *at, size_t size);
int urings_mapped(void);

/* iocp*.c: as urings*. */
void ports_reset(void);
void ports_between_calls(void);
void ports_judge_free(const void *at, size_t size);

/* stream.c, pipe.c: bytes, or -1 and errno; EAGAIN means that it would wait. */
/* `flags`: MSG_PEEK leaves the bytes where they are, MSG_TRUNC copies none. */
ssize_t stream_read(struct peer *, unsigned char *bytes, size_t size, int flags);
/* `flags`: MSG_NOSIGNAL, MSG_MORE. */
ssize_t stream_write(struct peer *, const unsigned char *bytes, size_t size, int flags);
void stream_low_water(struct peer *, size_t bytes);
void stream_cork(struct peer *, bool on);
ssize_t pipe_read(struct pipe *, unsigned char *bytes, size_t size);
ssize_t pipe_write(struct pipe *, const unsigned char *bytes, size_t size);
/* `call`: NULL for the driver's; `flags`: pipe2's. */
int pipe_new(int ends[2], const char *call, int flags);
ssize_t stream_to_pipe(struct peer *, struct pipe *, size_t size);
ssize_t pipe_to_stream(struct pipe *, struct peer *, size_t size, int flags);

/* signals.c */
void signals_reset(void);
void signal_pipe(void); /* SIGPIPE arrives */

/* heap.c */
void heap_begin(void);
void heap_end(void);
/* Whole pages, as mmap gives them. */
void *heap_pages(size_t size);
void sim_free(void *);

/* statics.c */
void statics_save(void);
void statics_restore(void);
bool statics_mention(bool (*visit)(const void *pointer));

#endif
