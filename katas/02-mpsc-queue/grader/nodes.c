/* SPDX-License-Identifier: MIT */
/* nodes.c -- where the crowd's items come from, and where they go.
 *
 * recycle=1: a popped item goes back to its producer at once and is pushed
 * again. recycle=0: it is freed at once; every push has a fresh one.
 *
 * Nothing here may order a producer's memory before the consumer's: items come
 * back by release and acquire, which is the other direction, and the rest is
 * relaxed. */
#include "driver.h"

#include <sched.h>
#include <stdlib.h>

/* NULLs to the consumer before a producer gives up its items as lost. */
#define PATIENCE 4

struct stock {
    struct item *items;                /* recycle=1: one per push, in case none comes back */
    struct item **loose;               /* recycle=0: allocated and not yet freed, by seq */
    uint64_t fresh, came, taken;       /* items used at all; seen to come back; of those, used again */
    _Atomic(struct item *) *come_back; /* filled by the consumer, one after the other, never twice */
    uint64_t given;                    /* places filled; the consumer's */
};

static struct {
    struct stock *stocks;
    uint64_t producers, per_producer, recycle;
    _Atomic uint64_t nulls; /* the consumer's answers that were no node */
} n;

void nodes_prepare(uint64_t producers, uint64_t per_producer, uint64_t recycle) {
    n.producers = producers, n.per_producer = per_producer, n.recycle = recycle;
    n.stocks = calloc(producers, sizeof *n.stocks);
    for (struct stock *s = n.stocks; s < n.stocks + producers; s++) {
        s->items = calloc(per_producer, sizeof *s->items);
        s->loose = calloc(per_producer, sizeof *s->loose);
        s->come_back = calloc(per_producer, sizeof *s->come_back);
    }
}

/* How many of its items a producer may have on their way: now one, so that the
 * queue is nearly empty, now eight. */
static uint64_t depth(uint64_t seq) {
    return 1u << seq / 32 % 4;
}

/* Waits until fewer than depth() items are on their way, but not for those
 * that the queue has lost: nothing comes of them although the consumer gets
 * NULL time and again. */
static void await_items(struct stock *s, uint64_t seq) {
    uint64_t nulls = atomic_load_explicit(&n.nulls, memory_order_relaxed);
    for (;;) {
        while (s->came < seq && atomic_load_explicit(&s->come_back[s->came], memory_order_acquire)) s->came++;
        if (seq - s->came < depth(seq)) return;
        if (atomic_load_explicit(&n.nulls, memory_order_relaxed) - nulls > PATIENCE) return;
        sched_yield();
    }
}

static struct item *fresh_item(struct stock *s, uint64_t seq) {
    return n.recycle ? &s->items[s->fresh++] : (s->loose[seq] = malloc(sizeof(struct item)));
}

static struct item *any_item(struct stock *s, uint64_t seq) {
    if (!n.recycle) return fresh_item(s, seq);
    await_items(s, seq);
    if (s->taken == s->came) return fresh_item(s, seq);
    return atomic_load_explicit(&s->come_back[s->taken++], memory_order_relaxed);
}

static struct item *filled(struct item *item, uint64_t producer, uint64_t seq) {
    item->producer = producer, item->seq = seq;
    scribble(&item->node, seq);
    return item;
}

struct item *nodes_take(uint64_t producer, uint64_t seq) {
    return filled(any_item(&n.stocks[producer], seq), producer, seq);
}

struct item *nodes_take_fresh(uint64_t producer, uint64_t seq) {
    return filled(fresh_item(&n.stocks[producer], seq), producer, seq);
}

void nodes_none(void) {
    uint64_t nulls = atomic_load_explicit(&n.nulls, memory_order_relaxed);
    atomic_store_explicit(&n.nulls, nulls + 1, memory_order_relaxed);
}

static struct stock *owner(const struct item *item) {
    struct stock *s = n.stocks;
    while (s < n.stocks + n.producers && (item < s->items || item >= s->items + n.per_producer)) s++;
    return s < n.stocks + n.producers ? s : NULL;
}

uint64_t nodes_return(struct mpsc_node *node) {
    struct item *item = (struct item *)node;
    struct stock *s = n.recycle ? owner(item) : NULL;
    if (n.recycle && !s) return STRANGER;
    uint64_t producer = item->producer, seq = item->seq;
    if (producer >= n.producers || seq >= n.per_producer) return STRANGER;
    if (!n.recycle) {
        n.stocks[producer].loose[seq] = NULL;
        free(item);
    } else if (s->given < n.per_producer) { /* else it came out more often than it went in */
        scribble(node, s->given);
        atomic_store_explicit(&s->come_back[s->given++], item, memory_order_release);
    }
    return ITEM_CODE(producer, seq);
}

void nodes_free(void) {
    for (struct stock *s = n.stocks; s < n.stocks + n.producers; s++) {
        for (uint64_t i = 0; i < n.per_producer; i++) free(s->loose[i]); /* what the queue has lost */
        free(s->items), free(s->loose), free(s->come_back);
    }
    free(n.stocks);
}
