/* SPDX-License-Identifier: MIT */
/* queues.c -- two queues side by side, and others after them.
 *
 *   queues  generations, producers, items (each, to either queue)
 *
 * A generation is two new queues with a consumer thread each; every producer
 * pushes to both in turn. When all is drained the two are freed and the next
 * generation begins, mostly at the same addresses; the threads live on.
 *
 * Within a generation nothing of the driver's orders one consumer and the
 * other. Nodes do not come back before the next.
 *
 * Evidence: `queues`, `pushed` (to each); an entry per node that came out: `from`
 * (the queue, counted over all generations), `into` (the one that it was
 * pushed to; STRANGER for memory that nobody pushed), `drained` (its
 * ITEM_CODE). */
#include "driver.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define SIDES 2
#define RUNAWAY 64 /* pops beyond the number of items, then it is enough */

struct parcel {
    struct item item;
    uint64_t into;
};

struct drain {
    uint64_t *into, *drained, count;
};

static struct {
    uint64_t seed, generations, producers, items, per_queue;
    struct mpsc_queue *queue[SIDES];
    struct parcel *parcels;
    struct drain *drains;          /* one per queue and generation */
    struct gate gate;              /* everybody, at both ends of a generation */
    atomic_uint_fast64_t finished; /* producers, over all generations */
} s;

static void produce_generation(uint64_t me, uint64_t generation) {
    for (uint64_t i = 0; i < SIDES * s.items; i++) {
        uint64_t side = i % SIDES;
        struct parcel *parcel = &s.parcels[me * SIDES * s.items + i];
        parcel->item.producer = me, parcel->item.seq = i / SIDES;
        parcel->into = generation * SIDES + side;
        scribble(&parcel->item.node, i);
        mpsc_push(s.queue[side], &parcel->item.node);
    }
    atomic_fetch_add_explicit(&s.finished, 1, memory_order_release);
}

static void *produce(void *argument) {
    uint64_t me = *(uint64_t *)argument;
    pace_unsteady(s.seed, me);
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        gate_pass(&s.gate);
        produce_generation(me, generation);
        gate_pass(&s.gate);
    }
    return NULL;
}

static void keep(struct drain *d, struct mpsc_node *node) {
    struct parcel *parcel = (struct parcel *)node;
    bool ours = parcel >= s.parcels && parcel < s.parcels + SIDES * s.per_queue;
    d->into[d->count] = ours ? parcel->into : STRANGER;
    d->drained[d->count] = ours ? ITEM_CODE(parcel->item.producer, parcel->item.seq) : STRANGER;
    d->count++;
}

/* Until a NULL after all producers have finished. Acquire only then: before,
 * nothing but the queue orders their memory before ours. */
static void drain(struct drain *d, struct mpsc_queue *q, uint64_t finished) {
    for (bool over = false; d->count < s.per_queue + RUNAWAY;) {
        struct mpsc_node *node = mpsc_pop(q);
        if (node) keep(d, node);
        if (!node && over) return;
        if (!node) {
            over = atomic_load_explicit(&s.finished, memory_order_acquire) == finished;
            sched_yield();
        }
    }
}

static void *consume(void *argument) {
    uint64_t number = *(uint64_t *)argument, side = number - s.producers;
    pace_unsteady(s.seed, number);
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        gate_pass(&s.gate);
        drain(&s.drains[generation * SIDES + side], s.queue[side], (generation + 1) * s.producers);
        gate_pass(&s.gate);
    }
    return NULL;
}

static void prepare(uint64_t seed) {
    s.seed = seed;
    s.generations = scenario_param("generations");
    s.producers = scenario_param("producers");
    s.items = scenario_param("items");
    s.per_queue = s.producers * s.items;
    s.parcels = calloc(SIDES * s.per_queue, sizeof *s.parcels);
    s.drains = calloc(SIDES * s.generations, sizeof *s.drains);
    for (struct drain *d = s.drains; d < s.drains + SIDES * s.generations; d++) {
        d->into = calloc(s.per_queue + RUNAWAY, sizeof *d->into);
        d->drained = calloc(s.per_queue + RUNAWAY, sizeof *d->drained);
    }
    gate_init(&s.gate, s.producers + SIDES + 1);
}

static void run_generations(void) {
    uint64_t threads = s.producers + SIDES;
    uint64_t *number = calloc(threads, sizeof *number);
    pthread_t *thread = calloc(threads, sizeof *thread);
    for (uint64_t i = 0; i < threads; i++) {
        number[i] = i;
        thread[i] = gate_thread(i < s.producers ? produce : consume, &number[i]);
    }
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        for (int side = 0; side < SIDES; side++) s.queue[side] = new_queue();
        gate_pass(&s.gate);
        gate_pass(&s.gate);
        for (int side = 0; side < SIDES; side++) mpsc_free(s.queue[side]);
        evidence_progress();
    }
    for (uint64_t i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    free(number), free(thread);
}

static void report(void) {
    uint64_t lives = SIDES * s.generations, count = 0, most = lives * (s.per_queue + RUNAWAY);
    uint64_t *from = calloc(most, sizeof *from), *into = calloc(most, sizeof *into);
    uint64_t *drained = calloc(most, sizeof *drained);
    for (uint64_t life = 0; life < lives; life++) {
        for (uint64_t i = 0; i < s.drains[life].count; i++, count++) {
            from[count] = life, into[count] = s.drains[life].into[i];
            drained[count] = s.drains[life].drained[i];
        }
        free(s.drains[life].into), free(s.drains[life].drained);
    }
    evidence_count("queues", lives);
    evidence_count("pushed", s.per_queue);
    evidence_series("from", from, count);
    evidence_series("into", into, count);
    evidence_series("drained", drained, count);
    free(from), free(into), free(drained);
}

void queues(uint64_t seed) {
    prepare(seed);
    run_generations();
    report();
    free(s.parcels), free(s.drains);
    gate_destroy(&s.gate);
}
