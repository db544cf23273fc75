/* SPDX-License-Identifier: MIT */
/* hp_crowd.c -- threads that read what others replace, on hazard pointers; and a stack of values.
 *
 *   hp_crowd  threads, turns (each), frees
 *
 * A few cells hold an item each. A reader protects one, reads it, reads it again and clears its slot; a writer puts a
 * new one in its place and retires the old one. Threads detach and attach again now and then. An item that was
 * reclaimed is marked, and kept to the end, or, with `frees`, freed at once, so that a sanitizer sees who still reads
 * it.
 *
 * Evidence: `reads`; `dead`, reads of items that were reclaimed already; `made`, `reclaimed` and `twice`, of items;
 * `pushed` and `popped`, values, and `sum_pushed`, `sum_popped`. */
#include <stdatomic.h>
#include <stdlib.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "pace.h"
#include "rng.h"
#include "scenario.h"

#define CELLS 3
#define SLOTS 2
#define ALIVE 0x600d600d
#define DEAD 0xdeaddead

struct item {
    _Atomic uint32_t mark; /* relaxed: it orders nothing */
    struct item *next;
};

static struct {
    uint64_t seed, turns, frees;
    struct hp_domain *domain;
    struct hp_stack *stack;
    _Atomic(struct item *) kept;
    _Atomic uint64_t reads, dead, made, reclaimed, twice, pushed, popped, sum_pushed, sum_popped;
} c;

static HANDED_OVER _Atomic(void *) cells[CELLS];

static void count(_Atomic uint64_t *at, uint64_t n) {
    atomic_fetch_add_explicit(at, n, memory_order_relaxed);
}

static struct item *item_new(void) {
    struct item *item = malloc(sizeof *item);
    if (!item) abort();
    item->mark = ALIVE;
    count(&c.made, 1);
    return item;
}

static void reclaim(void *argument) {
    struct item *item = argument;
    count(&c.reclaimed, 1);
    if (atomic_exchange_explicit(&item->mark, DEAD, memory_order_relaxed) != ALIVE) count(&c.twice, 1);
    if (c.frees) {
        free(item);
        return;
    }
    struct item *top = atomic_load_explicit(&c.kept, memory_order_relaxed);
    do item->next = top;
    while (!atomic_compare_exchange_weak_explicit(&c.kept, &top, item, memory_order_relaxed, memory_order_relaxed));
}

static void look(struct hp_thread *me, struct rng *rng) {
    uint64_t slot = rng_below(rng, SLOTS);
    struct item *item = hp_protect(me, slot, &cells[rng_below(rng, CELLS)]);
    for (int i = 0; i < 3; i++) {
        if (atomic_load_explicit(&item->mark, memory_order_relaxed) != ALIVE) count(&c.dead, 1);
        pace_atomic_step();
    }
    count(&c.reads, 1);
    if (rng_below(rng, 4)) hp_clear(me, slot);
}

static void replace(struct hp_thread *me, struct rng *rng) {
    struct item *item = item_new();
    void *old = atomic_exchange_explicit(&cells[rng_below(rng, CELLS)], item, memory_order_release);
    hp_retire(me, old, reclaim);
}

static void use_stack(struct hp_thread *me, struct rng *rng) {
    uint64_t value = rng_below(rng, 1000);
    if (rng_below(rng, 2)) {
        if (hp_stack_push(c.stack, me, value)) count(&c.pushed, 1), count(&c.sum_pushed, value);
    } else if (hp_stack_pop(c.stack, me, &value))
        count(&c.popped, 1), count(&c.sum_popped, value);
}

static void take_part(uint64_t number) {
    struct rng rng = rng_new(c.seed, number);
    struct hp_thread *me = attached(c.domain);
    pace_unsteady(c.seed, number);
    for (uint64_t turn = 0; turn < c.turns; turn++) {
        uint64_t draw = rng_below(&rng, 64);
        if (draw < 28)
            look(me, &rng);
        else if (draw < 44)
            replace(me, &rng);
        else if (draw < 63)
            use_stack(me, &rng);
        else
            hp_detach(me), me = attached(c.domain);
        if (turn % 1024 == 0 && number == 0) evidence_progress();
    }
    hp_detach(me);
}

static void close(void) {
    struct hp_thread *me = attached(c.domain);
    uint64_t value;
    while (hp_stack_pop(c.stack, me, &value)) count(&c.popped, 1), count(&c.sum_popped, value);
    hp_stack_free(c.stack, me);
    for (int i = 0; i < CELLS; i++) hp_retire(me, cells[i], reclaim);
    hp_detach(me);
    hp_free(c.domain);
    for (struct item *item = c.kept, *next; item; item = next) next = item->next, free(item);
}

void hp_crowd(uint64_t seed) {
    uint64_t threads = scenario_param("threads");
    c.seed = seed, c.turns = scenario_param("turns"), c.frees = scenario_param("frees");
    c.domain = new_domain(threads, SLOTS);
    c.stack = new_hp_stack(c.domain);
    for (int i = 0; i < CELLS; i++) cells[i] = item_new();
    crew_join(crew_start(threads, take_part));
    close();
    evidence_count("reads", c.reads);
    evidence_count("dead", c.dead);
    evidence_count("made", c.made);
    evidence_count("reclaimed", c.reclaimed);
    evidence_count("twice", c.twice);
    evidence_count("pushed", c.pushed);
    evidence_count("popped", c.popped);
    evidence_count("sum_pushed", c.sum_pushed);
    evidence_count("sum_popped", c.sum_popped);
}
