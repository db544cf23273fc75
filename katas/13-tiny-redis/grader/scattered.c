/* SPDX-License-Identifier: MIT */
/* scattered.c -- keys that are set, deleted and given other deadlines in any order: soon and late ones lie side by
 * side, and an order of deadlines that is wrong in one place hides those below it. */
#include <stdio.h>

#include "driver.h"
#include "rng.h"

enum { KEYS = 64, CHANGES = 64, HOUR_MS = 3600000 };

static struct rng rng;
static uint64_t deadlines[KEYS]; /* 0: it is not there */

/* In the second hour, or after the tenth. */
static uint64_t some_deadline(void) {
    return HOUR_MS * (1 + 9 * rng_below(&rng, 2)) + rng_below(&rng, HOUR_MS);
}

static size_t some_change(char *line) {
    size_t n = rng_below(&rng, KEYS);
    bool moves = rng_below(&rng, 3) == 0;
    if (!moves) deadlines[n] = 0;
    if (!moves) return (size_t)sprintf(line, "DEL s:%zu\r\n", n);
    uint64_t deadline = some_deadline();
    if (deadlines[n]) deadlines[n] = deadline;
    return (size_t)sprintf(line, "PEXPIRE s:%zu %lu\r\n", n, (unsigned long)deadline);
}

struct scattered scattered_round(uint64_t round) {
    static char text[(1 + KEYS + CHANGES) * 48];
    struct scattered s = {.text = text, .requests = 1 + KEYS + CHANGES, .soon_ms = 2 * HOUR_MS};
    rng = rng_new(round, 0); /* the same work every time */
    s.size = (size_t)sprintf(text, "FLUSHALL\r\n");
    for (size_t n = 0; n < KEYS; n++) {
        deadlines[n] = some_deadline();
        s.size += (size_t)sprintf(text + s.size, "SET s:%zu v PX %lu\r\n", n, (unsigned long)deadlines[n]);
    }
    for (int n = 0; n < CHANGES; n++) s.size += some_change(text + s.size);
    for (size_t n = 0; n < KEYS; n++) s.last += deadlines[n] > s.soon_ms;
    return s;
}
