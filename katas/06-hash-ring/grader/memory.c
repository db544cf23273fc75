/* SPDX-License-Identifier: MIT */
/* memory.c -- what happens when there is no memory.
 *
 *   no_memory
 *
 * ring_new, see refusals.h. Then each addition of NODES nodes with the first
 * allocation refused, the second, ..., until the call needs no more. Then nodes
 * are removed while every allocation is refused. All this once with every later
 * allocation refused too, and once on a ring that has one refused at a time.
 *
 * Evidence beside: a row of `adds` per call of ring_add_node, its answer without
 * the sign, and of KEYS keys those with another owner after a call that was
 * refused; per call of ring_remove_node, `remove_answer`; `differs`, keys whose
 * owner is not that in a ring made of the same nodes with memory to be had; and
 * of each ring `kept`, allocations held after ring_free. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>

#include "evidence.h"
#include "heap.h"
#include "refusals.h"

#define NODES 9 /* arrays that double from 1, 4 or 8 grow on the way */
#define REMOVED 5
#define ATTEMPTS 4096 /* on each ring; a design may ask for several pieces of memory per point */
#define KEYS 64
#define VNODES 20

/* `nth`: the allocation that was to be refused; `alone`: no later one;
 * `refused`: it was asked for. */
EVIDENCE_ROW(add, nth, alone, refused, answer, changed);

static struct {
    uint64_t seed;
    struct hash_ring *ring;
    bool alone; /* one allocation is refused at a time */
    struct add add[2 * ATTEMPTS];
    uint64_t adds, attempts; /* in all; that this ring may still have */
    uint64_t remove_answer[2 * REMOVED], removes, differs, kept[2];
} m;

static void *make(void) {
    return ring_new(VNODES);
}

static bool works(void *ring) {
    add_node(ring, m.seed, 0);
    return owner(ring, m.seed, 0) == 0;
}

static void end(void *ring) {
    ring_free(ring);
}

/* Names come that the ring has, and go that it does not have. */
static void live(uint64_t number) {
    char name[NAME_SIZE];
    struct hash_ring *ring = new_ring(VNODES);
    node_name(name, m.seed, 0);
    for (uint64_t node = 0; node < number % 4; node++) add_node(ring, m.seed, node);
    if (number % 4 > 1) (void)ring_add_node(ring, name); /* -EEXIST: the scripts check that */
    if (number % 4 > 1) remove_node(ring, m.seed, 0);
    (void)ring_remove_node(ring, name); /* -ENOENT, now and then */
    ring_free(ring);
}

static void owners_now(uint64_t owners[KEYS]) {
    for (uint64_t key = 0; key < KEYS; key++) owners[key] = owner(m.ring, m.seed, key);
}

static uint64_t differing(const uint64_t a[KEYS], const uint64_t b[KEYS]) {
    uint64_t count = 0;
    for (uint64_t key = 0; key < KEYS; key++) count += a[key] != b[key];
    return count;
}

static void refuse(uint64_t nth) {
    m.alone ? heap_refuse_only(nth) : heap_refuse_from(nth);
}

/* One call with its `nth` allocation refused; whether there was one. */
static bool add_refused(const char *name, uint64_t nth) {
    uint64_t before[KEYS], after[KEYS];
    owners_now(before);
    refuse(nth);
    int answer = ring_add_node(m.ring, name);
    heap_refuse_from(0);
    uint64_t refused = heap_refused_at();
    owners_now(after);
    m.add[m.adds++] =
        (struct add){nth, m.alone, refused, (uint64_t)abs(answer), answer == 0 ? 0 : differing(before, after)};
    if (answer == 0 && refused) (void)ring_remove_node(m.ring, name); /* it could do without: the next one is tried */
    return refused != 0;
}

static void add_at_last(uint64_t node) {
    char name[NAME_SIZE];
    node_name(name, m.seed, node);
    for (uint64_t nth = 1; m.attempts > 0 && add_refused(name, nth); nth++) m.attempts--;
}

static void compare_with_fresh(uint64_t from) {
    uint64_t here[KEYS], there[KEYS];
    struct hash_ring *grown = m.ring;
    owners_now(here);
    m.ring = new_ring(VNODES);
    for (uint64_t node = from; node < NODES; node++) add_node(m.ring, m.seed, node);
    owners_now(there);
    ring_free(m.ring);
    m.ring = grown;
    m.differs += differing(here, there);
}

static void grow_and_shrink(bool alone) {
    int64_t before = heap_live();
    m.alone = alone, m.attempts = ATTEMPTS - NODES;
    m.ring = new_ring(VNODES);
    for (uint64_t node = 0; node < NODES; node++) add_at_last(node);
    compare_with_fresh(0);
    for (uint64_t node = 0; node < REMOVED; node++) {
        char name[NAME_SIZE];
        node_name(name, m.seed, node);
        refuse(1);
        m.remove_answer[m.removes++] = (uint64_t)abs(ring_remove_node(m.ring, name));
        heap_refuse_from(0);
        compare_with_fresh(node + 1);
    }
    ring_free(m.ring);
    m.kept[alone] = (uint64_t)(heap_live() - before);
}

void no_memory(uint64_t seed) {
    m.seed = seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    grow_and_shrink(false);
    grow_and_shrink(true);
    evidence_rows("adds", add, m.add, m.adds);
    evidence_series("remove_answer", m.remove_answer, m.removes);
    evidence_count("differs", m.differs);
    evidence_series("kept", m.kept, 2);
}
