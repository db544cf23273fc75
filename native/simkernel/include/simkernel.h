/* SPDX-License-Identifier: MIT */
/* simkernel.h -- what a driver of the simulated kernel defines, and what it
 * may ask for.
 *
 * The program under test makes its system calls as ever; the build has renamed
 * them to sim_read, sim_epoll_wait and so on (src/calls_*.c). A scenario is one
 * whole life of the program: it opens descriptors, calls the code under test,
 * and lets clients act whenever one of its hooks is called. All happens on one
 * stack, in virtual time, and every choice comes from world_choose(): a seed is
 * a life. */
#ifndef C10KATA_SIMKERNEL_H
#define C10KATA_SIMKERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world_scenario {
    const char *name;
    void (*run)(void);
};

/* Ended by an entry without a name; the driver's. */
extern const struct world_scenario world_scenarios[];

/* A number in [0, options); 0 is the plain way, failures shrink towards it. */
unsigned world_choose(unsigned options);
/* Once in `n` times, and never in a life shrunk to the plainest. */
bool world_one_in(unsigned n);

/* What a rule that was broken looks like to a learner. `rule` names it for the
 * shrinker: a simpler life counts if it breaks the same one. */
struct world_rule {
    const char *rule, *expected, *look_at;
};

/* Ends the life. The message says what was seen, values first. */
_Noreturn void world_fail(const struct world_rule *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, about the `client`'s column of the trace (0: the server's). */
_Noreturn void world_fail_at(int client, const struct world_rule *, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* In this life no other rule is judged: where another one is broken, the life
 * ends as if nothing were, since another scenario judges it. */
void world_judge_only(const struct world_rule *);

/* Ends the life here; nothing was broken. */
_Noreturn void world_leave(void);

/* Adds a step to a client's column. */
void world_tell(int client, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes on their way; `bytes` wraps around. */
enum { RING_BYTES = 1 << 19 };
struct ring {
    size_t size, used, at;
    unsigned char *bytes;
};

/* CONNECTING: by the program, and nobody has answered yet. CLOSED: by the program, or it could not be made. */
enum connection_state { UNBORN, QUEUED, ACCEPTED, CLOSED, CONNECTING };

/* SO_LINGER: off; with 0 seconds; with more. */
enum closing { CLOSE_ENDS, CLOSE_RESETS, CLOSE_WAITS };

/* EISCONN; once that it is made, or why it is not; EINVAL, as after a shutdown of one that had failed. */
enum telling { TOLD, UNTOLD, NEVER_TOLD };

/* One connection, seen from the client's end. Counters only grow. */
struct peer {
    int number;                  /* from 1: its column */
    enum connection_state state; /* CLOSED: by the server */
    int fd;                      /* the server's newest descriptor for it, or -1 */
    struct ring in, out;         /* the server's receive and send buffers */
    uint64_t sent;               /* bytes that arrived in `in` */
    uint64_t read;               /* of them, taken out by the server, by any call */
    uint64_t echoed;             /* bytes that the server has written, by any call */
    uint64_t received;           /* of them, taken by the client */
    uint64_t user_in, user_out;  /* of read and echoed, those that passed through user space */
    bool fin, rst;               /* the client's: no more bytes; connection reset */
    bool server_fin, server_rst; /* the server's */
    bool server_unread;          /* it has shut its reading side: SHUT_RD */
    enum closing server_closing; /* what its close will be: SO_LINGER */
    size_t low_water;            /* SO_RCVLOWAT: epoll does not report fewer bytes */
    bool corked;                 /* TCP_CORK: every write as if with MSG_MORE */
    size_t held_back;            /* at the end of `out`: not sent before there is more (MSG_MORE) */
    bool edge_triggered;         /* the last watch had EPOLLET, or there was none */
    bool nospace;                /* the server was told that `out` is full */
    uint64_t short_at;           /* `echoed` plus 1 when a write was last short, or refused; 0: never */
    enum telling telling;        /* what the next connect says of it */
    bool lost_in_the_queue;      /* accept answered an error of the network, and no descriptor */
    int error;                   /* to be told by the next call, once */
    uint64_t ready_since;        /* call number since when bytes wait in `in`; 0: none do */
    struct file *file;
};

enum { MAX_PEERS = 24 };
extern struct peer world_peers[MAX_PEERS];

/* Called by the kernel. */
struct world_hooks {
    void (*step)(void);  /* before each of the server's calls: clients may act */
    bool (*idle)(void);  /* the server sleeps and nothing is ready. Something happened: true */
    void (*stuck)(void); /* and nothing ever will, or nothing has for 5 s */
    void (*wrote)(struct peer *, const unsigned char *bytes, size_t size); /* before `echoed` grows */
    void (*moved)(struct peer *, size_t size, bool in); /* after a call that moved bytes, or tried to */
    void (*closing)(int fd, struct peer *);             /* the last descriptor; NULL: no connection's */
    /* A ring is closed while operations are under way, or completions were not taken. May be NULL. */
    void (*ring_closing)(unsigned under_way, unsigned not_taken);
    /* The program connects: the peer that it gets, whom somebody answers later; or NULL, if there is no way
     * to that address: ENETUNREACH. May be NULL: there is no way to any. */
    struct peer *(*connecting)(uint32_t address, uint16_t port);
};
extern struct world_hooks world_hooks;

/* The sizes of the two buffers at the server; before the client connects. */
struct peer *world_peer(int number, size_t in_bytes, size_t out_bytes);

/* The clients' actions; each is a step in its column. */
bool peer_may_connect(void); /* there is a listener, and its queue has room */
void peer_connect(struct peer *);
/* What becomes of one that is CONNECTING: it is made, or it fails: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH. */
void peer_answer(struct peer *);
void peer_refuse(struct peer *, int error);
void peer_send(struct peer *, const unsigned char *bytes, size_t size); /* at most the room in `in` */
void peer_receive(struct peer *, size_t size);                          /* at most what has arrived */
size_t peer_arrived(const struct peer *);                               /* of `out`, what is not held back */
void peer_half_close(struct peer *);
void peer_reset(struct peer *);
/* The network gives up: the server's kernel ends the connection, with ETIMEDOUT
 * or whatever a router said. */
void peer_vanish(struct peer *, int error);

/* Descriptors of the driver's own, which the program must neither read nor close. */
int world_event(void);       /* an eventfd */
int world_pipe(int *writer); /* a pipe's reading end */
void world_raise(int fd);    /* makes an event, or a pipe by its writer, readable */
void world_guard(int fd, const char *name);
void world_release(int fd);   /* closes one of the driver's: a pipe's writer hangs up */
void world_lower(int fd);     /* takes all there is from an event, or from a pipe by its reader */
void world_fill(int fd);      /* leaves no room in an event, or in a pipe by its writer */
uint32_t world_ready(int fd); /* what poll would say: EPOLLIN and so on */

/* A completion port for the program, which stays the driver's. */
int world_port(void);
/* Is this socket associated with it, and with which key? */
bool world_associated(int fd, int port, uintptr_t *key);
/* Once, as soon as `fd` is readable or its other end closed: a packet without an OVERLAPPED. */
void world_post_when_ready(int fd, int port, uintptr_t key);
int world_packets_waiting(int port);
/* Packets with this key that nobody has taken are gone, and none is posted later. */
void world_take_back(int port, uintptr_t key);
int world_requests(void); /* overlapped, and under way */

int world_open_descriptors(void);
/* One of the program's that is not FD_CLOEXEC, and the call that made it, where a
 * failure that is told next is shown; -1: none. */
int world_inherited(const char **call);
struct listener_facts {
    bool open, listening, nonblocking, reuse, share;
    char address[16];
    uint16_t port;
    int backlog;
};
struct listener_facts world_listener(int fd);

/* Faults, as from now on. */
struct world_faults {
    unsigned interrupts;       /* one call in so many is interrupted; 0: none */
    unsigned signals;          /* so many of the next calls that would sleep are */
    int descriptors;           /* free for the program; counts down and up */
    int first_descriptor;      /* the lowest number that is given out: others in the process have those below */
    int full_errno;            /* what accept says when none is: EMFILE (0) or ENFILE */
    unsigned accept_failures;  /* one accept in so many finds no kernel memory */
    unsigned network_errors;   /* one accept in so many answers an error of the connection's, which is gone */
    unsigned refused_memory;   /* one allocation in so many; 0: none */
    unsigned refused_watches;  /* one connection in so many cannot be watched: counted as refused memory */
    const char *failing_call;  /* a call of this name fails ... */
    unsigned failing_after;    /* ... after so many that go well ... */
    int failing_errno;         /* ... with this; epoll_ctl: one that adds anything but a connection */
    unsigned spurious_wakeups; /* one wait at a condition variable in so many ends by itself; 0: none does */
    unsigned later;            /* one operation in so many goes on later than it could; 0: none does */
    unsigned multishot_ends;   /* one completion in so many is a multishot's last; 0: none is */
    unsigned completion_room;  /* completions that a queue takes; 0: as many as it has entries */
    uint64_t time_of_day_ns;   /* by so much the time of day is ahead of the monotonic clock: somebody has set it */
};
extern struct world_faults world_faults;

/* Facts about the life so far. */
extern uint64_t world_accept_refused_ms; /* when accept last failed, EAGAIN apart */
extern int world_accept_error;           /* with which errno; 0: it has looked at the queue since */
extern const char *world_interrupted;    /* the latest call but close, if it was interrupted; else NULL */
extern uint64_t world_calls;             /* system calls of the program's */
extern uint64_t world_refused_memory;    /* allocations refused */
extern uint64_t world_packets;           /* taken from completion ports */
uint64_t world_calls_in_vain(void);      /* since something useful has happened */
uint64_t world_now_ms(void);
/* Calls `ring` in `ms` of virtual time. */
void world_in_ms(uint64_t ms, void (*ring)(void *), void *argument);
/* Something useful has happened: the program is not spinning. */
void world_progress(void);
/* Clients wait in the accept queue. */
int world_queued(void);

/* The program's threads: the one that runs, 0 is the scenario's own; how many others there are. */
int world_thread(void);
int world_threads_alive(void);
/* How often they have gone to sleep, in this life. */
uint64_t world_threads_slept(void);
/* The call of a lock, or of a thread's end, in which the scenario's thread waits; NULL: in none. */
const char *world_waits_in(void);
/* A driver's callback waits, and others run meanwhile, until `over(about)`. */
void world_thread_waits(bool (*over)(const void *), const void *about);

/* Bytes of the program's that malloc has given out and that are not freed. */
uint64_t world_held_bytes(void);

/* Fails if memory of the program's is left that none of its variables leads to. */
void world_check_memory(void);

#endif
