/* SPDX-License-Identifier: MIT
 *
 * shrink.c -- zeroes, removes and lowers choices while the same failure remains. */
#include "shrink.h"

#include "choice.h"

#include <string.h>

static const struct shrinker *shrinker;
static struct choices best;
static uint64_t best_cost, cost_so_far;
static uint32_t tries;

static void keep(uint64_t cost) {
    best.count = record.count;
    memcpy(best.taken, record.taken, record.count);
    memcpy(best.kind, record.kind, record.count);
    best_cost = cost;
}

static uint32_t weight(const struct choices *choices) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < choices->count; i++) sum += choices->taken[i];
    return sum;
}

static bool exhausted(void) {
    return tries >= shrinker->max_tries || cost_so_far >= shrinker->max_cost;
}

/* Plays `script`; keeps what it did if it fails alike and is simpler. */
static bool try_script(void) {
    if (exhausted()) return false;
    uint64_t cost;
    bool alike = shrinker->fails_alike(&cost);
    tries++;
    cost_so_far += cost;
    if (!alike) return false;
    uint32_t was = weight(&best), is = weight(&record);
    if (is > was || (is == was && cost >= best_cost)) return false;
    keep(cost);
    return true;
}

static void script_from_best(void) {
    script.count = best.count;
    memcpy(script.taken, best.taken, best.count);
}

static void zero_kind(uint8_t kind) {
    script_from_best();
    bool any = false;
    for (uint32_t i = 0; i < best.count; i++)
        if (best.kind[i] == kind && best.taken[i]) {
            script.taken[i] = 0;
            any = true;
        }
    if (any) try_script();
}

static bool zero_range(uint32_t start, uint32_t length) {
    script_from_best();
    bool any = false;
    for (uint32_t i = start; i < start + length && i < script.count; i++) {
        any |= script.taken[i] != 0;
        script.taken[i] = 0;
    }
    return any && try_script();
}

static bool remove_range(uint32_t start, uint32_t length) {
    if (start + length > best.count) return false;
    script_from_best();
    memmove(script.taken + start, script.taken + start + length, script.count - start - length);
    script.count -= length;
    return try_script();
}

static bool lower(uint32_t at) {
    if (at >= best.count || best.taken[at] < 2) return false;
    script_from_best();
    script.taken[at] = shrinker->lower(script.taken[at]);
    return try_script();
}

static bool pass(uint32_t length) {
    bool changed = false;
    for (uint32_t at = 0; at < best.count && !exhausted(); at += length) changed |= zero_range(at, length);
    for (uint32_t at = 0; length <= 4 && at < best.count && !exhausted(); at++)
        if (best.taken[at]) changed |= remove_range(at, length) || lower(at);
    return changed;
}

void shrink(const struct shrinker *how, uint64_t cost) {
    shrinker = how;
    tries = 0;
    cost_so_far = 0;
    keep(cost);
    for (size_t i = 0; i < how->kind_count; i++) zero_kind(how->kinds[i]);
    bool changed = true;
    while (changed && !exhausted()) {
        changed = false;
        for (uint32_t length = how->all_at_once ? best.count : best.count / 2; length; length /= 2)
            changed |= pass(length);
    }
    script_from_best();
}
