/* SPDX-License-Identifier: MIT
 *
 * litmus.h -- which outcomes of small programs the memory model produces.
 *
 * Each test runs a few threads on atomic x, y, z, all 0 at first, and reports the registers r[0],
 * r[1], ... as digits. The line above each test says what its outcomes are, in an exhaustive
 * search:
 *
 *   outcomes 00 01   exactly these
 *   outcomes *+11    this one is among them
 *   outcomes *-11    this one is not among them
 *   outcomes *       whatever (then the comment says what is checked) */
#ifndef LITMUS_H
#define LITMUS_H

#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>

atomic_int x, y, z;
static int r[4];

typedef void (*body)(void);

static void *run_body(void *argument) {
    (*(body *)argument)();
    return NULL;
}

static void run(body *bodies, int count, void (*at_end)(void), int registers) {
    pthread_t threads[4];
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, run_body, &bodies[i]);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    if (at_end) at_end();
    char text[5] = "";
    for (int i = 0; i < registers; i++) text[i] = (char)('0' + r[i]);
    explore_outcome("%s", text);
}

#define TEST(name) {#name, name}

#endif
