/* SPDX-License-Identifier: MIT */
/* stacks.c -- the stacks of green threads.
 *
 *   stacks  threads
 *
 * Each thread fills ROOM bytes with its own number, lets the others run a few times, and looks whether they are
 * still so. While all are there, the first one looks page by page below each stack, by asking the kernel to read
 * there: it must meet a page that cannot be touched before it meets another thread's stack.
 *
 * Evidence: `threads`, `damaged` (whose bytes have changed), `unguarded`; `least_room`: bytes that a thread's function
 * has to itself, from where it begins down to that page, of the one that has the least. */
#include "driver.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "evidence.h"
#include "scenario.h"

enum { ROOM = 15 << 10, PAGE = 4096, THREADS_MAX = 64, PAGES_MAX = 16384, ROUNDS = 3 };

static uintptr_t lowest[THREADS_MAX]; /* of what each thread uses */
static uintptr_t begins[THREADS_MAX]; /* where its function's stack begins, above the place to return to */
static _Atomic uint64_t there, damaged;
static struct chan *gate;

static void use_room(void *arg) {
    uint64_t me = (uint64_t)(uintptr_t)arg, number;
    volatile unsigned char room[ROOM];
    bool right = true;
    lowest[me] = (uintptr_t)room;
    begins[me] = (uintptr_t)__builtin_frame_address(0) + 2 * sizeof(void *);
    for (int i = 0; i < ROOM; i++) room[i] = (unsigned char)(me + 1);
    there++;
    for (int round = 0; round < ROUNDS; round++) green_yield();
    chan_receive(gate, &number);
    for (int i = 0; i < ROOM; i++) right &= room[i] == (unsigned char)(me + 1);
    if (!right) damaged++;
}

static bool meets_another(uintptr_t page, uint64_t me, uint64_t count) {
    for (uint64_t other = 0; other < count; other++)
        if (other != me && lowest[other] + ROOM > page && lowest[other] < page + PAGE) return true;
    return false;
}

static bool is_guarded(uint64_t me, uint64_t count, uint64_t *room) {
    uintptr_t page = lowest[me] & ~(uintptr_t)(PAGE - 1);
    bool guards = false, ends = false;
    for (int i = 0; i < PAGES_MAX && !ends; i++, page -= PAGE) {
        guards = !is_readable(page);
        ends = guards || (i > 0 && meets_another(page, me, count));
    }
    *room = begins[me] - (page + 2 * PAGE);
    return guards;
}

static void first(void *arg) {
    struct green *threads[THREADS_MAX];
    uint64_t count = scenario_param("threads"), unguarded = 0, room, least = UINT64_MAX;
    (void)arg;
    gate = new_channel(1);
    for (uint64_t i = 0; i < count; i++) threads[i] = go(use_room, (void *)(uintptr_t)i);
    while (there < count) green_yield();
    for (uint64_t i = 0; i < count; i++) {
        unguarded += !is_guarded(i, count, &room);
        if (room < least) least = room;
    }
    chan_close(gate);
    for (uint64_t i = 0; i < count; i++) green_join(threads[i]);
    chan_free(gate);
    evidence_count("threads", count);
    evidence_count("unguarded", unguarded);
    evidence_count("least_room", least);
}

void stacks(uint64_t seed) {
    (void)seed;
    run_green(2, first);
    evidence_count("damaged", damaged);
}
