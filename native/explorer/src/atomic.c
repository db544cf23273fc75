/* SPDX-License-Identifier: MIT
 *
 * atomic.c -- the memory model.
 *
 * An execution's order of steps serves as each location's modification order and as the order S of
 * seq_cst operations. A load looks back from the newest store and must stop at the first one that
 * the thread already knows, by happens-before or through its own or a known read, or that S forbids
 * to overlook. For S the rules of C++20 are used (P0668): they are what compilers implement, and
 * they only forbid more than C11's:
 *   - a seq_cst load overlooks nothing that a seq_cst operation on that location wrote or read
 * before;
 *   - what a thread knew at a seq_cst fence is known to later seq_cst loads, and to threads after
 *     later seq_cst fences (`fenced`);
 *   - after a seq_cst fence a thread overlooks no earlier seq_cst operation (SC_SLOT of its view).
 * Release sequences are C11's: later stores of the same thread continue them, and updates of any.
 */
#include "atomic.h"

#include "choice.h"
#include "schedule.h"
#include "shadow.h"
#include "stores.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

#include <string.h>

enum { STALE_STREAK_LIMIT = 6, SPURIOUS_STREAK_LIMIT = 2 };

static struct clock fenced;  /* what is known to all who have passed a seq_cst fence before */
static uint32_t sc_position; /* number of seq_cst operations so far */

