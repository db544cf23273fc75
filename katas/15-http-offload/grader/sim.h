/* SPDX-License-Identifier: MIT */
/* sim.h -- clients of an HTTP server in the simulated kernel, its handlers, and the
 * rules that the server is held to. */
#ifndef SIM_H
#define SIM_H

#include <simkernel.h>

#include "http_offload.h"

enum { CLIENTS_MAX = 12, REQUESTS_MAX = 96, TEXT_MAX = 1 << 14, HEAD_MAX = 1024 };
/* How late the server may be, and how early, since its clock is read now and then. */
enum { SLACK_MS = 250, EARLY_MS = 5 };

/* One request, its handler and its answer. */
struct request {
    int client, number;
    size_t begins, ends; /* in its client's bytes */
    bool bad, closes;    /* is refused with 400; says Connection: close */
    bool expects;        /* 100-continue ... */
    bool waits;          /* ... and its client sends the body only then */
    size_t body_begins;
    size_t head_came_with; /* bytes of the body that the read which brought the end of the head brought, too */
    bool is_post;
    unsigned ms; /* that its handler takes */
    bool held;   /* its handler ends when the driver says so */
    size_t answer_size;
    unsigned char *answer;
    uint64_t read_began_ms; /* the server has read its first byte; 0: it has not */
    uint64_t complete_ms;   /* and its last */
    uint64_t until_ms;      /* its handler's end */
    bool begun, returned, invited;
    unsigned released;
    int status; /* of its answer, once that is whole; else 0 */
};

struct client {
    struct peer *peer;
    char *text;
    size_t length, stops_at; /* of its bytes; how many of them it sends */
    struct request requests[REQUESTS_MAX];
    int count, answered; /* requests; whole answers */
    size_t piece;        /* at most, at once */
    bool ends;           /* half-closes when all is sent */
    bool resets;         /* once it has sent `resets_at` bytes */
    size_t resets_at;
    bool never_reads, in_step;
    unsigned sips_ms, drips_ms; /* reads, or sends, a byte so often ... */
    size_t drips_from;          /* ... those before this one at once */
    bool talks_on;              /* sends, and does not end, also after its last answer */
    bool sip, drip;
    bool let_go;          /* closed by the server, and rightly */
    bool waits;           /* for all others to be content */
    bool ended_by_server; /* an answer said close ... */
    uint64_t last_ms;     /* ... and was whole then */
    uint64_t moved_ms;    /* when a byte last went either way */
    uint64_t moved_turn;  /* and in which of the loop's turns */
    /* The answer that is being written. */
    char head[HEAD_MAX];
    size_t head_size, body_seen, body_size;
    bool in_body, head_closes;
    int head_status;
    size_t read_at_stop, read_after_stop; /* by the server: when stop_fd became readable; when it had to know */
};

/* Seconds in which nobody asks for anything: not in this life, still to come, now. */
enum quiet { NO_QUIET, QUIET_TO_COME, QUIET };

struct story {
    struct client clients[CLIENTS_MAX];
    int count;
    struct http_limits limits;
    int listen_fd, stop_fd, stop_writer;
    bool serving, stopping, stop_comes_early, stop_when_busy, may_be_full, may_lack_memory, answer_alone, one_by_one;
    int error_due;                   /* what http_serve answers instead of 0 */
    int running, descriptors, waits; /* waits: for events, that have returned since the stop */
    uint64_t stopped_ms, opened_ms;
    enum quiet quiet;
    uint64_t slept_before;                 /* by workers, when the quiet began */
    uint64_t turns, refused, refused_turn; /* the loop's; allocations that were refused, and when the last one was */
    uint64_t lost;                         /* requests and connections, for want of memory */
    bool listener_waits;                   /* descriptors are there again since opened_ms */
    bool letting_go;                       /* a handler that is held ends soon */
};
extern struct story story;

/* sim_clients.c */
void clients_begin(void);
struct client *client_new(size_t in_bytes, size_t out_bytes);
void clients_serve(void);
bool client_content(const struct client *);
bool client_gone(const struct client *);
size_t any_size(size_t most);
bool something_happens(void);
void story_stop(void);

/* sim_requests.c: what a client sends. */
struct request *add_get(struct client *);
struct request *add_post(struct client *, size_t body);
struct request *add_chunked(struct client *, size_t body);
struct request *add_expecting(struct client *, size_t body);
struct request *add_bad(struct client *);
struct request *add_closing(struct client *);

/* sim_handler.c */
void handler(const struct http_request *, struct http_response *, void *world);
int handlers_held(void);
/* One of those that are held ends, after a while in which nothing else happens. */
void handler_let_go(void);
unsigned char answer_byte(const struct request *, size_t at);

/* sim_answers.c */
void rule_wrote(struct peer *, const unsigned char *bytes, size_t size);

/* sim_memory.c */
void memory_turn(void);
/* Lost for want of memory, and rightly: this connection, or its request. */
bool memory_excuses(const struct client *);
extern const struct world_rule costs_one;
/* How many allocations were refused, and what they have cost. */
const char *memory_told(void);

/* sim_quiet.c */
void quiet_begins(void);

/* sim_rules.c */
int owed(const struct client *);
void rule_moved(struct peer *, size_t size, bool in);
void rule_closing(int fd, struct peer *);
void rule_sleeps(void);
/* All have slept for a while. */
void rule_workers(void);
void rule_stuck(void);
void rule_returned(int answer);
extern const struct world_rule in_order, loop_waits, released_once, times, queue_bound, stop_rule, harm;

#endif
