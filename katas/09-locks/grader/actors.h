/* SPDX-License-Identifier: MIT */
/* actors.h -- threads that make one call at a time, as a director tells them, on a futex and a clock of the driver's.
 *
 * In the stress build the learner's futex_wait, futex_wake, sched_yield and clock_gettime arrive here. So the director
 * knows of each actor whether it is at work, waits, or is done, and tells the next one only when nobody is at work.
 * A wake takes the one that fell asleep last. Time stands still until the director lets it pass, except that each look
 * at the clock takes a microsecond.
 *
 * An actor that takes very many steps without sleeping (or yielding, in a spin lock) ends the scenario. */
#ifndef ACTORS_H
#define ACTORS_H

#include "kinds.h"

#define ACTORS 5

/* Starts the actors. `kind`: whose calls they make. `spun` reports what the driver has seen, before the process ends
 * since that operation did not sleep. */
void actors_start(enum kind kind, struct objects *objects, void (*spun)(enum op));
void actors_stop(void);

/* The actor, which is in no call, begins this one, and the director goes on when all wait, are parked or done.
 * Deadlines are of the driver's clock. */
void actor_does(unsigned actor, enum op op, uint64_t deadline_ns);

/* As actor_does(); the actor stops at its `step`-th step in the call (see pace.h; before it
 * goes to the futex is one, too), if it does not sleep before. */
void actor_parks(unsigned actor, enum op op, uint64_t deadline_ns, uint64_t step);
/* It goes on. */
void actor_goes_on(unsigned actor);

/* Time passes until `now_ns`; whoever has an earlier deadline is woken. */
void time_passes(uint64_t now_ns);
uint64_t time_now(void);

/* The actor's futex_wait answers 0, or `answer`, for no reason. */
void interrupt_wait(unsigned actor, int answer);

/* What is known of an actor when nobody is at work. */
struct standing {
    bool waits; /* its call has not returned */
    bool parked;
    bool on_mutex; /* it sleeps on a word of the mutex */
    bool answer;   /* of the call that has returned last */
    uint64_t waits_made, wakes_made,
        woken; /* calls so far, and how many its wakes have woken; of kind CONDVAR not the mutex's own */
};
struct standing actor_standing(unsigned actor);

/* Calls of futex_wait with a deadline that is not the caller's. */
uint64_t own_timers(void);

#endif
