/* SPDX-License-Identifier: MIT */
/* lines.c -- a table of written places for each thread that is watched. */
#include "lines.h"

#include <stdlib.h>

#include "evidence.h"
#include "frames.h"
#include "heap.h"
#include "own.h"

#define PLACES 4096 /* of a thread: what is written beyond that many is not noted */

/* `block`: of the learner's that still are there, numbered from 1 in the order in which they were asked for; 0: in
 * none. `fits`: the whole 64-byte line lies in it. `updates`: of the `times`, atomic read-modify-writes. `at`: in the
 * code. */
EVIDENCE_ROW(write, who, address, size_bytes, block, block_at, fits, times, updates, at);

struct place {
    uintptr_t address, caller;
    uint64_t size_bytes, times, updates;
};

struct lines_table {
    struct place places[PLACES];
};

static GRADERS_OWN struct lines_table OWN *tables[LINES_WHO];

void lines_begin(uint64_t who) {
    if (who >= LINES_WHO) abort();
    if (!tables[who]) own(tables[who]) = own_memory(sizeof *tables[who]);
    if (!tables[who]) abort();
    own_thread()->lines = tables[who];
}

void lines_end(void) {
    own_thread()->lines = NULL;
}

/* The place of this address, or a free one, or NULL when none is left. */
static struct place OWN *place_of(struct lines_table OWN *table, uintptr_t address) {
    size_t start = (address >> 3) * 0x9e3779b97f4a7c15u >> 52;
    for (size_t i = 0; i < PLACES; i++) {
        struct place OWN *place = &table->places[(start + i) % PLACES];
        if (place->times == 0 || place->address == address) return place;
    }
    return NULL;
}

void lines_note(const volatile void *at, size_t size_bytes, bool update, void *caller) {
    struct lines_table OWN *mine = own_thread()->lines;
    if (!mine) return;
    struct place OWN *place = place_of(mine, (uintptr_t)at);
    if (!place) return;
    place->address = (uintptr_t)at;
    if (size_bytes >= place->size_bytes) place->size_bytes = size_bytes, place->caller = (uintptr_t)caller - 1;
    place->times++;
    place->updates += update;
}

static struct write row_of(uint64_t who, const struct place OWN *place) {
    struct heap_block block;
    uint64_t number = heap_block_of(place->address, &block);
    uintptr_t first = place->address / 64 * 64, last = (place->address + place->size_bytes - 1) / 64 * 64 + 63;
    bool fits = number > 0 && first >= block.address && last < block.address + block.size_bytes;
    return (struct write){.who = who,
                          .address = place->address,
                          .size_bytes = place->size_bytes,
                          .block = number,
                          .block_at = number > 0 ? place->address - block.address : 0,
                          .fits = fits,
                          .times = place->times,
                          .updates = place->updates,
                          .at = module_offset(place->caller)};
}

void lines_report(void) {
    struct write *rows = malloc(LINES_WHO * PLACES * sizeof *rows);
    size_t count = 0;
    if (!rows) abort();
    for (uint64_t who = 0; who < LINES_WHO; who++) {
        for (size_t i = 0; tables[who] && i < PLACES; i++)
            if (tables[who]->places[i].times > 0) rows[count++] = row_of(who, &tables[who]->places[i]);
        own(tables[who]) = NULL;
    }
    evidence_rows("writes", write, rows, count);
    free(rows);
}
