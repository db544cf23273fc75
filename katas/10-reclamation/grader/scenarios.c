/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include <pthread.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"tagged_crowd", tagged_crowd},
    {"tagged_paused", tagged_paused},
    {"tagged_wrap", tagged_wrap},
    {"tagged_counts", tagged_counts},
    {"tagged_memory", tagged_memory},
    {"hp_protects", hp_protects},
    {"hp_crowd", hp_crowd},
    {"hp_waiting", hp_waiting},
    {"hp_leave", hp_leave},
    {"hp_chains", hp_chains},
    {"hp_paused", hp_paused},
    {"hp_counts", hp_counts},
    {"hp_memory", hp_memory},
    {"bench", bench},
    {"cost", cost},
    {"garbage", garbage},
    {NULL, NULL},
};

static void *made(void *object, const char *call, const char *expected) {
    if (object) return object;
    evidence_broken_off(call, "answered NULL, with memory to be had", expected, call);
}

struct tagged_stack *new_tagged(uint32_t slots) {
    return made(tagged_new(slots), "tagged_new", "a stack");
}

struct hp_domain *new_domain(size_t threads_max, size_t slots_per_thread) {
    return made(hp_new(threads_max, slots_per_thread), "hp_new", "a domain");
}

struct hp_stack *new_hp_stack(struct hp_domain *domain) {
    return made(hp_stack_new(domain), "hp_stack_new", "a stack");
}

struct hp_thread *attached(struct hp_domain *domain) {
    struct hp_thread *me = hp_attach(domain);
    if (me) return me;
    evidence_broken_off("hp_attach", "answered NULL, with fewer than threads_max handles attached", "a handle",
                        "hp_attach: whose place is free?");
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
