/* SPDX-License-Identifier: MIT */
/* sim.h -- a mux in the simulated kernel: descriptors, what is known of its watches,
 * and the rules that its waits are held to. */
#ifndef SIM_H
#define SIM_H

#include <simkernel.h>

#include "mux.h"

/* What can be watched. A `thing` is a descriptor of the driver's. */
enum thing_kind { EVENT, READER, WRITER };
enum { THINGS = 40, FEW = 8 };

struct thing {
    bool open;
    enum thing_kind kind;
    int fd, other; /* a pipe's other end, or -1 */
    struct watched {
        bool on;
        unsigned events;
        uint64_t serial; /* which watch this is: no two have the same */
    } watched;
    struct {
        unsigned events; /* on the list of the wait under way */
        uint64_t serial;
        bool told, rested; /* has rested since the list was made: it need not be told */
    } due;
};

/* The life at hand; story_begin() clears it. */
struct story {
    enum mux_kind kind;
    struct mux *mux;
    struct thing things[THINGS];
    int most; /* things, at a time */
    uint64_t serials;
    void (*inside)(void); /* called in every callback; may be NULL */
    bool judges_end;      /* in this life: what is given back, and what is left open */
    bool quiet;           /* alarms are set: nothing else happens while the program sleeps */
    struct {
        bool under_way, listed;
        int timeout_ms, made;
        uint64_t since_ms;
        unsigned idle, signals; /* how often it slept, and was interrupted */
    } wait;
};
extern struct story story;

/* sim_things.c */
const char *kind_name(enum mux_kind);
const char *events_name(unsigned events);
/* In a free place; NULL: there is none. */
struct thing *thing_new(enum thing_kind);
struct thing *thing_any(bool watched); /* NULL: none is */
unsigned thing_may_ask(const struct thing *);
unsigned thing_ready(const struct thing *);
void thing_close(struct thing *);
void thing_hang_up(struct thing *); /* closes the other end */
/* Something happens to it. */
void thing_change(struct thing *);
/* Ready for one of `events`, which it may ask for. */
void thing_make_ready(struct thing *, unsigned events);

/* sim_watches.c: calls of the mux, each with what is known of it afterwards. */
void story_begin(enum mux_kind);
void story_open(enum mux_kind); /* the same, and there may be no mux */
void story_end(void);
const char *error_text(int error);
void watch_add(struct thing *, unsigned events);
void watch_mod(struct thing *, unsigned events);
void watch_del(struct thing *);
/* `expected`: 0, or the error; another answer ends the life. */
void answered(int answer, int expected, const char *call, int fd);
void on_ready(struct mux *, int fd, unsigned events, void *context);

/* sim_waits.c */
int wait_for(int timeout_ms);
void judge_callback(struct mux *, int fd, unsigned events, uint64_t serial);
void wait_forgets(struct thing *); /* its watch has changed */
void wait_hooks(void);

/* sim_acts.c: whatever a caller may do, between waits and in callbacks. */
void act(void);
void act_inside(void);
unsigned any_events(const struct thing *);
/* For a time that may be without limit only if something can be told. */
void wait_some_time(void);

/* sim_times.c, sim_errors.c, sim_others.c: a life of a mux that has just been made */
void times(void);
void errors(void);
void side_by_side(void);
void gives_back(void);
void without_memory(void);

#endif
