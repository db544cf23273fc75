/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include <pthread.h>
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"crowd", crowd},       {"paused", paused},     {"lines", lines},   {"come_and_go", come_and_go},
    {"machines", machines}, {"separate", separate}, {"counts", counts}, {"no_memory", no_memory},
    {"bench", bench},       {"cost", cost},         {NULL, NULL},
};

struct counter *new_counter(void) {
    struct counter *c = counter_new();
    if (c) return c;
    evidence_broken_off("counter_new", "answered NULL, with memory to be had", "a counter", "counter_new");
}

struct errand {
    void (*run)(uint64_t number);
    uint64_t number;
};

static void *run_errand(void *argument) {
    struct errand *errand = argument;
    errand->run(errand->number);
    return NULL;
}

void one_thread(void (*run)(uint64_t number), uint64_t number) {
    struct errand errand = {run, number};
    pthread_join(gate_thread(run_errand, &errand), NULL);
}
