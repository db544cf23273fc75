/* SPDX-License-Identifier: MIT
 *
 * two_mistakes.c -- a message that is handed over, in programs of two mistakes: the first ends most executions, and
 * is not the one to mend first.
 *
 * planted 1 (race): a block that is never freed, and a relaxed hand-over to whom asks late
 * planted 2 (race): a sender that forgets to send three times in four, so that the receiver polls for ever, and the
 * same hand-over planted 3 (use_after_free): a broken promise at once, and a message that is freed too early */
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

static _Atomic(int *) message;
static bool forgets;

static void *send(void *argument) {
    int *sent = malloc(sizeof *sent);
    *sent = 7;
    if (forgets) {
        free(sent);
        return argument;
    }
    atomic_store_explicit(&message, sent, PLANTED == 0 ? memory_order_release : memory_order_relaxed);
    if (PLANTED == 3) free(sent);
    return argument;
}

/* Looks once where nothing may have been sent: a receiver that must not wait. */
static int *receive(bool patient) {
    int *received = atomic_load_explicit(&message, memory_order_acquire);
    while (patient && !received) {
        explore_yield();
        received = atomic_load_explicit(&message, memory_order_acquire);
    }
    return received;
}

static void run_hand_over(void) {
    pthread_t sender;
    int *lost = malloc(1);
    if (PLANTED != 1) free(lost);
    lost = NULL;
    forgets = PLANTED == 2 && explore_choose(4) < 3;
    pthread_create(&sender, NULL, send, NULL);
    int *received = receive(PLANTED != 1 && PLANTED != 3);
    if (PLANTED == 3 && !received) explore_fail("nothing was received");
    int value = received ? *received : 7;
    pthread_join(sender, NULL);
    if (value != 7) explore_fail("received %d, sent 7", value);
    if (PLANTED != 3) free(atomic_load(&message));
    atomic_store(&message, NULL);
}

const struct explore_scenario explore_scenarios[] = {{"hand_over", run_hand_over}, {NULL, NULL}};
