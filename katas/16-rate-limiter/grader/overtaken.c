/* SPDX-License-Identifier: MIT */
/* overtaken.c -- a call that has often been overtaken waits for nobody either.
 *
 *   overtaken
 *
 * Threads take from one bucket. At each of its steps thread A stops, and the main thread takes a token: so whatever A
 * compares with what it has read has changed meanwhile, time and again. Then A stops for good, at one step after the
 * other; at each of them thread B is overtaken in the same way, and then left alone. B's call has to end, and the main
 * thread's have to be allowed. Then all of it again with many more steps, and stops that are some steps apart.
 *
 * Evidence: the rows `stops`, the step at which A stood still and what the main thread took meanwhile and was refused;
 * `overrun`, if B, left alone, did not end within STEP_LIMIT steps of its own. */
#include <pthread.h>
#include <stddef.h>

#include "driver.h"
#include "evidence.h"
#include "gate.h"
#include "pace.h"

/* Steps: many times through any loop, and then the loop once more at each step; hundreds of times. */
static const struct often {
    int overtaken, stops, apart;
} rounds[] = {{300, 40, 1}, {4000, 3, 5}};
#define STOPS (40 + 3)
#define STEP_LIMIT 20000
#define BURST 1000000
#define NOW 1000000000

EVIDENCE_ROW(stop, at, taken, refused);

static struct limiter *limiter;
static struct pace_place places[2] = {PACE_PLACE, PACE_PLACE};
static struct stop stops[STOPS];
static size_t stop_count;
static const struct often *often;

static void overrun(void) {
    evidence_rows("stops", stop, stops, stop_count);
    evidence_count("overrun", 1);
    evidence_end();
}

static void *take_and_park(void *place) {
    pace_count_steps((uint64_t)often->overtaken + STEP_LIMIT, overrun);
    pace_park_at(place, 1);
    limiter_allow(limiter, 1, 1, NOW, NULL);
    pace_park_over();
    return place;
}

/* false: its call is over. */
static bool overtake(struct pace_place *place, struct stop *stop) {
    if (!pace_wait_parked(place)) return false;
    *(limiter_allow(limiter, 1, 1, NOW, NULL) ? &stop->taken : &stop->refused) += 1;
    return true;
}

/* The same so many times; it stands still then. */
static bool overtake_often(struct pace_place *place, struct stop *stop) {
    for (int i = 1; overtake(place, stop); i++) {
        if (i == often->overtaken) return true;
        pace_release(place, 1);
    }
    return false;
}

static void leave_alone(struct pace_place *place, pthread_t thread, bool parked) {
    if (parked) pace_release(place, 0);
    pthread_join(thread, NULL);
}

static void stop_often(void) {
    pthread_t a = gate_thread(take_and_park, &places[0]);
    bool stands = overtake_often(&places[0], &stops[stop_count]);
    for (int stopped = 0;;) {
        struct stop *stop = &stops[stop_count++];
        pthread_t b = gate_thread(take_and_park, &places[1]);
        leave_alone(&places[1], b, overtake_often(&places[1], stop));
        stop->at = (uint64_t)(often->overtaken + stopped * often->apart);
        evidence_progress();
        if (!stands || ++stopped == often->stops) break;
        for (int i = 0; i < often->apart && stands; i++) {
            pace_release(&places[0], 1);
            stands = overtake(&places[0], &stops[stop_count]);
        }
    }
    leave_alone(&places[0], a, stands);
}

void overtaken(uint64_t seed) {
    (void)seed; /* nothing is left to chance */
    limiter = new_limiter(1, BURST, 4);
    limiter_allow(limiter, 1, 1, NOW, NULL);
    for (often = rounds; often < rounds + sizeof rounds / sizeof *rounds; often++) stop_often();
    evidence_rows("stops", stop, stops, stop_count);
    limiter_free(limiter);
}
