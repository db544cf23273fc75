/* SPDX-License-Identifier: MIT */
/* hp_waiting.c -- how many objects wait, whatever was protected before and whoever is paused.
 *
 *   hp_waiting
 *
 * Manners, in which the handles of a domain come one after the other:
 *   0  all slots protect other objects, which the handle then retires; and then it does nothing any more
 *   1  the same, and it retires 200 others, that nothing protects
 *   2  the same on a thread of its own, which stops for good in the call that took most steps, at a quarter of
 *      them, a half, three quarters; the slots of its handle stay as they are
 *   3  a thread is stopped in hp_stack_pop; others push and pop
 *
 * Evidence: the rows `domains`: `most`, so many waited. Of manner 3 it is the nodes that are allocated and not inside.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "heap.h"
#include "objects.h"
#include "pace.h"

#define OTHERS 200
#define THREADS_MAX 16
#define POP_STEPS_MAX 60

EVIDENCE_ROW(domain, manner, threads, slots, retired, most);

static struct domain rows[120];
static size_t row_count;

static struct {
    uint64_t threads, slots;
    struct hp_domain *domain;
    struct hp_thread *handles[THREADS_MAX];
    bool away[THREADS_MAX]; /* its thread is stopped, and its slots stay as they are */
} now;

/* So many objects are protected, of handles that are nobody's, and taken out of their place. */
static uint64_t protect_all(struct object **objects) {
    uint64_t count = 0;
    for (uint64_t t = 0; t < now.threads; t++) {
        for (uint64_t slot = 0; !now.away[t] && slot < now.slots; slot++) {
            _Atomic(void *) cell = objects[count++] = object_new();
            (void)hp_protect(now.handles[t], slot, &cell); /* what it answers, is another check's concern */
        }
    }
    return count;
}

static void open(uint64_t threads, uint64_t slots) {
    objects_begin();
    now.threads = threads, now.slots = slots;
    now.domain = new_domain(threads, slots);
    for (uint64_t t = 0; t < threads; t++) now.handles[t] = attached(now.domain), now.away[t] = false;
}

static void close(uint64_t manner) {
    struct objects seen = objects_seen();
    rows[row_count++] = (struct domain){manner, now.threads, now.slots, seen.retired, seen.most_waiting};
    for (uint64_t t = 0; t < now.threads; t++) hp_detach(now.handles[t]);
    hp_free(now.domain);
    evidence_progress();
}

static void in_turns(uint64_t manner, uint64_t threads, uint64_t slots) {
    struct object **objects = calloc(threads * slots, sizeof *objects);
    open(threads, slots);
    for (uint64_t turn = 0; turn < 2 * threads; turn++) {
        struct hp_thread *me = now.handles[turn % threads];
        uint64_t count = protect_all(objects);
        for (uint64_t i = 0; i < count; i++) object_retire(me, objects[i]);
        for (uint64_t i = 0; manner == 1 && i < OTHERS; i++) object_retire(me, object_new());
    }
    close(manner);
    free(objects);
}

/* Of a thread that retires `count` objects and OTHERS more: the call that takes the most steps. */
static struct {
    uint64_t nth, steps;
} longest;

struct retirer {
    struct hp_thread *me;
    struct object **objects;
    uint64_t count, park_in, step; /* in which call it stops; 0: it is only watched */
    struct pace_place place;
    pthread_t thread;
};

static void *retire_all(void *argument) {
    struct retirer *r = argument;
    for (uint64_t i = 1; i <= r->count + OTHERS; i++) {
        struct object *object = i <= r->count ? r->objects[i - 1] : object_new();
        if (r->park_in == i) pace_park_at(&r->place, r->step);
        pace_count_steps(0, NULL);
        object_retire(r->me, object);
        if (r->park_in == 0 && pace_steps() > longest.steps) longest.nth = i, longest.steps = pace_steps();
        if (r->park_in == i) pace_park_over();
    }
    return NULL;
}

