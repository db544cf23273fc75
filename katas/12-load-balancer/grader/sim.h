/* SPDX-License-Identifier: MIT */
/* sim.h -- clients and backends of a proxy in the simulated kernel, and the rules that it
 * is held to. */
#ifndef SIM_H
#define SIM_H

#include <simkernel.h>

#include "proxy.h"

enum { BACKENDS = 3, ADDRESS = 0x0a000001, PORT = 7000, CLIENT_ADDRESS = 0x7f000001 };

/* What becomes of a connect. */
enum fate { ANSWERS, REFUSES, SILENT };

/* A client, or a backend's end of one connection. Sizes are bytes. */
struct side {
    struct peer *peer;
    struct side *other;   /* with whom it is joined; NULL: nobody knows yet */
    int backend;          /* its index; -1: a client */
    enum fate fate;       /* of the connect to a backend */
    int error;            /* by which it is refused */
    uint64_t called_ms;   /* when it was connected to ... */
    uint64_t answers_ms;  /* ... when it answers, at the earliest ... */
    uint64_t answered_ms; /* ... and when it did; 0: it has not */
    uint64_t wants;       /* to send, in all */
    size_t piece;         /* at most, at once */
    bool ends;            /* its stream, when all is sent ... */
    bool ends_late;       /* ... and not before the other one's end has come */
    bool at_once;         /* sends all and ends, before the proxy can look */
    bool resets;          /* once it has sent `resets_at`, its end counted as one byte */
    uint64_t resets_at;
    int lost_by;     /* instead of a reset: the errno by which the network gives up */
    bool reads_late; /* only when nobody else has anything left to do */
    bool never_reads;
    unsigned rests;                   /* so many times, after it has sent or received ... */
    uint64_t rest_ms, rests_until_ms; /* ... it does nothing for so long */
    bool floods;                      /* whenever there is room, and takes everything at once */
    bool failed;                      /* the connect, or the connection */
    bool let_go;                      /* may be closed, for want of memory or descriptors */
    bool closed;                      /* before the stop */
    bool blamed; /* its client was reset for it, though nobody could know that the two were joined */
};

/* Of each backend, what the balancer was asked and told. */
struct told {
    int picks, ended, failures, connects;
    int unreachable; /* connects for which there was no way */
    int row;         /* failures in a row */
    bool out;
};

struct story {
    struct side sides[MAX_PEERS];
    int count, clients;
    struct told told[BACKENDS];
    int nobody, turned_away; /* picks of -1, and connects that came to nothing late; clients that were reset for it */
    void (*plan)(struct side *); /* what a backend that is connected to is about */
    unsigned unreachable;        /* one connect in so many */
    bool down;                   /* every backend, for the balancer */
    uint64_t timeout_ms;
    int listen_fd, stop_fd, stop_writer;
    /* What is judged beyond what always is. */
    bool one_alone;        /* the life ends when all have what they want */
    bool turns;            /* no pair is starved */
    bool on_exec;          /* FD_CLOEXEC on every descriptor of the proxy's */
    bool after_stop;       /* descriptors and memory given back */
    bool twice;            /* then the same listener is served again */
    bool stop_comes_early; /* whatever the clients do */
    bool without_input;    /* descriptor 0 is free */
    bool squeezed;         /* there was no descriptor left, at some time */
    bool stopping, hung_up;
    uint64_t stopped_at; /* of its calls */
    int begin_error;     /* of the call that fails before anything can be served; 0: none does */
    unsigned excused;    /* pairs let go for want of memory */
};
extern struct story story;

/* sim_sides.c */
void sides_begin(void);
struct side *client_new(size_t in_bytes, size_t out_bytes);
/* Small buffers, small pieces, up to `most` bytes in all. */
struct side *client_talker(size_t most);
void side_talks(struct side *, size_t most);
size_t any_size(size_t most);
/* In so many ms, this side may be able to go on. */
void goes_on_in(struct side *, uint64_t ms);
/* For so many ms it neither sends nor receives. */
void side_rests(struct side *, uint64_t ms);
bool anybody_rests(void);
unsigned char stream_byte(int number, uint64_t at);
void join(struct side *client, struct side *backend);
/* Serves until all have what they want, then stops. */
void sides_serve(void);

/* sim_balancer.c */
/* Failures of a backend that may have been told by now, and those that must have been. */
int failures_possible(int backend);
int failures_certain(int backend);
void rule_told(void);
struct peer *rule_connecting(uint32_t address, uint16_t port);

/* sim_bytes.c */
void rule_wrote(struct peer *, const unsigned char *bytes, size_t size);
void rule_moved(struct peer *, size_t size, bool in);

/* sim_ends.c */
/* Nobody has answered a connect in its time, or so late that the proxy need not know. */
bool is_too_late(const struct side *);
/* Is everything passed on to this side, and read from it, after both have ended? */
bool is_finished(const struct side *);
/* Its connection has failed, and not after both sides had ended: then nobody need notice. */
bool has_failed(const struct side *);
void rule_closing(int fd, struct peer *);
void rule_ends(void);

/* sim_rules.c */
/* Is there something that the proxy has to do for this side? `tell`: fails then. */
bool is_owed(struct side *, bool tell);
void rule_step(void);
void rule_sleeps(void);
void rule_stuck(void);
void rule_returned(int result);
void rule_on_exec_only(void);
void rule_accepts_soon(void);
void rule_connect_in_time(struct side *);

static inline struct side *side_of(const struct peer *p) {
    return &story.sides[p->number - 1];
}

static inline bool is_client(const struct side *s) {
    return s->backend < 0;
}

/* For a column's head in a sentence: "client 1", "backend 0 (connection 4)" is too long: its number tells. */
static inline const char *kind(const struct side *s) {
    return is_client(s) ? "client" : "backend";
}

#endif
