/* SPDX-License-Identifier: MIT */
/* driver_crowd.c -- many producers, a consumer, and nodes that come back.
 *
 *   crowd  producers, items (each), recycle (0 or 1), handover (0 or 1)
 *
 * recycle=1: a popped node goes back to its producer at once and is pushed
 * again. recycle=0: it is freed at once; every push has a fresh one.
 * handover=1: two threads take turns as the consumer, every few pops.
 *
 * The driver must not repair what the queue breaks: until the producers have
 * been joined nothing but the queue orders their memory before the
 * consumer's. What it needs itself (nodes that travel back, the turn of a
 * consumer) orders other directions only.
 *
 * Evidence: `pushed`; `drained`, an ITEM_CODE per pop; `left_after_null`,
 * nodes that came out after a NULL that had to mean empty. */
#include "driver.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define RUNAWAY 64  /* pops beyond the number of items, then it is enough */
#define IN_FLIGHT 8 /* a producer's nodes, as long as they come back in time */
#define PATIENCE 64 /* yields before a producer takes one more: nodes may be lost */

struct producer {
    pthread_t thread;
    uint64_t fresh, taken; /* nodes used for the first time; nodes taken back */
};

static struct {
    uint64_t seed, producers, items, recycle, consumers;
    struct mpsc_queue *queue;
    struct gate gate;
    struct producer *producer;
    /* Per producer `items` places in a row: */
    struct item *nodes;                /* recycle=1 */
    struct item **loose;               /* recycle=0: what is allocated and not yet freed */
    _Atomic(struct item *) *come_back; /* filled one after the other, never twice */
    /* The consumer's: */
    uint64_t *given; /* per producer, places of `come_back` filled */
    uint64_t *drained, count, limit, left_after_null;
} c;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t whose;
    bool over;
} turn = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct item *take_back(struct producer *p, uint64_t first) {
    for (int yields = 0; yields < PATIENCE; yields++) {
        struct item *item = atomic_load_explicit(&c.come_back[first + p->taken], memory_order_acquire);
        if (item) p->taken++;
        if (item || p->fresh < IN_FLIGHT) return item;
        sched_yield();
    }
    return NULL;
}

static struct item *next_item(struct producer *p, uint64_t first, uint64_t seq) {
    if (!c.recycle) return c.loose[first + seq] = malloc(sizeof(struct item));
    struct item *item = take_back(p, first);
    return item ? item : &c.nodes[first + p->fresh++];
}

static void *produce(void *argument) {
    struct producer *p = argument;
    uint64_t number = (uint64_t)(p - c.producer), first = number * c.items;
    pace_unsteady(c.seed, number);
    gate_pass(&c.gate);
    for (uint64_t seq = 0; seq < c.items; seq++) {
        struct item *item = next_item(p, first, seq);
        item->producer = number, item->seq = seq;
        scribble(&item->node, seq);
        mpsc_push(c.queue, &item->node);
    }
    return NULL;
}

static void give_back(struct item *item) {
    uint64_t owner = (uint64_t)(item - c.nodes) / c.items;
    scribble(&item->node, c.count);
    if (c.given[owner] == c.items) return; /* came out more often than it went in */
    _Atomic(struct item *) *place = &c.come_back[owner * c.items + c.given[owner]++];
    atomic_store_explicit(place, item, memory_order_release);
}

static uint64_t let_go(struct item *item) {
    if (c.recycle && (item < c.nodes || item >= c.nodes + c.producers * c.items)) return STRANGER;
    uint64_t producer = item->producer, seq = item->seq;
    if (producer >= c.producers || seq >= c.items) return STRANGER;
    if (c.recycle) {
        give_back(item);
    } else {
        c.loose[producer * c.items + seq] = NULL;
        free(item);
    }
    return ITEM_CODE(producer, seq);
}

