/* SPDX-License-Identifier: MIT
 *
 * schedule.h -- which thread runs next.
 *
 * Every synchronising call and every atomic access starts with a scheduling point. Plain accesses
 * need none: a program without data races cannot tell, and data races are found whatever the order.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "thread.h"

/* The threads that can run, when more than one can. If the running one can go on it is the first, and taking another is
 * a preemption; if it asked to yield, or has run alone too long, it comes behind the others. Last come sleepers: nobody
 * knows how long another thread's next step takes, so any sleep may be over before it. */
struct offer {
    struct thread *threads[MAX_THREADS];
    unsigned count;
    bool current_first;
    bool tired; /* the running thread yields or has run alone too long */
};

extern struct offer schedule_offer;

/* An execution of more than STEP_LIMIT steps is too long to be explored; that it never ends is believed after
 * `schedule_patience` steps. */
enum { FAIR_AFTER_STEPS = 10000, STEP_LIMIT = 20000, LIVELOCK_STEPS = 10 * STEP_LIMIT };

extern uint32_t schedule_patience;

void schedule_reset(void);

/* The running thread is about to do something others can notice. */
void schedule_point(const char *doing, uint32_t pc);
void schedule_yield(const char *doing, uint32_t pc);

/* Goes on at the deadline, or later. */
void schedule_sleep(uint64_t deadline_ns, uint32_t pc);

/* Counts a plain access; a loop of nothing else yields now and then. With plain_steps: a scheduling point. */
void schedule_plain_access(const char *doing, uint32_t pc);

/* Waits until wait->ready. False: the deadline came first. */
bool schedule_wait(const struct wait *);

/* Waits until no other thread can run, or those that can have yielded so many times (0: that does not count). */
void schedule_wait_idle(uint32_t yields);

void schedule_after_finish(void);

#endif
