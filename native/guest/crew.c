/* SPDX-License-Identifier: MIT */
/* crew.c -- numbered threads behind one gate. */
#include "crew.h"

#include <sched.h>
#include <stdatomic.h>
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

static struct {
    uint64_t count, turns;
    void (*turn)(uint64_t number, uint64_t turn);
    _Atomic uint64_t now;
} table;

static void take_turns(uint64_t number) {
    for (uint64_t own = number; own < table.turns; own += table.count) {
        while (atomic_load_explicit(&table.now, memory_order_relaxed) != own) sched_yield();
        table.turn(number, own);
        atomic_store_explicit(&table.now, own + 1, memory_order_relaxed);
    }
}

void crew_take_turns(uint64_t count, uint64_t turns, void (*turn)(uint64_t number, uint64_t turn)) {
    table.count = count, table.turns = turns, table.turn = turn;
    atomic_store_explicit(&table.now, 0, memory_order_relaxed);
    crew_join(crew_start(count, take_turns));
}
