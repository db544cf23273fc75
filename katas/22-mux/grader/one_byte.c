/* SPDX-License-Identifier: MIT */
/* one_byte.c -- a mux that watches standard input, which is a pipe here.
 *
 *   one_byte  kind
 *
 * Three waits: before there is a byte, with one, and after it was read. Evidence: `told`, callbacks that told rightly
 * of the byte in the second; `wrong`, any others; `asked`, calls of the mux's own kind that waited, and `others`, those
 * of another one. */
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "scenario.h"

static GRADERS_OWN uint64_t told, wrong;
static GRADERS_OWN bool there;

static void on_ready(struct mux *mux, int fd, unsigned events, void *context) {
    bool right = there && fd == STDIN_FILENO && events == MUX_IN && context == (void *)mux;
    own(told) += right, own(wrong) += !right;
}

static void wait_with(struct mux *mux, bool byte) {
    own(there) = byte;
    (void)mux_wait(mux, 0); /* what it tells is what counts */
}

void one_byte(uint64_t seed) {
    struct mux *mux = new_mux(scenario_param("kind"));
    int ends[2];
    char byte = '!';
    (void)seed;
    if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0) abort();
    add_watch(mux, STDIN_FILENO, MUX_IN, on_ready, mux);
    asked_begin((enum mux_kind)scenario_param("kind"));
    wait_with(mux, false);
    if (write(ends[1], &byte, 1) != 1) abort();
    wait_with(mux, true);
    if (read(STDIN_FILENO, &byte, 1) != 1) abort();
    wait_with(mux, false);
    struct asked asked = asked_end();
    evidence_count("told", told);
    evidence_count("wrong", wrong);
    evidence_count("asked", asked.waits - asked.others);
    evidence_count("others", asked.others);
    mux_free(mux);
}
