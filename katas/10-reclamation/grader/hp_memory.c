/* SPDX-License-Identifier: MIT */
/* hp_memory.c -- what a domain takes and gives back, and a push without memory.
 *
 *   hp_memory   see refusals.h; then domains of several sizes, and a push that gets no memory
 *
 * Evidence beside: the rows `sizes`: `made`, and `works`; `bytes`, what the domain takes. `succeeded`: pushes that
 * answered true without memory; `changed`: whether the stack was another one after them. */
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "objects.h"
#include "refusals.h"

EVIDENCE_ROW(size, threads, slots, made, works, bytes);

static void *make(void) {
    return hp_new(3, 2);
}

/* The last handle's last slot protects, and the object is reclaimed in the end. */
static bool works(void *domain) {
    struct hp_thread *me = hp_attach(domain);
    _Atomic(void *) cell = object_new();
    if (!me || hp_protect(me, 0, &cell) != cell) return false;
    hp_clear(me, 0);
    object_retire(me, cell);
    hp_detach(me);
    return true;
}

static void end(void *domain) {
    hp_free(domain);
}

/* A stack is left with what is inside, or is emptied. */
static void live(uint64_t number) {
    struct hp_domain *domain = new_domain(1 + number % 4, 1 + number % 3);
    struct hp_thread *me = attached(domain);
    struct hp_stack *s = new_hp_stack(domain);
    uint64_t value;
    for (uint64_t i = 0; i < number % 90; i++) (void)hp_stack_push(s, me, i);
    for (uint64_t i = 0; i < number % 70; i++) (void)hp_stack_pop(s, me, &value);
    hp_stack_free(s, me);
    hp_detach(me);
    hp_free(domain);
}

static const size_t sizes[][2] = {{0, 1},
                                  {1, 0},
                                  {65537, 1},
                                  {1, 65537},
                                  {257, 256},
                                  {SIZE_MAX, 2},
                                  {2, SIZE_MAX / 2 + 2},
                                  {2, SIZE_MAX},
                                  {SIZE_MAX / 2 + 1, 2},
                                  {(size_t)1 << 32, (size_t)1 << 32},
                                  {1, 1},
                                  {256, 256},
                                  {65536, 1},
                                  {1, 65536}};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct size tried(size_t threads, size_t slots) {
    int64_t before = heap_live_bytes();
    struct hp_domain *domain = hp_new(threads, slots);
    struct size row = {.threads = threads, .slots = slots, .made = domain != NULL};
    if (!domain) return row;
    row.bytes = (uint64_t)(heap_live_bytes() - before);
    row.works = works(domain);
    hp_free(domain);
    return row;
}

static void push_without_memory(void) {
    struct hp_domain *domain = new_domain(1, 1);
    struct hp_thread *me = attached(domain);
    struct hp_stack *s = new_hp_stack(domain);
    uint64_t succeeded = 0, value = 0;
    (void)hp_stack_push(s, me, 7);
    heap_refuse_from(1);
    for (int i = 0; i < 3; i++) succeeded += hp_stack_push(s, me, 8);
    struct hp_stack *second = hp_stack_new(domain);
    heap_refuse_from(0);
    succeeded += second != NULL;
    bool same = hp_stack_pop(s, me, &value) && value == 7 && !hp_stack_pop(s, me, &value) && value == 7;
    evidence_count("succeeded", succeeded);
    evidence_count("changed", !same);
    hp_stack_free(s, me);
    hp_stack_free(NULL, me);
    hp_detach(me);
    hp_free(domain);
}

void hp_memory(uint64_t seed) {
    struct size rows[SIZES];
    (void)seed;
    objects_begin();
    refuse_each(&(struct refused_object){make, works, end, live});
    for (size_t i = 0; i < SIZES; i++) rows[i] = tried(sizes[i][0], sizes[i][1]), evidence_progress();
    evidence_rows("sizes", size, rows, SIZES);
    push_without_memory();
    hp_free(NULL);
}
