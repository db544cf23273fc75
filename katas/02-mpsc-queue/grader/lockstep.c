/* SPDX-License-Identifier: MIT */
/* lockstep.c -- a push that is overtaken time and again.
 *
 * Thread A pushes one node and stops at each of its steps; the main thread
 * pushes a node of its own each time, so that whatever A has read is old
 * before A can use it. After OVERTAKEN pushes A is left alone. A push that
 * never has to try again is through before.
 *
 * Evidence: `overtaken` (the main thread's pushes), `lockstep` (the nodes as
 * they came out: 0 is A's, main's are numbered from 1, STRANGER is nobody's). */
#include "driver.h"

#include <pthread.h>

#include "evidence.h"
#include "gate.h"
#include "graders_own.h"
#include "pace.h"

#define OVERTAKEN 600
#define RUNAWAY 8 /* pops beyond the number of nodes, then it is enough */

static struct {
    struct mpsc_queue *queue;
    struct pace_place place;
} l = {.place = PACE_PLACE};

static HANDED_OVER struct mpsc_node node_of[1 + OVERTAKEN];

static void *push_slowly(void *argument) {
    (void)argument;
    pace_park_at(&l.place, 1);
    mpsc_push(l.queue, &node_of[0]);
    pace_park_over();
    return NULL;
}

static uint64_t overtake(void) {
    uint64_t pushes = 0;
    while (pace_wait_parked(&l.place)) {
        mpsc_push(l.queue, &node_of[++pushes]);
        pace_release(&l.place, pushes < OVERTAKEN);
        if (pushes == OVERTAKEN) break;
    }
    return pushes;
}

void lockstep(void) {
    l.queue = new_queue();
    for (uint64_t i = 0; i <= OVERTAKEN; i++) scribble(&node_of[i], i);
    pthread_t a = gate_thread(push_slowly, NULL);
    uint64_t pushes = overtake(), came[1 + OVERTAKEN + RUNAWAY], count = 0;
    pthread_join(a, NULL);
    for (struct mpsc_node *node; count < pushes + 1 + RUNAWAY && (node = mpsc_pop(l.queue)); count++)
        came[count] = node >= node_of && node <= node_of + pushes ? (uint64_t)(node - node_of) : STRANGER;
    mpsc_free(l.queue);
    evidence_count("overtaken", pushes);
    evidence_series("lockstep", came, count);
}
