/* SPDX-License-Identifier: MIT */
/* iocp.h -- completion ports: packets that wait in them, and overlapped requests
 * from their call until their packet is taken. */
#ifndef IOCP_H
#define IOCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "../windows/windows.h"

#include "file.h"

enum { REQUESTS_MAX = 1024, PACKETS_MAX = 2048, PARTS_MAX = 16 };

/* As ntstatus.h has them. */
enum status {
    STATUS_OK = 0,
    STATUS_IO_TIMEOUT = 0xc00000b5u,
    STATUS_INSUFFICIENT_RESOURCES = 0xc000009au,
    STATUS_CANCELLED = 0xc0000120u,
    STATUS_CONNECTION_RESET = 0xc000020du,
    STATUS_HOST_UNREACHABLE = 0xc000023du,
    STATUS_CONNECTION_ABORTED = 0xc0000241u
};

enum request_kind { ACCEPT_EX, WSA_RECV, WSA_SEND };

struct request {
    bool used, over, woken; /* over: it has completed, and its packet waits; woken: it can go on */
    bool in_call;           /* the call that made it has not returned */
    enum request_kind kind;
    uint64_t serial;
    struct file *file;
    int fd, accepted;             /* handles: of the call, of AcceptEx's second socket */
    OVERLAPPED *overlapped, left; /* `left`: as the kernel left it */
    struct iovec parts[PARTS_MAX];
    int count;
    size_t size, done;
    unsigned char *handed_over; /* what its memory held when the kernel had it last */
};
extern struct request requests[REQUESTS_MAX], *requests_end; /* none is in use from there on */

/* What a handle of a socket's has beside its file; nobody has duplicates. */
struct winsock {
    struct file *port;
    ULONG_PTR key;
    bool overlapped, accept_context, skips_success, ends_later;
    bool broken; /* a send was cancelled: nobody knows how much of it is out, and no further one goes out */
};
struct winsock *winsock_of(int fd);

struct packet {
    struct file *port;
    bool late;               /* its request is over, and nobody is told yet */
    struct request *request; /* NULL: posted */
    OVERLAPPED_ENTRY entry;
};

/* iocp.c */
bool port_post(struct file *port, struct request *, OVERLAPPED_ENTRY);
/* The oldest is removed; its memory is the program's again. */
bool port_take(struct file *port, OVERLAPPED_ENTRY *);
bool port_wait(struct file *port, uint64_t deadline);

/* iocp_requests.c */
/* NULL: the kernel has no room for it. `parts` are copied. */
struct request *request_new(enum request_kind, int fd, OVERLAPPED *, const struct iovec *parts, int count);
/* `in_call`: nobody is told before request_tell(). */
void request_complete(struct request *, uint32_t status, size_t bytes);
void request_tell(struct request *);
void request_free(struct request *);
/* All that are under way, of this handle and this OVERLAPPED (NULL: of any). How many were cancelled. */
int requests_cancel(int fd, const OVERLAPPED *);
/* Lets those go on that were woken, all of them or some; true: there were any. */
bool requests_pump(bool all);
const char *request_name(enum request_kind);

/* iocp_transfer.c: once; what it leaves unfinished waits to be woken. */
void request_run(struct request *);

/* iocp_memory.c */
void request_hand_over(struct request *);
void request_judge(const struct request *);
void request_judge_memory(const struct request *);

/* iocp_errors.c: of errno, as calls answer it and as an OVERLAPPED has it; of a status, as GetLastError says it. */
DWORD winsock_error(int error);
uint32_t status_of(int error);
DWORD error_of_status(uint32_t status);
/* Sets the thread's last error. */
int winsock_refuse(DWORD error);
BOOL windows_refuse(DWORD error);

#endif
