/* SPDX-License-Identifier: MIT
 *
 * strategy.c -- the portfolio. */
#include "strategy.h"

#include "kinds.h"
#include "schedule.h"
#include "thread.h"

#include <stdio.h>

enum plan { PCT, UNIFORM, STICKY, PARKING, TURNS };
enum taste { NEWEST, ANY, OLDEST, BY_LINE };

enum { MAX_CHANGES = 5, STICKINESS = 6, LONGEST_TURN = 8 };

static const enum plan portfolio[16] = {PCT, UNIFORM, PCT, STICKY, PCT, UNIFORM, PCT, PARKING,
                                        PCT, UNIFORM, PCT, STICKY, PCT, TURNS,   PCT, PARKING};

static const enum taste tastes[8] = {NEWEST, NEWEST, ANY, ANY, ANY, ANY, OLDEST, BY_LINE};

static uint32_t expected_choices = 40;

static enum plan plan;
static enum taste taste;
static uint32_t line_salt;
static bool reuse;
static uint32_t choices_made;
static int changes;
static uint32_t change_at[MAX_CHANGES];
static int lowest_priority;
static uint32_t park_one_in;
static struct {
    uint32_t steps[MAX_THREADS]; /* of each turn, by thread */
    bool main_takes_turns;       /* else T0 runs as long as it can: it often only starts the others */
} turns;

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
    static const char *const names[] = {"pct", "uniform", "sticky", "parking", "turns"};
    if (plan_of(seed) != PCT) return names[plan_of(seed)];
    snprintf(text, sizeof text, "pct %d", changes_of(seed) + 1);
    return text;
}

void strategy_calibrate(uint32_t thread_choices) {
    if (thread_choices > expected_choices) expected_choices = thread_choices;
}

/* Mostly of the same length for all, since threads often do the same. */
static void draw_turns(void) {
    bool alike = random_below(2), main_takes_turns = random_below(2);
    uint32_t all = 1 + random_below(LONGEST_TURN);
    turns.main_takes_turns = main_takes_turns;
    for (int i = 0; i < MAX_THREADS; i++) turns.steps[i] = alike ? all : 1 + random_below(LONGEST_TURN);
}

void strategy_begin(uint64_t seed) {
    random_seed(seed);
    plan = plan_of(seed);
    taste = tastes[random_below(8)];
    line_salt = random_below(1 << 30);
    reuse = random_below(2);
    park_one_in = plan == PARKING ? 1 + random_below(24) : 0;
    changes = changes_of(seed);
    for (int i = 0; i < changes; i++) change_at[i] = 1 + random_below(expected_choices);
    if (plan == TURNS) draw_turns();
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

/* The point before a step is counted, the step is not yet done. The first of the others is the next in a ring. */
static unsigned by_turns(const struct offer *offer) {
    if (!offer->current_first) return 0;
    if (running->id == 0 && !turns.main_takes_turns) return 0;
    uint32_t done = running->steps - 1;
    return done > 0 && done % turns.steps[running->id] == 0;
}

static unsigned pick_thread(const struct offer *offer) {
    choices_made++;
    switch (plan) {
    case PCT:
        return by_priority(offer);
    case STICKY:
        if (offer->current_first && random_below(STICKINESS)) return 0;
        break;
    case TURNS:
        return by_turns(offer);
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

static unsigned how_old(unsigned options) {
    switch (taste) {
    case ANY:
        return geometric(options);
    case OLDEST:
        return random_below(8) ? options - 1 : 0;
    case BY_LINE:
        return (running->pc ^ line_salt) * 0x9e3779b1u >> 31 ? options - 1 : 0;
    default:
        return 0;
    }
}

static unsigned rarely(unsigned one_in, unsigned options) {
    return random_below(one_in) ? 0 : 1 + random_below(options - 1);
}

unsigned answer_from_seed(unsigned kind, unsigned options) {
    switch (kind) {
    case CHOOSE_THREAD:
        return pick_thread(&schedule_offer);
    case CHOOSE_STORE:
        return how_old(options);
    case CHOOSE_SPURIOUS_WAKE:
        return rarely(60, options);
    case CHOOSE_SPURIOUS_CAS:
        return rarely(8, options);
    case CHOOSE_TIMEOUT:
        return rarely(30, options);
    case CHOOSE_MOVE:
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
