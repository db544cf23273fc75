/* SPDX-License-Identifier: MIT */
/* memory.c -- what happens when there is no memory.
 *
 *   no_memory
 *
 * ring_new, see refusals.h. Then each addition of NODES nodes with the first
 * allocation refused, the second, ..., until the call needs no more. Then nodes
 * are removed while every allocation is refused.
 *
 * Evidence beside: a row of `adds` per call of ring_add_node, its answer without
 * the sign, and of KEYS keys those with another owner after a call that was
 * refused; per call of ring_remove_node, `remove_answer`; `differs`, keys whose
 * owner is not that in a ring made of the same nodes with memory to be had; and
 * `kept`, allocations held after ring_free. */
#include "driver.h"

#include <stdlib.h>

#include "evidence.h"
#include "heap.h"
#include "refusals.h"

#define NODES 9 /* arrays that double from 1, 4 or 8 grow on the way */
#define REMOVED 5
#define ATTEMPTS 4096 /* a design may ask for several pieces of memory per point */
#define KEYS 64
#define VNODES 20

EVIDENCE_ROW(add, answer, changed);

static struct {
    uint64_t seed;
    struct hash_ring *ring;
    struct add add[ATTEMPTS];
    uint64_t adds;
    uint64_t remove_answer[REMOVED], differs;
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

/* One call with allocations refused from the `nth` on; its answer. */
static int add_refused(const char *name, uint64_t nth) {
    uint64_t before[KEYS], after[KEYS], at = m.adds++;
    owners_now(before);
    heap_refuse_from(nth);
    int answer = ring_add_node(m.ring, name);
    heap_refuse_from(0);
    owners_now(after);
    m.add[at] = (struct add){(uint64_t)abs(answer), answer == 0 ? 0 : differing(before, after)};
    return answer;
}

static void add_at_last(uint64_t node) {
    char name[NAME_SIZE];
    node_name(name, m.seed, node);
    for (uint64_t nth = 1; m.adds < ATTEMPTS; nth++)
        if (add_refused(name, nth) == 0) return;
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

void no_memory(uint64_t seed) {
    m.seed = seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    int64_t before = heap_live();
    m.ring = new_ring(VNODES);
    for (uint64_t node = 0; node < NODES; node++) add_at_last(node);
    compare_with_fresh(0);
    for (uint64_t node = 0; node < REMOVED; node++) {
        char name[NAME_SIZE];
        node_name(name, m.seed, node);
        heap_refuse_from(1);
        m.remove_answer[node] = (uint64_t)abs(ring_remove_node(m.ring, name));
        heap_refuse_from(0);
        compare_with_fresh(node + 1);
    }
    ring_free(m.ring);
    evidence_rows("adds", add, m.add, m.adds);
    evidence_series("remove_answer", m.remove_answer, REMOVED);
    evidence_count("differs", m.differs);
    evidence_count("kept", (uint64_t)(heap_live() - before));
}
