/* SPDX-License-Identifier: MIT */
/* counts.c -- what a request costs, in SQLite's own counts.
 *
 *   counts  few, many: keys stored before the costs are taken
 *
 * Every kind of request is handled once, so that what is prepared on first use
 * is. Then a row of `costs` per kind, for ROUNDS requests of it with few keys
 * stored and as many with many: `prepares`, `scans` (steps of a full table scan),
 * and `vm_few` and `vm_many`, steps of the virtual machine. Also `opened`, and `wrong`: requests not answered
 * with the status that their kind has. */
#include <stdio.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "kinds.h"
#include "scenario.h"

#define ROUNDS 10

#define ROUNDS 10
static HANDED_OVER struct api *api;
static uint64_t serial, wrong;

/* One request of the kind, counted; what must come before it is not. */
static void count(enum kind kind) {
    char key[32];
    snprintf(key, sizeof key, "count-%llu", (unsigned long long)serial++);
    if (kind_needs_answer(kind)) (void)kind_ask(api, FRESH, key);
    calls_begin();
    bool right = kind_ask(api, kind, key);
    calls_end();
    wrong += !right;
}

EVIDENCE_ROW(cost, prepares, scans, vm_few, vm_many);
static struct cost costs[KINDS];

static void take_costs(bool few) {
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (int i = 0; i < ROUNDS; i++) {
            count(kind);
            costs[kind].prepares += calls.prepares, costs[kind].scans += calls.scan_steps;
            *(few ? &costs[kind].vm_few : &costs[kind].vm_many) += calls.vm_steps;
        }
    }
    evidence_progress();
}

static void fill_up_to(uint64_t keys) {
    static uint64_t stored;
    char key[32];
    for (; stored < keys; stored++) {
        snprintf(key, sizeof key, "stored-%llu", (unsigned long long)stored);
        wrong += !kind_ask(api, FRESH, key);
        if (stored % 500 == 0) evidence_progress();
    }
}

void counts(uint64_t seed) {
    (void)seed;
    bank_remove();
    int code = api_open(BANK_FILE, &api);
    bool filled = code == 0 && kind_fill();
    evidence_count("opened", (uint64_t)(code != 0 ? 1000 + code : !filled));
    if (!filled) return;
    for (enum kind kind = 0; kind < KINDS; kind++) count(kind);
    fill_up_to(scenario_param("few"));
    take_costs(true);
    fill_up_to(scenario_param("many"));
    take_costs(false);
    evidence_count("wrong", wrong);
    evidence_rows("costs", cost, costs, KINDS);
    api_close(api);
}
