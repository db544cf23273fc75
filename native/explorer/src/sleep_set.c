/* SPDX-License-Identifier: MIT
 *
 * sleep_set.c -- who sleeps, and who is woken by what. */
#include "sleep_set.h"

#include "progress.h"
#include "thread.h"

#include <string.h>

bool sleep_set_used;

enum sleeping { AWAKE, NEWER_VALUES, ASLEEP }; /* NEWER_VALUES: awake to load what was stored since */

static struct {
    enum sleeping state, next; /* `next`: once the step to come has begun */
    struct footprint tried, next_tried;
} sleepers[MAX_THREADS];

static struct footprint step;  /* of the running thread */
static struct footprint *kept; /* where it is kept as well, or NULL */
static struct touch newer;     /* LOADS, of a running thread that was awake for newer values only; size 0: none */
static unsigned stores_since;  /* to where it loads from; 0: any store will do */

void sleep_set_reset(void) {
    for (int i = 0; i < MAX_THREADS; i++) sleepers[i].state = sleepers[i].next = AWAKE;
    footprint = kept = NULL;
    newer.size_bytes = stores_since = 0;
}

bool sleep_set_holds(const struct thread *thread) {
    return sleepers[thread->id].state == ASLEEP;
}

/* One that was awake for newer values only has now tried these as well. */
void sleep_set_add(const struct thread *thread, const struct footprint *tried) {
    int i = thread->id;
    sleepers[i].next = ASLEEP;
    sleepers[i].next_tried = *tried;
    if (sleepers[i].state == NEWER_VALUES) footprint_join(&sleepers[i].next_tried, &sleepers[i].tried);
}

void sleep_set_keep(struct footprint *footprint) {
    kept = footprint;
}

static void wake(int i) {
    enum relation relation = footprint_relation(&sleepers[i].tried, &step);
    if (relation == DEPENDENT) sleepers[i].state = AWAKE;
    if (relation == NEWER_ONLY) sleepers[i].state = NEWER_VALUES;
}

void sleep_set_end_step(bool goes_on) {
    if (!footprint) return;
    footprint = NULL;
    step.goes_on = goes_on;
    if (kept) footprint_join(kept, &step);
    kept = NULL;
    for (int i = 0; i < thread_count; i++)
        if (sleepers[i].state != AWAKE) wake(i);
}

static void note_newer(int i) {
    newer.size_bytes = stores_since = 0;
    if (sleepers[i].state != NEWER_VALUES) return;
    for (int j = 0; j < sleepers[i].tried.count; j++)
        if (sleepers[i].tried.touches[j].kind == LOADS) newer = sleepers[i].tried.touches[j];
}

/* Those that sleep from now on. True: there are any. */
static bool fall_asleep(void) {
    bool any = false;
    for (int i = 0; i < thread_count; i++) {
        if (sleepers[i].next == ASLEEP) {
            sleepers[i].state = ASLEEP;
            sleepers[i].tried = sleepers[i].next_tried;
            sleepers[i].next = AWAKE;
        }
        any |= sleepers[i].state != AWAKE;
    }
    return any;
}

void sleep_set_begin_step(const struct thread *thread) {
    if (!sleep_set_used) return;
    if (sleep_set_holds(thread)) {
        progress.repeats = true;
        thread_abandon_execution();
    }
    note_newer(thread->id);
    sleepers[thread->id].state = AWAKE;
    bool any = fall_asleep();
    if (!any && !kept) return;
    step.count = 0;
    step.everything = false;
    footprint = &step;
}

void sleep_set_note_load(uintptr_t address, unsigned size_bytes, unsigned stores) {
    bool same = newer.size_bytes == size_bytes && newer.address == address;
    stores_since = same && stores > newer.stores ? stores - newer.stores : 0;
}

unsigned sleep_set_newer(unsigned options) {
    return stores_since && stores_since < options ? stores_since : options;
}
