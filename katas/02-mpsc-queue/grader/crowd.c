/* SPDX-License-Identifier: MIT */
/* crowd.c -- many producers and a consumer.
 *
 *   crowd  producers, items (each), recycle (0 or 1), handover (0 or 1)
 *
 * Before the others start, one more producer pushes MOVES nodes, each from
 * another processor than the one before: a thread may be moved at any time, and
 * its order stays. recycle: see nodes.c. handover=1: two threads take turns as the
 * consumer, every few pops, and push nodes of their own in between.
 *
 * The driver must not repair what the queue breaks: until the producers have
 * been joined nothing but the queue orders their memory before the
 * consumer's. The turns order one consumer before the other, no more.
 *
 * Evidence: `pushed`; `drained`, an ITEM_CODE per pop; `left_after_null`,
 * nodes that came out after a NULL that had to mean empty. In the stress build
 * a call that takes CALL_STEPS of its own steps breaks the traffic off. */
#include "driver.h"

#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define CALL_STEPS 200000
#define RUNAWAY 64  /* pops beyond the number of items, then it is enough */
#define OWN_SHARE 4 /* a consumer pushes at most a fourth of what a producer does */
#define MOVES 16    /* pushes of the producer that is moved, as far as it has so many items */
#define LEFT_OVER 4 /* items, at least, that are popped when nobody pushes any more */

static struct {
    uint64_t seed, producers, items, consumers;
    uint64_t mover, moves; /* the last producer, and its pushes */
    struct mpsc_queue *queue;
    sem_t turn[2];    /* to be the consumer */
    uint64_t gone;    /* consumers before the last that have ended; belongs to whose turn it is */
    uint64_t own[2];  /* pushes of each consumer's */
    atomic_bool over; /* the producers have been joined */
    uint64_t *drained, count, left_after_null;
} c;

#define ENDLESS "had not ended after 200,000 of its own steps", "an end"
#define LED_BACK "which loop has no end once the list leads back into itself?"

static void endless_push(void) {
    evidence_broken_off("mpsc_push", ENDLESS, LED_BACK);
}

static void endless_pop(void) {
    evidence_broken_off("mpsc_pop", ENDLESS, LED_BACK);
}

static void produce(uint64_t me) {
    pace_unsteady(c.seed, me);
    for (uint64_t seq = 0; seq < c.items; seq++) {
        struct item *item = nodes_take(me, seq);
        pace_count_steps(CALL_STEPS, endless_push);
        mpsc_push(c.queue, &item->node);
        pace_count_steps(0, NULL);
    }
}

/* Nobody pops yet, so all of them are inside together. */
static void push_moved(uint64_t seq) {
    struct item *item = nodes_take_fresh(c.mover, seq);
    pace_count_steps(CALL_STEPS, endless_push);
    mpsc_push(c.queue, &item->node);
    pace_count_steps(0, NULL);
}

/* A few pushes of a consumer's between its turns, while the other one pops. */
static void push_own(uint64_t consumer, uint64_t pushes) {
    for (; pushes > 0 && c.own[consumer] < c.items / OWN_SHARE; pushes--) {
        struct item *item = nodes_take_fresh(c.producers + consumer, c.own[consumer]++);
        pace_count_steps(CALL_STEPS, endless_push);
        mpsc_push(c.queue, &item->node);
        pace_count_steps(0, NULL);
    }
}

/* NULL also when `limit` nodes have come out. */
static struct mpsc_node *pop(uint64_t limit) {
    if (c.count == limit) return NULL;
    pace_count_steps(CALL_STEPS, endless_pop);
    struct mpsc_node *node = mpsc_pop(c.queue);
    pace_count_steps(0, NULL);
    return node;
}

/* Pops at most `most` times, up to the first NULL. */
static void drain(uint64_t most, uint64_t limit) {
    for (; most > 0; most--) {
        struct mpsc_node *node = pop(limit);
        if (!node) {
            nodes_none();
            return;
        }
        c.drained[c.count++] = nodes_return(node);
        if (c.count % 4096 == 0) evidence_progress();
    }
}

static uint64_t pushed(void) {
    return c.moves + c.producers * c.items + c.own[0] + c.own[1];
}

/* Nobody pushes any more: from here on the first NULL means empty. */
static void drain_the_rest(void) {
    uint64_t limit = pushed() + RUNAWAY;
    drain(limit, limit);
    uint64_t before = c.count;
    for (int i = 0; i < 8; i++) drain(1, limit);
    c.left_after_null = c.count - before;
}

/* The last consumer ends with the first gone, so that nobody pushes any more
 * and what is left is left to a thread that was not the first to pop. */
static void consume(uint64_t me) {
    uint64_t last = c.consumers - 1;
    struct rng rng = rng_new(c.seed, c.producers + me);
    pace_unsteady(rng_next(&rng), 0);
    for (bool over = false, done = false; !done;) {
        if (!over && last > 0) push_own(me, rng_below(&rng, 4));
        sem_wait(&c.turn[me]);
        over = atomic_load_explicit(&c.over, memory_order_acquire);
        if (!over) drain(1 + rng_below(&rng, 16), c.producers * c.items - LEFT_OVER);
        if (over && me < last) c.gone++;
        done = over && (me < last || c.gone == last);
        if (done && me == last) drain_the_rest();
        sem_post(&c.turn[me ^ last]);
        sched_yield();
    }
}

static void prepare(uint64_t seed) {
    c.seed = seed;
    c.producers = scenario_param("producers");
    c.items = scenario_param("items");
    c.consumers = scenario_param("handover") ? 2 : 1;
    c.mover = c.producers + (c.consumers > 1 ? c.consumers : 0);
    c.moves = c.items < MOVES ? c.items : MOVES;
    c.drained = calloc((c.mover + 1) * c.items + RUNAWAY, sizeof *c.drained);
    c.queue = new_queue();
    nodes_prepare(c.mover + 1, c.items, scenario_param("recycle"));
    sem_init(&c.turn[0], 0, 1);
    sem_init(&c.turn[1], 0, 0);
}

static void run_threads(void) {
    processors_each(c.moves, push_moved);
    struct crew *consumers = crew_start(c.consumers, consume), *producers = crew_start(c.producers, produce);
    crew_join(producers);
    atomic_store_explicit(&c.over, true, memory_order_release);
    crew_join(consumers);
}

void crowd(uint64_t seed) {
    prepare(seed);
    run_threads();
    evidence_count("pushed", pushed());
    evidence_series("drained", c.drained, c.count);
    evidence_count("left_after_null", c.left_after_null);
    mpsc_free(c.queue);
    nodes_free();
    free(c.drained);
}
