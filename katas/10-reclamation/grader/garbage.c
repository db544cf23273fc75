/* SPDX-License-Identifier: MIT */
/* garbage.c -- for the lab: how many objects wait while a reader stands still.
 *
 *   garbage  retires, from, to, every
 *
 * One handle puts a new object in the place of the old one and retires that, `retires` times, while another one reads.
 * From retire number `from` to number `to` a third one stands in the midst of a read.
 *
 * Evidence: the series `waiting`, after each `every` retires. */
#include <stdlib.h>

#include "driver.h"
#include "evidence.h"
#include "objects.h"
#include "scenario.h"

void garbage(uint64_t seed) {
    uint64_t retires = scenario_param("retires"), every = scenario_param("every"), count = 0;
    uint64_t from = scenario_param("from"), to = scenario_param("to");
    uint64_t *waiting = calloc(retires / every + 1, sizeof *waiting);
    (void)seed;
    objects_begin();
    struct hp_domain *domain = new_domain(3, 2);
    struct hp_thread *writer = attached(domain), *reader = attached(domain), *stands = attached(domain);
    _Atomic(void *) place = object_new();
    for (uint64_t i = 0; i < retires; i++) {
        if (i == from) (void)hp_protect(stands, 0, &place);
        if (i == to) hp_clear(stands, 0);
        (void)hp_protect(reader, 0, &place);
        hp_clear(reader, 0);
        object_retire(writer, atomic_exchange(&place, object_new()));
        if (i % every == 0) waiting[count++] = objects_waiting();
    }
    evidence_series("waiting", waiting, count);
    hp_detach(stands), hp_detach(reader), hp_detach(writer);
    hp_free(domain);
    free(waiting);
}
