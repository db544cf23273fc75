/* SPDX-License-Identifier: MIT */
/* transfer_driver.c -- two threads move money both ways at once. */
#include "explore.h"
#include "transfer.h"

static struct account a = {PTHREAD_MUTEX_INITIALIZER, 100}, b = {PTHREAD_MUTEX_INITIALIZER, 100};

static void *there(void *unused) {
    transfer(&a, &b, 10);
    return unused;
}

static void both_ways(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, there, NULL);
    transfer(&b, &a, 1);
    pthread_join(thread, NULL);
    if (a.cents != 91 || b.cents != 109)
        explore_fail("the accounts hold %ld and %ld, not 91 and 109", a.cents, b.cents);
}

const struct explore_scenario explore_scenarios[] = {{"both_ways", both_ways}, {NULL, NULL}};
