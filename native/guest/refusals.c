/* SPDX-License-Identifier: MIT */
/* refusals.c -- each allocation of a constructor refused in turn. */
#include "refusals.h"

#include "evidence.h"
#include "heap.h"

#define ATTEMPTS 512 /* per way of refusing; an object may well have an allocation per lane */
#define LIVES 100

/* `nth`: the allocation that was to be refused, from 1; `alone`: no later one;
 * `refused`: where it was asked for, 0 if it was not; `kept`: allocations still held, after NULL or
 * after use and the end. */
EVIDENCE_ROW(attempt, nth, alone, refused, made, works, kept);

static struct attempt attempt(const struct refused_object *object, uint64_t nth, bool alone) {
    int64_t live = heap_live();
    struct attempt a = {.nth = nth, .alone = alone};
    alone ? heap_refuse_only(nth) : heap_refuse_from(nth);
    void *made = object->make();
    heap_refuse_from(0);
    a.refused = heap_refused_at();
    if (made) {
        a.made = 1, a.works = object->works(made);
        object->end(made);
    }
    a.kept = (uint64_t)(heap_live() - live);
    return a;
}

void refuse_each(const struct refused_object *object) {
    static struct attempt attempts[2 * ATTEMPTS];
    size_t count = 0;
    for (int alone = 0; alone < 2; alone++) {
        for (uint64_t nth = 1; nth <= ATTEMPTS; nth++) {
            attempts[count++] = attempt(object, nth, alone);
            if (!attempts[count - 1].refused) break;
        }
    }
    int64_t live = heap_live();
    for (uint64_t i = 0; i < LIVES && attempts[count - 1].made; i++) object->live(i);
    evidence_rows("attempts", attempt, attempts, count);
    evidence_count("lives", LIVES);
    evidence_count("left_behind", (uint64_t)(heap_live() - live));
}
