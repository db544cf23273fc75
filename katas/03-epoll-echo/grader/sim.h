/* SPDX-License-Identifier: MIT */
/* sim.h -- clients of the echo server in the simulated kernel, and the rules
 * that the server is held to. */
#ifndef SIM_H
#define SIM_H

#include <simkernel.h>

/* Not "echo.h": that of the kata at hand comes first, where it has one. */
#include <echo.h>

/* What one client is up to. Sizes are bytes. */
struct client {
    struct peer *peer;
    uint64_t wants;    /* to send, in all */
    size_t piece;      /* at most, at once */
    bool in_step;      /* waits for its answer before it sends more */
    bool ends;         /* half-closes when all is sent ... */
    bool ends_early;   /* ... and not only when all has come back */
    bool at_once;      /* connects, sends all and half-closes, before the server can look */
    bool together;     /* connects with all others of this kind, before the server can look */
    unsigned every_ms; /* sends one byte more so often: the server is never without an event for long */
    bool resets;       /* once it has sent `resets_at` */
    uint64_t resets_at;
    bool ends_first;        /* half-closes before it resets */
    bool reads_late;        /* only when no other client has anything left to do ... */
    uint64_t away_until_ms; /* ... and not before */
    bool never_reads;
    bool floods;          /* whenever there is room, and takes every answer at once */
    bool never_ends;      /* whatever it is about: from the stop on it floods */
    int lost_by;          /* instead of a reset: the errno by which the network gives up */
    uint64_t comes_after; /* client 1 has sent so much */
    bool let_go;          /* closed by the server for want of memory */
    uint64_t held_most;   /* of its bytes, once they were more than the server may hold ... */
    uint64_t held_until;  /* ... which is known for sure when so many have come back */
    struct {              /* what others got while this one could have been served, and was not */
        enum connection_state as;
        uint64_t bytes, calls;
    } passed;
};

/* What is judged in this life beyond what always is. */
struct judged {
    bool echo_alone; /* the life ends when all have what they want */
    bool edges;      /* EPOLLET on every connection */
    bool on_exec;    /* FD_CLOEXEC on every descriptor of the server's */
    bool turns;      /* no connection is starved */
    bool after_stop; /* descriptors and memory given back */
    bool stop_comes_early;
    bool twice; /* the same listener is served again, for clients that had not been accepted */
};

/* sim_interface.c, of which each kata on these drivers has one of its own: the calls
 * that make an interest list and fill it, and world_scenarios. */
struct interface {
    const char *make, *watch;
    int watch_errno;                /* of one entry too many */
    const char *stop;               /* what is told of the stop, where it is no descriptor; else NULL */
    const struct world_rule *words; /* in place of the rules with the same names, up to {0}; or NULL */
};
extern const struct interface interface;

/* sim_rules.c: the rule, in the words of this interface. */
const struct world_rule *in_words(const struct world_rule *);
#define world_fail(rule, ...) world_fail(in_words(rule), __VA_ARGS__)

/* The life at hand; clients_begin() clears it. */
struct story {
    struct client clients[MAX_PEERS];
    int count;
    struct judged judged;
    int listen_fd, stop_fd, stop_writer;
    bool without_input;       /* 0 is free when echo_serve is called */
    uint64_t input_closes_at; /* of its calls: from then on 0 is a number like any other; 0: never */
    bool stopping;
    bool hung_up;        /* the stop: the other end of stop_fd was closed, and nothing written */
    uint64_t stopped_at; /* of its calls */
    int begin_error;     /* of the call that fails before anything can be served; 0: none does */
    uint64_t excused;    /* connections closed for want of memory */
};
extern struct story story;

/* sim_clients.c */
void clients_begin(void);
struct client *client_new(size_t in_bytes, size_t out_bytes);
/* Listens, serves with these clients until all have what they want, stops. */
void clients_serve(void);
/* Has it send a byte every so many ms, once it is accepted, for two seconds. */
void client_ticks(struct client *, unsigned every_ms);
/* One with small buffers that sends small pieces, up to `most` bytes in all: edges and short writes in plenty. */
struct client *client_talker(size_t most);
/* A size from 1 to `most`, small ones as likely as large ones. */
size_t any_size(size_t most);
/* Byte `at` and what follows of a client's stream. */
const unsigned char *stream_at(int client, uint64_t at, size_t *run);

/* sim_scenarios.c, sim_listen.c, sim_quiet.c */
void life_one(void);
void life_listens(void);
void life_crowd(void);
void life_bytes(void);
void life_endings(void);
void life_resets(void);
void life_slow(void);
void life_flood(void);
void life_interrupts(void);
void life_few_descriptors(void);
void life_stop(void);
void life_memory(void);
void life_quiet(void);
void life_edges(void);
void life_on_exec(void);
void life_mixed(void);
/* Those of every interface. */
#define ECHO_SCENARIOS                                                                                                 \
    {"one", life_one}, {"listens", life_listens}, {"crowd", life_crowd}, {"bytes", life_bytes},                        \
        {"endings", life_endings}, {"resets", life_resets}, {"slow", life_slow}, {"flood", life_flood},                \
        {"interrupts", life_interrupts}, {"few_descriptors", life_few_descriptors}, {"stop", life_stop},               \
        {"memory", life_memory}, {"on_exec", life_on_exec}, {"quiet", life_quiet}, {                                   \
        "mixed", life_mixed                                                                                            \
    }

/* sim_bytes.c */
void rule_wrote(struct peer *, const unsigned char *bytes, size_t size);
void rule_held(struct client *);

/* sim_turns.c: `size` bytes were read; NULL: epoll_wait has returned. */
void rule_turn(struct peer *, size_t size);

/* sim_rules.c */
void rule_moved(struct peer *, size_t size, bool in);
void rule_closing(int fd, struct peer *);
void rule_sleeps(void);
void rule_stuck(void);
void rule_returned(int result);
/* In this life nothing is judged but EPOLLET on every connection, or FD_CLOEXEC on
 * every descriptor. */
void rule_edges_only(void);
void rule_on_exec_only(void);
/* Of `listen_fd`, right after echo_listen. */
void rule_listener_on_exec(int listen_fd);
void rule_stops_soon(void);
void rule_accepts_soon(void);
/* Has this client got all it is due? */
bool client_content(const struct client *);

#endif
