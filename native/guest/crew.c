/* SPDX-License-Identifier: MIT */
/* crew.c -- numbered threads behind one gate. */
#include "crew.h"

#include <stdlib.h>

#include "gate.h"

struct member {
    struct crew *crew;
    pthread_t thread;
};

struct crew {
    struct gate gate;
    void (*run)(uint64_t number);
    uint64_t count;
    struct member members[];
};

static void *begin(void *argument) {
    struct member *self = argument;
    gate_pass(&self->crew->gate);
    self->crew->run((uint64_t)(self - self->crew->members));
    return NULL;
}

struct crew *crew_start(uint64_t count, void (*run)(uint64_t number)) {
    struct crew *crew = malloc(sizeof *crew + count * sizeof *crew->members);
    if (!crew) abort();
    *crew = (struct crew){.run = run, .count = count};
    gate_init(&crew->gate, count);
    for (struct member *m = crew->members; m < crew->members + count; m++) {
        m->crew = crew;
        m->thread = gate_thread(begin, m);
    }
    return crew;
}

void crew_join(struct crew *crew) {
    for (uint64_t i = 0; i < crew->count; i++) pthread_join(crew->members[i].thread, NULL);
    gate_destroy(&crew->gate);
    free(crew);
}
