/* SPDX-License-Identifier: MIT
 *
 * ordering.c -- the memory model: what each access learns and publishes.
 *
 * An execution's order of steps serves as each location's modification order and as the order S of seq_cst operations.
 * A load looks back from the newest store and must stop at the first one that the thread already knows, by
 * happens-before or through its own or a known read, or that S forbids to overlook. For S the rules of C++20 are used
 * (P0668): they are what compilers implement, and they only forbid more than C11's.
 *
 *   - A seq_cst load overlooks nothing that a seq_cst operation on that location wrote or read before.
 *   - What a thread knew at a seq_cst fence is known to later seq_cst loads, and to threads after later seq_cst fences
 *     (`fenced`).
 *   - After a seq_cst fence a thread overlooks no earlier seq_cst operation (SC_SLOT of its view).
 *
 * Release sequences are C11's: later stores of the same thread continue them, and updates of any. */
#include "ordering.h"

#include "footprint.h"
#include "kinds.h"
#include "progress.h"
#include "schedule.h"
#include "thread.h"
#include "trace.h"

#include <string.h>

static struct clock fenced;  /* what is known to all who have passed a seq_cst fence before */
static uint32_t sc_position; /* number of seq_cst operations so far */

void ordering_reset(void) {
    stores_reset();
    memset(&fenced, 0, sizeof fenced);
    sc_position = 0;
}

static bool acquires(int order) {
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

static bool releases(int order) {
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/* May the running thread, loading with this order, not look past `store`? */
bool ordering_stops(const struct store *store, bool sc) {
    const struct clock *visible = &running->view.visible;
    bool known = false;
    for (int i = 0; i < MAX_THREADS; i++)
        known |= store->seen[i] <= visible->at[i] || (sc && store->seen[i] <= fenced.at[i]);
    if (known || !store->sc_position) return known;
    return sc || store->sc_position <= visible->at[SC_SLOT];
}

static void note_sc(struct store *store, int order) {
    if (order != __ATOMIC_SEQ_CST) return;
    sc_position++;
    if (!store->sc_position) store->sc_position = sc_position;
}

/* The running thread reads `store`. */
void ordering_learn(struct store *store, int order) {
    uint32_t now = running->view.happened.at[running->id];
    if (store->seen[running->id] > now) store->seen[running->id] = now;
    note_sc(store, order);
    if (store->heads == HEADS_NONE) return;
    view_join(acquires(order) ? &running->view : &running->acquire_later, &store->release);
}

static bool empty(const struct view *view) {
    for (int i = 0; i < MAX_THREADS; i++)
        if (view->happened.at[i]) return false;
    return true;
}

/* The running thread publishes through its new `store`. */
static void publish(struct store *store, int order) {
    const struct view *view = releases(order) ? &running->view : &running->release_fence;
    note_sc(store, order);
    if (empty(view)) return;
    view_join(&store->release, view);
    bool alone = store->heads == HEADS_NONE || store->heads == running->id;
    store->heads = alone ? running->id : HEADS_SEVERAL;
}

static void continue_sequences(struct store *store, const struct store *before) {
    store->heads = before->heads;
    store->release = before->release;
}

/* May this store come before the newest one in modification order, although it runs after it? Where the
 * newest is another thread's, nothing orders it before this one, and it is no read-modify-write, which
 * follows the store it read without a gap (C11 5.1.2.4p17, 7.17.3p12). One place back is as far as it goes. */
static bool comes_first(struct location *location, int order) {
    const struct store *newest = location_store(location, 0);
    if (progress.fair || location->count < 2 || newest->thread < 0 || newest->update) return false;
    bool sc = order == __ATOMIC_SEQ_CST;
    if (newest->thread == running->id || ordering_stops(newest, sc) || (sc && newest->sc_position)) return false;
    return choose(CHOOSE_STORE, 2);
}

/* The newest store's value stays the one in memory. */
static void put_behind_newest(struct location *location) {
    struct store *last = location_store(location, 0), *before = location_store(location, 1), mine = *last;
    *last = *before;
    *before = mine;
    memory_write(location->address, location->size_bytes, last->value);
}

/* A plain store goes on only with its own thread's sequences. Where several are mixed all go on:
 * that orders too much, which can hide a bug but never invent one. */
bool ordering_store(struct location *location, word value, int order, uint32_t pc) {
    bool first = comes_first(location, order);
    const struct store *before = location_store(location, first);
    struct store *store = location_append(location, value, pc);
    if (before->heads == running->id || before->heads == HEADS_SEVERAL) continue_sequences(store, before);
    publish(store, order);
    if (first) put_behind_newest(location);
    return first;
}

void ordering_update(struct location *location, word value, int order, uint32_t pc) {
    const struct store *before = location_store(location, 0);
    struct store *store = location_append(location, value, pc);
    store->update = true;
    if (before->heads != HEADS_NONE) continue_sequences(store, before);
    publish(store, order);
}

void ordering_barrier(void) {
    touch(TOUCHED_SC_ORDER, 1, WRITES);
    clock_join(&running->view.visible, &fenced);
    running->view.visible.at[SC_SLOT] = ++sc_position;
    clock_join(&fenced, &running->view.visible);
}

void ordering_fence(int order, uint32_t pc) {
    schedule_point("fences", pc);
    if (acquires(order)) view_join(&running->view, &running->acquire_later);
    if (order == __ATOMIC_SEQ_CST) ordering_barrier();
    if (releases(order)) running->release_fence = running->view;
    trace_step("fences", pc, "");
    thread_tick();
}