void atomic_reset(void) {
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
static bool must_stop_at(const struct store *store, bool sc) {
    const struct clock *visible = &running->view.visible;
    bool known = false;
    for (int i = 0; i < MAX_THREADS; i++)
        known |= store->seen[i] <= visible->at[i] || (sc && store->seen[i] <= fenced.at[i]);
    if (known || !store->sc_position)
        return known;
    return sc || store->sc_position <= visible->at[SC_SLOT];
}

/* How many stores back the load looks. */
static unsigned choose_age(struct location *location, bool sc) {
    unsigned kept = location_kept(location), oldest = 0;
    if (schedule.fair || running->stale_streak >= STALE_STREAK_LIMIT)
        return 0;
    while (oldest + 1 < kept && !must_stop_at(location_store(location, oldest), sc))
        oldest++;
    return oldest ? choose(CHOOSE_STORE, oldest + 1) : 0;
}

static void note_sc(struct store *store, int order) {
    if (order != __ATOMIC_SEQ_CST)
        return;
    sc_position++;
    if (!store->sc_position)
        store->sc_position = sc_position;
}

/* The running thread reads `store`. */
static void learn(struct store *store, int order) {
    uint32_t now = running->view.happened.at[running->id];
    if (store->seen[running->id] > now)
        store->seen[running->id] = now;
    note_sc(store, order);
    if (store->heads == HEADS_NONE)
        return;
    view_join(acquires(order) ? &running->view : &running->acquire_later, &store->release);
}

static bool empty(const struct view *view) {
    for (int i = 0; i < MAX_THREADS; i++)
        if (view->happened.at[i])
            return false;
    return true;
}

/* The running thread publishes through its new `store`. */
static void publish(struct store *store, int order) {
    const struct view *view = releases(order) ? &running->view : &running->release_fence;
    note_sc(store, order);
    if (empty(view))
        return;
    view_join(&store->release, view);
    bool alone = store->heads == HEADS_NONE || store->heads == running->id;
    store->heads = alone ? running->id : HEADS_SEVERAL;
}

static void continue_sequences(struct store *store, const struct store *before) {
    store->heads = before->heads;
    store->release = before->release;
}

/* A plain store goes on only with its own thread's sequences. Where several are mixed all go on:
 * that orders too much, which can hide a bug but never invent one. */
static void append_store(struct location *location, word value, int order, uint32_t pc) {
    const struct store *before = location_store(location, 0);
    struct store *store = location_append(location, value, pc);
    if (before->heads == running->id || before->heads == HEADS_SEVERAL)
        continue_sequences(store, before);
    publish(store, order);
}

static void append_update(struct location *location, word value, int order, uint32_t pc) {
    const struct store *before = location_store(location, 0);
    struct store *store = location_append(location, value, pc);
    if (before->heads != HEADS_NONE)
        continue_sequences(store, before);
    publish(store, order);
}

static void trace_value(const char *doing, uint32_t pc, word value, unsigned size,
                        const char *more) {
    if (tracing)
        trace_step(doing, pc, "%s%s", describe_value(value, size), more);
}

/* All of a program's atomics lie in memory that has cells: its heap, stacks and variables. */
static void check_address(uintptr_t address, unsigned size, uint32_t pc, const char *what) {
    shadow_check_bounds(address, size, pc, what);
    if (shadow_cell(address))
        return;
    verdict_place(running->id, pc, 0, what);
    violate(VERDICT_CRASH, "T%d %s through a wild pointer at {0}", running->id, what);
}

word atomic_load_word(const volatile void *at, unsigned size, int order, uint32_t pc) {
    uintptr_t address = (uintptr_t)at;
    schedule_point("loads", pc);
    check_address(address, size, pc, "atomically loads");
    shadow_access(address, size, ATOMIC_READ, pc, "atomically loads");
    struct location *location = location_at(address, size);
    unsigned age = choose_age(location, order == __ATOMIC_SEQ_CST);
    struct store *store = location_store(location, age);
    running->stale_streak = age ? running->stale_streak + 1 : 0;
    learn(store, order);
    if (tracing && age)
        trace_step("loads", pc, "%s, an older value: the newest, %s, has not reached it",
                   describe_value(store->value, size),
                   describe_value(location_store(location, 0)->value, size));
    else
        trace_value("loads", pc, store->value, size, "");
    thread_tick();
    return store->value;
}

void atomic_store_word(volatile void *at, unsigned size, word value, int order, uint32_t pc) {
    uintptr_t address = (uintptr_t)at;
    schedule_point("stores", pc);
    check_address(address, size, pc, "atomically stores");
    shadow_access(address, size, ATOMIC_WRITE, pc, "atomically stores");
    append_store(location_at(address, size), value, order, pc);
    trace_value("stores", pc, value, size, "");
    thread_tick();
}

static word updated(enum update update, word old, word operand) {
    switch (update) {
    case UPDATE_ADD:
        return old + operand;
    case UPDATE_SUB:
        return old - operand;
    case UPDATE_AND:
        return old & operand;
    case UPDATE_OR:
        return old | operand;
    case UPDATE_XOR:
        return old ^ operand;
    case UPDATE_NAND:
        return ~(old & operand);
    default:
        return operand;
    }
}

static word truncated(word value, unsigned size) {
    return size < sizeof value ? value & (((word)1 << 8 * size) - 1) : value;
}

word atomic_update_word(volatile void *at, unsigned size, enum update update, word operand,
                        int order, uint32_t pc) {
    static const char *const names[] = {"exchanges", "adds", "subtracts", "ands",
                                        "ors",       "xors", "nands"};
    uintptr_t address = (uintptr_t)at;
    schedule_point(names[update], pc);
    check_address(address, size, pc, "atomically updates");
    shadow_access(address, size, ATOMIC_WRITE, pc, "atomically updates");
    struct location *location = location_at(address, size);
    struct store *newest = location_store(location, 0);
    word old = newest->value, new = truncated(updated(update, old, operand), size);
    learn(newest, order);
    append_update(location, new, order, pc);
    if (tracing)
        trace_step(names[update], pc, "%s -> %s", describe_value(old, size),
                   describe_value(new, size));
    thread_tick();
    return old;
}

static bool fails_spuriously(bool weak) {
    bool fails = weak && !schedule.fair && running->spurious_streak < SPURIOUS_STREAK_LIMIT &&
                 choose(CHOOSE_SPURIOUS_CAS, 2);
    running->spurious_streak = fails ? running->spurious_streak + 1 : 0;
    return fails;
}

bool atomic_cas_word(volatile void *at, unsigned size, word *expected, word desired, int order,
                     int failure_order, bool weak, uint32_t pc) {
    uintptr_t address = (uintptr_t)at;
    schedule_point("compares and swaps", pc);
    check_address(address, size, pc, "compares and swaps");
    struct location *location = location_at(address, size);
    struct store *newest = location_store(location, 0);
    word old = newest->value;
    bool equal = old == *expected, taken = equal && !fails_spuriously(weak);
    shadow_access(address, size, taken ? ATOMIC_WRITE : ATOMIC_READ, pc, "compares and swaps");
    learn(newest, taken ? order : failure_order);
    if (taken)
        append_update(location, desired, order, pc);
    if (tracing && taken)
        trace_step("swaps", pc, "%s -> %s", describe_value(old, size),
                   describe_value(desired, size));
    else if (tracing && equal)
        trace_step("fails to swap", pc, "spuriously, as a weak compare-exchange may");
    else if (tracing)
        trace_step("fails to swap", pc, "finds %s, expected %s", describe_value(old, size),
                   describe_value(*expected, size));
    *expected = old;
    thread_tick();
    return taken;
}

void atomic_fence(int order, uint32_t pc) {
    schedule_point("fences", pc);
    if (acquires(order))
        view_join(&running->view, &running->acquire_later);
    if (order == __ATOMIC_SEQ_CST) {
        clock_join(&running->view.visible, &fenced);
        running->view.visible.at[SC_SLOT] = ++sc_position;
        clock_join(&fenced, &running->view.visible);
    }
    if (releases(order))
        running->release_fence = running->view;
    trace_step("fences", pc, "");
    thread_tick();
}
