/* SPDX-License-Identifier: MIT
 *
 * strategy.c -- the portfolio. */
#include "strategy.h"

#include "kinds.h"
#include "schedule.h"
#include "thread.h"

#include <stdio.h>

enum plan { PCT, UNIFORM, STICKY, PARKING };

enum { MAX_CHANGES = 5, STICKINESS = 6 };

static const enum plan portfolio[16] = {PCT, UNIFORM, PCT, STICKY, PCT, UNIFORM, PCT, PARKING,
                                        PCT, UNIFORM, PCT, STICKY, PCT, UNIFORM, PCT, PARKING};

static uint32_t expected_choices = 40;

static enum plan plan;
static bool stale, reuse;
static uint32_t choices_made;
static int changes;
static uint32_t change_at[MAX_CHANGES];
static int lowest_priority;
static uint32_t park_one_in;

/* xorshift64* (Vigna), seeded through splitmix64 so that neighbouring seeds differ. */
static uint64_t state;

static void random_seed(uint64_t seed) {
    uint64_t z = seed + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    state = (z ^ z >> 31) | 1;
}

static uint32_t random_below(uint32_t bound) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    uint64_t high = (state * 0x2545f4914f6cdd1du) >> 32;
    return (uint32_t)(high * bound >> 32);
}

static enum plan plan_of(uint64_t seed) {
    return portfolio[seed % 16];
}

static int changes_of(uint64_t seed) {
    return 1 + (int)(seed / 2 % 4);
}

const char *strategy_name(uint64_t seed) {
    static char text[16];
    static const char *const names[] = {"pct", "uniform", "sticky", "parking"};
    if (plan_of(seed) != PCT) return names[plan_of(seed)];
    snprintf(text, sizeof text, "pct %d", changes_of(seed) + 1);
    return text;
}

void strategy_calibrate(uint32_t thread_choices) {
    if (thread_choices > expected_choices) expected_choices = thread_choices;
}

void strategy_begin(uint64_t seed) {
    random_seed(seed);
    plan = plan_of(seed);
    stale = random_below(4) != 0;
    reuse = random_below(2);
    park_one_in = plan == PARKING ? 1 + random_below(24) : 0;
    changes = changes_of(seed);
    for (int i = 0; i < changes; i++) change_at[i] = 1 + random_below(expected_choices);
    choices_made = 0;
    lowest_priority = 0;
}

/* A new thread's priority is random and above all demoted ones. */
static int priority_of(struct thread *thread) {
    if (!thread->priority) thread->priority = 1 + (int)random_below(1 << 20);
    return thread->priority;
}

static unsigned by_priority(const struct offer *offer) {
    if (offer->tired) running->priority = --lowest_priority;
    for (int i = 0; i < changes; i++)
        if (change_at[i] == choices_made) running->priority = --lowest_priority;
    unsigned best = 0;
    for (unsigned i = 1; i < offer->count; i++)
        if (priority_of(offer->threads[i]) > priority_of(offer->threads[best])) best = i;
    return best;
}

static unsigned pick_thread(const struct offer *offer) {
    choices_made++;
    switch (plan) {
    case PCT:
        return by_priority(offer);
    case STICKY:
        if (offer->current_first && random_below(STICKINESS)) return 0;
        break;
    case UNIFORM:
    case PARKING:
        break;
    }
    return random_below(offer->count);
}

/* 0 with a half, then a quarter, ... */
static unsigned geometric(unsigned options) {
    unsigned taken = 0;
    while (taken + 1 < options && random_below(2)) taken++;
    return taken;
}

static unsigned rarely(unsigned one_in, unsigned options) {
    return random_below(one_in) ? 0 : 1 + random_below(options - 1);
}

unsigned answer_from_seed(unsigned kind, unsigned options) {
    switch (kind) {
    case CHOOSE_THREAD:
        return pick_thread(&schedule_offer);
    case CHOOSE_STORE:
        return stale ? geometric(options) : 0;
    case CHOOSE_SPURIOUS_WAKE:
        return rarely(60, options);
    case CHOOSE_SPURIOUS_CAS:
        return rarely(8, options);
    case CHOOSE_TIMEOUT:
        return rarely(30, options);
    case CHOOSE_MALLOC_FAILURE:
    case CHOOSE_THREAD_FAILURE:
        return rarely(4, options);
    case CHOOSE_PARK:
        return park_one_in ? rarely(park_one_in, options) : 0;
    case CHOOSE_REUSE:
        return reuse;
    default:
        return random_below(options);
    }
}
