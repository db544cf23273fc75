/* SPDX-License-Identifier: MIT */
/* two_flags_driver.c -- both threads raise their flags at once. */
#include "explore.h"
#include "two_flags.h"

#include <pthread.h>

static bool saw[2];

static void *other(void *unused) {
    saw[1] = raise_and_look(1);
    return unused;
}

static void both_at_once(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, other, NULL);
    saw[0] = raise_and_look(0);
    pthread_join(thread, NULL);
    if (!saw[0] && !saw[1]) explore_fail("neither thread saw the other's flag");
}

const struct explore_scenario explore_scenarios[] = {{"both_at_once", both_at_once}, {NULL, NULL}};
