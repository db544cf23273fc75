/* SPDX-License-Identifier: MIT
 *
 * atomic.c -- loads, stores, updates and compare-exchanges, step by step. What they mean is in ordering.c. */
#include "atomic.h"

#include "definedness.h"
#include "describe.h"
#include "footprint.h"
#include "kinds.h"
#include "ordering.h"
#include "progress.h"
#include "schedule.h"
#include "shadow.h"
#include "sleep_set.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <string.h>

enum { STALE_STREAK_LIMIT = 6, SPURIOUS_STREAK_LIMIT = 2 };

/* How many stores back the load looks. */
static unsigned choose_age(struct location *location, bool sc) {
    unsigned kept = location_kept(location), oldest = 0;
    if (progress.fair || running->stale_streak >= STALE_STREAK_LIMIT) return 0;
    while (oldest + 1 < kept && !ordering_stops(location_store(location, oldest), sc)) oldest++;
    sleep_set_note_load(location->address, location->size_bytes, location->count);
    return oldest ? choose(CHOOSE_STORE, oldest + 1) : 0;
}

/* What this access touches that others may. */
static void touch_location(const struct location *location, enum touch_kind kind, int order) {
    if (!footprint) return;
    footprint_add(footprint, (struct touch){location->address, location->size_bytes, (uint16_t)location->count, kind});
    if (order == __ATOMIC_SEQ_CST) touch(TOUCHED_SC_ORDER, 1, READS);
}

static void trace_value(const char *doing, uint32_t pc, word value, unsigned size, const char *more) {
    if (tracing) trace_step(doing, pc, "%s%s", describe_value(value, size), more);
}

/* All of a program's atomics lie in memory that has cells: its heap, stacks and variables. */
static void check_address(uintptr_t address, unsigned size, uint32_t pc, const char *what) {
    shadow_check_bounds(address, size, pc, what);
    if (cell_at(address)) return;
    verdict_place(running->id, pc, 0, what);
    violate(VERDICT_CRASH, "T%d %s through a wild pointer in {0}", running->id, what);
}

/* Which of the stores it reads; *location receives where. `what` is a verb in the third person. */
static unsigned look(uintptr_t address, unsigned size, int order, uint32_t pc, const char *what,
                     struct location **location) {
    check_address(address, size, pc, what);
    shadow_access(address, size, ATOMIC_READ, pc, what);
    definedness_read(address, size, pc);
    *location = location_at(address, size);
    touch_location(*location, LOADS, order);
    unsigned age = choose_age(*location, order == __ATOMIC_SEQ_CST);
    running->stale_streak = age ? running->stale_streak + 1 : 0;
    ordering_learn(location_store(*location, age), order);
    return age;
}

word atomic_look(const volatile void *at, unsigned size, uint32_t pc, const char *what) {
    struct location *location;
    unsigned age = look((uintptr_t)at, size, __ATOMIC_RELAXED, pc, what, &location);
    return location_store(location, age)->value;
}

word atomic_load_word(const volatile void *at, unsigned size, int order, uint32_t pc) {
    struct location *location;
    schedule_point("loads", pc);
    unsigned age = look((uintptr_t)at, size, order, pc, "atomically loads", &location);
    struct store *store = location_store(location, age);
    if (tracing && age)
        trace_step("loads", pc, "%s, an older value: nothing orders this load behind T%d's store of %s",
                   describe_value(store->value, size), location_store(location, 0)->thread,
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
    definedness_set(address, size);
    struct location *location = location_at(address, size);
    bool first = ordering_store(location, value, order, pc);
    touch_location(location, first ? WRITES : APPENDS, order);
    if (tracing && first)
        trace_step("stores", pc, "%s, before the newest: %s stays the last in modification order",
                   describe_value(value, size), describe_value(location_store(location, 0)->value, size));
    else
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

word atomic_updated(enum update update, word old, word operand, unsigned size) {
    word value = updated(update, old, operand);
    return size < sizeof value ? value & (((word)1 << 8 * size) - 1) : value;
}

word atomic_update_word(volatile void *at, unsigned size, enum update update, word operand, int order, uint32_t pc) {
    static const char *const names[] = {"exchanges", "adds", "subtracts", "ands", "ors", "xors", "nands"};
    uintptr_t address = (uintptr_t)at;
    schedule_point(names[update], pc);
    check_address(address, size, pc, "atomically updates");
    definedness_read(address, size, pc);
    shadow_access(address, size, ATOMIC_WRITE, pc, "atomically updates");
    definedness_set(address, size);
    struct location *location = location_at(address, size);
    touch_location(location, APPENDS, order);
    struct store *newest = location_store(location, 0);
    word old = newest->value, new = atomic_updated(update, old, operand, size);
    ordering_learn(newest, order);
    ordering_update(location, new, order, pc);
    if (tracing) trace_step(names[update], pc, "%s -> %s", describe_value(old, size), describe_value(new, size));
    thread_tick();
    return old;
}

static bool fails_spuriously(bool weak) {
    bool fails =
        weak && !progress.fair && running->spurious_streak < SPURIOUS_STREAK_LIMIT && choose(CHOOSE_SPURIOUS_CAS, 2);
    running->spurious_streak = fails ? running->spurious_streak + 1 : 0;
    return fails;
}

bool atomic_cas_word(volatile void *at, unsigned size, word *expected, word desired, int order, int failure_order,
                     bool weak, uint32_t pc) {
    uintptr_t address = (uintptr_t)at;
    schedule_point("compares and swaps", pc);
    check_address(address, size, pc, "compares and swaps");
    definedness_read(address, size, pc);
    struct location *location = location_at(address, size);
    struct store *newest = location_store(location, 0);
    word old = newest->value;
    bool equal = old == *expected, taken = equal && !fails_spuriously(weak);
    shadow_access(address, size, taken ? ATOMIC_WRITE : ATOMIC_READ, pc, "compares and swaps");
    ordering_learn(newest, taken ? order : failure_order);
    if (taken) definedness_set(address, size);
    touch_location(location, taken ? APPENDS : READS, taken ? order : failure_order);
    if (taken) ordering_update(location, desired, order, pc);
    if (tracing && taken)
        trace_step("swaps", pc, "%s -> %s", describe_value(old, size), describe_value(desired, size));
    else if (tracing && equal)
        trace_step("fails to swap", pc, "spuriously, as a weak compare-exchange may");
    else if (tracing)
        trace_step("fails to swap", pc, "finds %s, expected %s", describe_value(old, size),
                   describe_value(*expected, size));
    *expected = old;
    thread_tick();
    return taken;
}
