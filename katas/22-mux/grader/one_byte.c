/* SPDX-License-Identifier: MIT */
/* one_byte.c -- a mux that watches standard input, which is a pipe here.
 *
 *   one_byte  kind
 *
 * Evidence: `told`, callbacks that told rightly of a byte, in one wait. */
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "scenario.h"

static GRADERS_OWN uint64_t told;

static void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    own(told) += fd == STDIN_FILENO && events == MUX_IN && context == (void *)mux;
}

void one_byte(uint64_t seed) {
    struct mux *mux = new_mux(scenario_param("kind"));
    int ends[2];
    (void)seed;
    if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0) abort();
    add_watch(mux, STDIN_FILENO, MUX_IN, on_ready, mux);
    if (write(ends[1], "!", 1) != 1) abort();
    (void)mux_wait(mux, 0); /* what it tells is what counts */
    evidence_count("told", told);
    mux_free(mux);
}
