/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"crowd", crowd},       {"held", held},           {"growth", growth},
    {"patterns", patterns}, {"no_memory", no_memory}, {"capacities", capacities},
    {"counts", counts},     {"bench", bench},         {NULL, NULL},
};

void *new_cache(uint64_t kind, size_t capacity) {
    void *cache = kinds[kind].new(capacity);
    if (cache) return cache;
    const char *name = kind == LRU ? "lru_new" : "lfu_new";
    evidence_broken_off(name, "answered NULL, with memory to be had", "a cache", name);
}

uint64_t value_of(uint64_t key) {
    return ~key * 3;
}
