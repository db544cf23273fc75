/* SPDX-License-Identifier: MIT */
/* clock.c -- alarms in order of their time. */
#include "clock.h"

#include "simkernel.h"

#include <stdlib.h>

enum { MAX_ALARMS = 64 };

struct alarm {
    uint64_t at;
    void (*ring)(void *);
    void *argument;
};

uint64_t clock_now;
static struct alarm alarms[MAX_ALARMS];
static int alarm_count;

void clock_reset(void) {
    clock_now = 1000u * NS_PER_MS;
    alarm_count = 0;
}

void clock_alarm(uint64_t at, void (*ring)(void *), void *argument) {
    for (int i = 0; i < alarm_count; i++)
        if (alarms[i].ring == ring && alarms[i].argument == argument) alarms[i--] = alarms[--alarm_count];
    if (at == NEVER) return;
    if (alarm_count == MAX_ALARMS) abort();
    alarms[alarm_count++] = (struct alarm){at, ring, argument};
}

static struct alarm *earliest(void) {
    struct alarm *first = NULL;
    for (struct alarm *a = alarms; a < alarms + alarm_count; a++)
        if (!first || a->at < first->at) first = a;
    return first;
}

uint64_t clock_next(void) {
    struct alarm *first = earliest();
    return first ? first->at : NEVER;
}

void clock_advance(uint64_t to) {
    for (struct alarm *first; (first = earliest()) && first->at <= to;) {
        struct alarm due = *first;
        if (due.at > clock_now) clock_now = due.at;
        *first = alarms[--alarm_count];
        due.ring(due.argument);
    }
    if (to > clock_now) clock_now = to;
}

uint64_t world_now_ms(void) {
    return clock_now / NS_PER_MS;
}

void world_in_ms(uint64_t ms, void (*ring)(void *), void *argument) {
    clock_alarm(clock_now + ms * NS_PER_MS, ring, argument);
}
