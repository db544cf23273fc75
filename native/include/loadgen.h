/* SPDX-License-Identifier: MIT */
/* loadgen.h -- many TCP clients of an echo server on loopback, in one process.
 *
 * Every client has a byte stream of its own, sends pieces of it and compares
 * what comes back byte by byte. A run gives each client some work and ends
 * when all is done, or when nothing moves any more: it always ends by itself.
 * Nothing here judges; a report says what happened, and to whom first.
 *
 * Clients leave with a reset (SO_LINGER 0), also when the process is killed,
 * so that no port stays in TIME_WAIT; those that close their sending half
 * first cannot. Each 8,000 clients have an address of 127.0.0.0/8 of their own,
 * drawn from the process id: neither ports nor the last run are in the way.
 *
 * One thread calls; load_run starts threads of its own and ends them. */
#ifndef C10KATA_LOADGEN_H
#define C10KATA_LOADGEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "histogram.h"

enum client_end {
    CLIENT_STAYS,       /* all came back; the connection stays open */
    CLIENT_HALF_CLOSES, /* closes its sending half after the last byte, and reads to the end */
    CLIENT_RESETS,      /* is done once half came back, and resets the connection */
    CLIENT_NEVER_READS, /* sends what it can while the others work; reads nothing; nobody waits for it */
};

struct client_work {
    uint64_t bytes;   /* to send in this run; 0: silent */
    uint32_t message; /* bytes; `bytes` is a multiple of it */
    uint32_t window;  /* bytes sent and not come back yet, at most. As large as a message: one at a time */
    uint32_t sip;     /* a slow reader takes so many bytes each millisecond; 0: all at once */
    enum client_end end;
};

struct load_pace {
    unsigned threads;
    /* Messages per second of all clients together, sent when they are due
     * whatever has come back (open loop); latency counts from then, so that a
     * server that stops for a while is charged for all who would have come
     * (no coordinated omission). 0: the next message follows the last one's
     * echo (closed loop), and latency counts from its sending. */
    double rate;
    /* With one thread: the server's process is stopped until each client has sent what it may send at first. It finds
     * all of that at once, however the machine divides its time. Interruptible calls of the server's end with EINTR. */
    bool held;
};

/* The first client to which something happened, and where in its stream. */
struct load_witness {
    uint64_t clients; /* to so many */
    uint64_t client, at;
    uint64_t expected, seen; /* bytes, or byte values */
};

struct load_report {
    uint64_t clients;             /* that had work */
    uint64_t messages, bytes;     /* that came back whole */
    uint64_t ns;                  /* from the first send to the last echo */
    struct load_witness wrong;    /* a byte that is not the stream's, or that nobody sent */
    struct load_witness cut;      /* the connection ended before all had come back; seen: bytes */
    struct load_witness unended;  /* half-closed, all came back, and no end of file */
    struct load_witness unserved; /* bytes are missing and nothing moves; seen: bytes */
    struct histogram latency_ns;
};

struct load;

/* Clients for the server at `server`, which runs in process `server_pid`: that
 * it sleeps tells a stuck server from a slow one. NULL: no memory. */
struct load *load_new(size_t clients, struct sockaddr_in server, pid_t server_pid, uint64_t seed);

/* `count` clients from `first` on will connect as over a slow line: with small
 * segments and a small receive buffer, so that the server's send buffer fills
 * up after some ten KiB and not after megabytes, as it does on loopback. */
void load_narrow(struct load *, size_t first, size_t count);

/* Connects clients up to number `upto` in batches that the listener's queue
 * holds, each greeting with `greeting` bytes and waiting for them: so all have
 * been accepted. Answers how many are connected. `refused` is the first errno,
 * 0 if none. Adds to the report. */
size_t load_connect(struct load *, size_t upto, uint32_t greeting, int *refused, struct load_report *);

/* Gives work to `count` clients from `first` on, for the next run only. */
void load_give(struct load *, size_t first, size_t count, struct client_work);

/* Runs until all work is done or nothing moves. Adds to the report. */
void load_run(struct load *, struct load_pace, struct load_report *);

/* How many of the clients are connected, with nothing to read. */
size_t load_open(const struct load *);

/* Resets the connections of `count` clients from `first` on. */
void load_leave(struct load *, size_t first, size_t count);

/* Resets all, and frees. */
void load_free(struct load *);

#endif
