/* SPDX-License-Identifier: MIT */
/* network.h -- scenarios on real sockets: two processes and what they share.
 *
 * The guest's own process is the server, on its main thread, so that a crash
 * or a deadline shows the learner's stack. The clients are a child, forked
 * before there is any thread, which lives in the same process group and dies
 * with its parent. The child tells facts through shared memory; the parent
 * sends them as evidence when echo_serve has returned and the child is gone. */
#ifndef C10KATA_NETWORK_H
#define C10KATA_NETWORK_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loadgen.h"

#define FACTS_MAX 32
#define FACT_VALUES 32

/* What the learner's calls are counted as, in the stress build. */
enum call_kind { CALLS_DATA, CALLS_WAIT, CALLS_OTHER, CALL_KINDS };

/* `steps` are those of the thread that waits for events, when it last began to;
 * the stress build's, see pace.h. */
struct counted {
    _Atomic uint64_t calls[CALL_KINDS], steps;
};

/* A fact becomes a series of evidence. */
struct fact {
    const char *name; /* a literal: both processes have it at the same place */
    uint64_t values[FACT_VALUES];
    size_t length;
};

struct network {
    struct counted counted;
    struct sockaddr_in server, second; /* the second one is there in network_play_two() */
    pid_t server_pid;
    uint64_t seed;
    uint64_t descriptors; /* that each of the two processes may open besides its own */
    size_t facts;
    struct fact fact[FACTS_MAX];
    const char *latency_name; /* NULL: nothing was told of it */
    struct histogram latency_ns;
};

/* Runs the learner's server against `clients`, which is called in the child
 * and returns when it is done; then the server is stopped. Sends everything
 * told, and of itself: `served`, `second_listener` (what echo_serve answered,
 * and echo_listen at a port that is taken), `descriptors` before and after,
 * `limit` (RLIMIT_NOFILE). */
void network_play(uint64_t seed, void (*clients)(struct network *));

/* The same against two servers at once: the second one runs on a thread of its
 * own in the same process. `second_served` is what its echo_serve answered. */
void network_play_two(uint64_t seed, void (*clients)(struct network *));

/* A listener of the learner's on the loopback, and where it is. Without one there is nothing to try. */
int network_listen(struct sockaddr_in *);

/* While the learner's code runs, the process's memory is no file: a ring could open it, whatever calls are allowed. */
void hide_memory(bool hidden);

/* As evidence, what was told. */
void send_facts(const struct network *);

/* For `clients`. */
void tell(struct network *, const char *name, const uint64_t *values, size_t length);
void tell_report(struct network *, const char *name, const struct load_report *);
/* How often each latency was met: the bins of histogram.h, up to the last that is not empty. Once. */
void tell_latency(struct network *, const char *name, const struct histogram *latency_ns);
/* Memory, threads, CPU time and calls of the server at this moment. */
void tell_server(struct network *, const char *name);

/* Counts one call of the learner's. */
void network_count(enum call_kind);
/* The learner's thread is about to wait: one call more, and its steps so far. */
void network_waits(void);
/* Where to: memory that both processes see. */
void network_count_into(struct counted *);

/* The scenarios. */
void one_byte(uint64_t seed);
void held(uint64_t seed);
void unusual(uint64_t seed);
void message_cost(uint64_t seed);
void two_servers(uint64_t seed);
void bench(uint64_t seed);
void compare(uint64_t seed);

#endif
