/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  producers, items (each)
 *
 * A producer owns two laps of nodes and fills one while the other is on its
 * way, so the nodes stay in the cache: with a fresh node per push a third of
 * the time went into page faults, and ratios shrank towards 1. A lap comes back
 * as a whole, so recycling costs one store per LAP nodes.
 *
 * The consumer checks the order of each producer's nodes as they come.
 * Evidence: `received`, `out_of_order`. */
#include "driver.h"

#include <sched.h>
#include <stdalign.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "scenario.h"

#define LAP 2048
#define SHORT_RUN 16 /* of NULLs, before the consumer lets others run */

struct producer {
    alignas(64) _Atomic uint64_t returned; /* nodes that came back; the consumer writes it */
    uint64_t expected;                     /* seq; the consumer's */
    alignas(64) struct item items[2 * LAP];
};

static struct {
    uint64_t producers, items;
    struct mpsc_queue *queue;
    struct producer *producer;
} b;

/* Acquire: the consumer has done with the nodes that it counts here. */
static void await_lap(struct producer *p, uint64_t seq) {
    while (atomic_load_explicit(&p->returned, memory_order_acquire) + LAP < seq) sched_yield();
}

static void produce(uint64_t number) {
    struct producer *p = &b.producer[number];
    for (uint64_t seq = 0; seq < b.items; seq++) {
        if (seq % LAP == 0) await_lap(p, seq);
        struct item *item = &p->items[seq % (2 * LAP)];
        item->producer = number, item->seq = seq;
        mpsc_push(b.queue, &item->node);
    }
}

static struct mpsc_node *await_node(void) {
    for (int nulls = 0;; nulls++) {
        struct mpsc_node *node = mpsc_pop(b.queue);
        if (node) return node;
        if (nulls >= SHORT_RUN) sched_yield();
    }
}

/* 1: not the node that this producer pushed next. */
static uint64_t receive(struct item *item) {
    struct producer *p = &b.producer[item->producer];
    uint64_t seq = item->seq, wrong = seq != p->expected;
    p->expected = seq + 1;
    if (seq % LAP == LAP - 1) atomic_store_explicit(&p->returned, seq + 1, memory_order_release);
    return wrong;
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    b.producers = scenario_param("producers");
    b.items = scenario_param("items");
    b.producer = aligned_alloc(64, b.producers * sizeof *b.producer);
    b.queue = new_queue();
    for (uint64_t i = 0; i < b.producers; i++) {
        struct producer *p = &b.producer[i];
        atomic_init(&p->returned, 0);
        p->expected = 0;
    }
    struct crew *producers = crew_start(b.producers, produce);
    uint64_t received = 0, out_of_order = 0;
    for (; received < b.producers * b.items; received++) {
        out_of_order += receive((struct item *)await_node());
        if (received % (1 << 20) == 0) evidence_progress();
    }
    evidence_count("received", received);
    evidence_count("out_of_order", out_of_order);
    crew_join(producers);
    mpsc_free(b.queue);
    free(b.producer);
}
