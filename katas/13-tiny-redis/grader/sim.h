/* SPDX-License-Identifier: MIT */
/* sim.h -- clients of the server in the simulated kernel, and the rules that it is held to. */
#ifndef SIM_H
#define SIM_H

#include <simkernel.h>

#include "tiny_redis.h"

/* Where a request ends in `asks`, and its answer in `answers`. */
struct ends {
    size_t asked, answered;
};

/* What one client is up to. */
struct client {
    struct peer *peer;
    char *asks, *answers; /* all that it sends, and all that is due for it */
    size_t asks_size, answers_size, room, answers_room;
    struct ends *requests;
    size_t count, requests_room;
    size_t done;     /* requests that are answered ... */
    const char *due; /* ... the answer that is being written, from where it is now; NULL: none is begun */
    size_t due_left; /* bytes of it */
    size_t answered; /* of `answers`, up to where answers were right or excused */
    size_t piece;    /* bytes sent at once, at most */
    bool in_step;    /* waits for the answers to what it has sent */
    bool ends;       /* half-closes when all is sent ... */
    bool ends_early; /* ... and not only when all is answered */
    bool quits;      /* the last request ends the connection: QUIT, or no request at all */
    bool resets;     /* once it has sent `resets_at` */
    size_t resets_at;
    bool at_once;                 /* connects, sends all and half-closes before the server can look */
    bool never_reads, reads_late; /* late: when all others are content */
    bool floods;                  /* sends whenever there is room, and takes every answer at once */
    uint64_t not_before_ms;       /* it sends nothing until then */
    bool let_go;                  /* closed by the server for want of memory */
    uint64_t value_size, counter; /* of its own keys */
    char value[4096];
};

struct story {
    struct client clients[MAX_PEERS];
    int count, listen_fd, stop_fd, stop_writer;
    bool memory;  /* answers may be -OOM */
    bool bounded; /* memory and what is read ahead are judged */
    bool turns;   /* so is whose turn it is */
    bool idle;    /* so are calls without work */
    bool ending;  /* so is what is left after the end */
    bool on_exec; /* so is FD_CLOEXEC, and nothing else */
    bool stop_comes_early, stopping, hung_up;
    int begin_error; /* of the call that fails before anything can be served */
    uint64_t stopped_at, excused, moved_ms, moved_calls;
};
extern struct story story;

/* sim_requests.c: adds requests with their answers. */
void ask(struct client *, const char *request, size_t size, const char *answer, size_t answer_size);
void ask_text(struct client *, const char *request, const char *answer);
void ask_words(struct client *, const char *answer, size_t answer_size, int count, ...); /* of (text, size) pairs */
void ask_any(struct client *, size_t most); /* one of many kinds; values of at most so many bytes */

/* sim_clients.c */
void clients_begin(void);
struct client *client_new(size_t in_bytes, size_t out_bytes);
/* One with small buffers that asks `count` things in small pieces. */
struct client *client_talker(unsigned count);
void clients_serve(void);
bool client_content(const struct client *);
size_t any_size(size_t most);

/* sim_rules.c */
void rule_wrote(struct peer *, const unsigned char *bytes, size_t size);
void rule_moved(struct peer *, size_t size, bool in);
void rule_closing(int fd, struct peer *);
void rule_sleeps(void);
void rule_stuck(void);
void rule_step(void);
void rule_returned(int result);
void rule_accepts_soon(void);
void rule_on_exec_only(void);

void life_listens(void); /* sim_listen.c */

#endif