static void watch_one(uint64_t threads, uint64_t slots) {
    struct retirer r = {.objects = calloc(threads * slots, sizeof *r.objects)};
    open(threads, slots);
    r.me = now.handles[0], r.count = protect_all(r.objects);
    longest.steps = 0;
    retire_all(&r);
    for (uint64_t t = 0; t < threads; t++) hp_detach(now.handles[t]);
    hp_free(now.domain);
    free(r.objects);
}

/* All but the last handle. `quarters`: how far into the longest call they get. */
static void stopped(uint64_t threads, uint64_t slots, uint64_t quarters) {
    struct retirer retirers[THREADS_MAX];
    bool parked[THREADS_MAX] = {false};
    watch_one(threads, slots);
    open(threads, slots);
    for (uint64_t t = 0; t + 1 < threads; t++) {
        struct retirer *r = &retirers[t];
        *r = (struct retirer){.place = PACE_PLACE, .me = now.handles[t], .park_in = longest.nth};
        r->step = longest.steps * quarters / 4 + 1;
        r->objects = calloc(threads * slots, sizeof *r->objects);
        r->count = protect_all(r->objects);
        if (r->park_in > r->count + OTHERS) r->park_in = r->count + OTHERS;
        r->thread = gate_thread(retire_all, r);
        parked[t] = now.away[t] = pace_wait_parked(&r->place);
    }
    for (uint64_t i = 0; i < 2 * OTHERS; i++) object_retire(now.handles[threads - 1], object_new());
    struct objects seen = objects_seen();
    for (uint64_t t = 0; t + 1 < threads; t++) {
        if (parked[t]) pace_release(&retirers[t].place, 0);
        pthread_join(retirers[t].thread, NULL);
        free(retirers[t].objects);
    }
    rows[row_count++] = (struct domain){2, threads, slots, seen.retired, seen.most_waiting};
    for (uint64_t t = 0; t < threads; t++) hp_detach(now.handles[t]);
    hp_free(now.domain);
    evidence_progress();
}

struct popper {
    struct hp_stack *stack;
    struct hp_thread *me;
    struct pace_place place;
    uint64_t step;
};

static void *pop_and_stop(void *argument) {
    struct popper *p = argument;
    uint64_t value;
    pace_park_at(&p->place, p->step);
    (void)hp_stack_pop(p->stack, p->me, &value); /* which value, is another check's concern */
    pace_park_over();
    return NULL;
}

#define PAIRS 2000

static bool stack_nodes(uint64_t step) {
    struct hp_domain *domain = new_domain(2, 1);
    struct hp_thread *me = attached(domain);
    struct hp_stack *s = new_hp_stack(domain);
    struct popper p = {s, attached(domain), PACE_PLACE, step};
    int64_t before = heap_live();
    uint64_t inside = 3, most = 0, value;
    for (uint64_t i = 0; i < inside; i++) (void)hp_stack_push(s, me, i); /* there is memory */
    pthread_t thread = gate_thread(pop_and_stop, &p);
    bool parked = pace_wait_parked(&p.place);
    for (uint64_t i = 0; parked && i < PAIRS; i++) {
        (void)hp_stack_push(s, me, i), (void)hp_stack_pop(s, me, &value);
        int64_t nodes = heap_live() - before - (int64_t)inside;
        if (nodes > (int64_t)most) most = (uint64_t)nodes;
    }
    if (parked) pace_release(&p.place, 0);
    pthread_join(thread, NULL);
    if (parked) rows[row_count++] = (struct domain){3, 2, 1, PAIRS, most};
    hp_stack_free(s, me);
    hp_detach(me), hp_detach(p.me);
    hp_free(domain);
    return parked;
}

void hp_waiting(uint64_t seed) {
    (void)seed; /* nothing is left to chance */
    for (uint64_t manner = 0; manner <= 1; manner++) {
        in_turns(manner, 1, 1), in_turns(manner, 4, 2), in_turns(manner, 8, 32);
        in_turns(manner, 2, 400), in_turns(manner, 16, 16);
    }
    for (uint64_t quarters = 1; quarters <= 3; quarters++) stopped(4, 2, quarters), stopped(8, 32, quarters);
    for (uint64_t step = 1; step <= POP_STEPS_MAX && stack_nodes(step); step++) evidence_progress();
    evidence_rows("domains", domain, rows, row_count);
}
