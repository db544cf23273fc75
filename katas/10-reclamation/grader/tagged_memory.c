/* SPDX-License-Identifier: MIT */
/* tagged_memory.c -- what a stack takes, gives back, and how many slots it may have.
 *
 *   tagged_memory   see refusals.h; then stacks of several sizes
 *
 * Evidence beside: the rows `sizes`: `made`; `right`, of the highest slot and its neighbours pushed and popped again,
 * how many came back; `refused`, whether a slot too many was; `bytes`, what the stack takes. */
#include <stdbool.h>

#include "driver.h"
#include "evidence.h"
#include "heap.h"
#include "refusals.h"

EVIDENCE_ROW(stack, slots, made, right, refused, bytes);

static void *make(void) {
    return tagged_new(4);
}

static bool works(void *s) {
    return tagged_push(s, 3) && tagged_pop(s) == 3 && tagged_pop(s) == UINT32_MAX;
}

static void end(void *s) {
    tagged_free(s);
}

static void live(uint64_t number) {
    struct tagged_stack *s = new_tagged((uint32_t)number % 9 + 1);
    for (uint32_t i = 0; i < number % 5; i++) (void)tagged_push(s, i); /* there, or refused */
    tagged_free(s);
}

/* None and too many first; then what 8, 16 and 24 bits cut off. */
static const uint32_t sizes[] = {0, (1u << 31) + 1, UINT32_MAX, 1, 2, 257, 65537, (1u << 24) + 2};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct stack tried(uint32_t slots) {
    int64_t before = heap_live_bytes();
    struct tagged_stack *s = tagged_new(slots);
    struct stack row = {.slots = slots, .made = s != NULL};
    if (!s) return row;
    row.bytes = (uint64_t)(heap_live_bytes() - before);
    uint32_t most = slots < 3 ? slots : 3;
    for (uint32_t i = 1; i <= most; i++) (void)tagged_push(s, slots - i); /* what is lost shows below */
    row.refused = !tagged_push(s, slots) && !tagged_push(s, UINT32_MAX);
    for (uint32_t i = most; i >= 1; i--) row.right += tagged_pop(s) == slots - i;
    row.right = row.right == most && tagged_pop(s) == UINT32_MAX;
    tagged_free(s);
    return row;
}

void tagged_memory(uint64_t seed) {
    struct stack stacks[SIZES];
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
    for (size_t i = 0; i < SIZES; i++) stacks[i] = tried(sizes[i]), evidence_progress();
    evidence_rows("sizes", stack, stacks, SIZES);
    tagged_free(NULL);
}
