/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"crowd", crowd},         {"crowd_room", crowd_room}, {"paused", paused},       {"overtaken", overtaken},
    {"sizes", sizes},         {"no_limiter", no_limiter}, {"no_window", no_window}, {"faults", faults},
    {"no_shared", no_shared}, {"bench", bench},           {"cost", cost},           {NULL, NULL},
};

struct limiter *new_limiter(uint64_t per_second, uint64_t burst, size_t keys_max) {
    struct limiter *l = limiter_new(per_second, burst, keys_max);
    if (l) return l;
    evidence_broken_off("limiter_new", "answered NULL, with memory to be had", "a limiter", "limiter_new");
}

struct window *new_window(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    struct window *w = window_new(limit, window_ns, keys_max);
    if (w) return w;
    evidence_broken_off("window_new", "answered NULL, with memory to be had", "a window", "window_new");
}
