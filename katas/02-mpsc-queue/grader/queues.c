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
 * Evidence: `queues`, `pushed` (to each), and the rows `drained`. */
#include "driver.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "crew.h"
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

/* A node that came out of queue `from`, counted over all generations. Of memory
 * that nobody pushed, all else is STRANGER. */
EVIDENCE_ROW(drained, from, into, producer, seq);

struct drain {
    struct drained *nodes;
    uint64_t count;
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

static void produce(uint64_t me) {
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        gate_pass(&s.gate);
        produce_generation(me, generation);
        gate_pass(&s.gate);
    }
}

static void keep(struct drain *d, struct mpsc_node *node) {
    struct parcel *parcel = (struct parcel *)node;
    bool ours = parcel >= s.parcels && parcel < s.parcels + SIDES * s.per_queue;
    d->nodes[d->count++] = ours ? (struct drained){0, parcel->into, parcel->item.producer, parcel->item.seq}
                                : (struct drained){0, STRANGER, STRANGER, STRANGER};
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

static void consume(uint64_t side) {
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        gate_pass(&s.gate);
        drain(&s.drains[generation * SIDES + side], s.queue[side], (generation + 1) * s.producers);
        gate_pass(&s.gate);
    }
}

static void take_part(uint64_t number) {
    pace_unsteady(s.seed, number);
    if (number < s.producers)
        produce(number);
    else
        consume(number - s.producers);
}

static void prepare(uint64_t seed) {
    s.seed = seed;
    s.generations = scenario_param("generations");
    s.producers = scenario_param("producers");
    s.items = scenario_param("items");
    s.per_queue = s.producers * s.items;
    s.parcels = calloc(SIDES * s.per_queue, sizeof *s.parcels);
    s.drains = calloc(SIDES * s.generations, sizeof *s.drains);
    for (struct drain *d = s.drains; d < s.drains + SIDES * s.generations; d++)
        d->nodes = calloc(s.per_queue + RUNAWAY, sizeof *d->nodes);
    gate_init(&s.gate, s.producers + SIDES + 1);
}

static void run_generations(void) {
    struct crew *crew = crew_start(s.producers + SIDES, take_part);
    for (uint64_t generation = 0; generation < s.generations; generation++) {
        for (int side = 0; side < SIDES; side++) s.queue[side] = new_queue();
        gate_pass(&s.gate);
        gate_pass(&s.gate);
        for (int side = 0; side < SIDES; side++) mpsc_free(s.queue[side]);
        evidence_progress();
    }
    crew_join(crew);
}

static void report(void) {
    uint64_t lives = SIDES * s.generations, count = 0;
    struct drained *all = calloc(lives * (s.per_queue + RUNAWAY), sizeof *all);
    for (uint64_t life = 0; life < lives; life++) {
        for (uint64_t i = 0; i < s.drains[life].count; i++) {
            all[count] = s.drains[life].nodes[i];
            all[count++].from = life;
        }
        free(s.drains[life].nodes);
    }
    evidence_count("queues", lives);
    evidence_count("pushed", s.per_queue);
    evidence_rows("drained", drained, all, count);
    free(all);
}

void queues(uint64_t seed) {
    prepare(seed);
    run_generations();
    report();
    free(s.parcels), free(s.drains);
    gate_destroy(&s.gate);
}