/* Pops at most `most` times and up to the first NULL. */
static void drain(uint64_t most) {
    for (; most > 0 && c.count < c.limit; most--) {
        struct mpsc_node *node = mpsc_pop(c.queue);
        if (!node) return;
        c.drained[c.count++] = let_go((struct item *)node);
        if (c.count % 4096 == 0) evidence_progress();
    }
}

/* Waits for this consumer's turn; false: and the producers have been joined. */
static bool turn_take(uint64_t me) {
    pthread_mutex_lock(&turn.lock);
    while (turn.whose != me) pthread_cond_wait(&turn.changed, &turn.lock);
    bool go_on = !turn.over;
    pthread_mutex_unlock(&turn.lock);
    return go_on;
}

static void turn_pass(uint64_t me) {
    pthread_mutex_lock(&turn.lock);
    turn.whose = (me + 1) % c.consumers;
    pthread_cond_broadcast(&turn.changed);
    pthread_mutex_unlock(&turn.lock);
}

static void turns_end(void) {
    pthread_mutex_lock(&turn.lock);
    turn.over = true;
    pthread_mutex_unlock(&turn.lock);
}

/* Nobody pushes any more: from here on the first NULL means empty. */
static void drain_the_rest(void) {
    drain(c.limit);
    uint64_t before = c.count;
    for (int i = 0; i < 8; i++) drain(1);
    c.left_after_null = c.count == c.limit ? 0 : c.count - before;
}

static void *consume(void *argument) {
    uint64_t me = *(uint64_t *)argument;
    struct rng rng = rng_new(c.seed, c.producers + me);
    pace_unsteady(rng_next(&rng), 0);
    gate_pass(&c.gate);
    while (turn_take(me)) {
        drain(1 + rng_below(&rng, 16));
        turn_pass(me);
        sched_yield();
    }
    if (me == 0) drain_the_rest();
    turn_pass(me);
    return NULL;
}

static void read_parameters(uint64_t seed) {
    c.seed = seed;
    c.producers = scenario_param("producers");
    c.items = scenario_param("items");
    c.recycle = scenario_param("recycle");
    c.consumers = scenario_param("handover") ? 2 : 1;
    c.limit = c.producers * c.items + RUNAWAY;
}

static void prepare(void) {
    size_t places = c.producers * c.items;
    c.producer = calloc(c.producers, sizeof *c.producer);
    c.nodes = calloc(places, sizeof *c.nodes);
    c.loose = calloc(places, sizeof *c.loose);
    c.come_back = calloc(places, sizeof *c.come_back);
    c.given = calloc(c.producers, sizeof *c.given);
    c.drained = calloc(c.limit, sizeof *c.drained);
    c.queue = new_queue();
    gate_init(&c.gate, c.producers + c.consumers);
}

static void run_threads(void) {
    uint64_t number[2] = {0, 1};
    pthread_t consumer[2];
    for (uint64_t i = 0; i < c.consumers; i++) consumer[i] = gate_thread(consume, &number[i]);
    for (uint64_t i = 0; i < c.producers; i++) c.producer[i].thread = gate_thread(produce, &c.producer[i]);
    for (uint64_t i = 0; i < c.producers; i++) pthread_join(c.producer[i].thread, NULL);
    turns_end();
    for (uint64_t i = 0; i < c.consumers; i++) pthread_join(consumer[i], NULL);
}

static void clear_away(void) {
    for (size_t i = 0; i < c.producers * c.items; i++) free(c.loose[i]);
    mpsc_free(c.queue);
    free(c.producer), free(c.nodes), free(c.loose), free(c.come_back), free(c.given), free(c.drained);
    gate_destroy(&c.gate);
}

void crowd(uint64_t seed) {
    read_parameters(seed);
    prepare();
    run_threads();

    evidence_count("pushed", c.producers * c.items);
    evidence_series("drained", c.drained, c.count);
    evidence_count("left_after_null", c.left_after_null);
    clear_away();
}
