/* SPDX-License-Identifier: MIT
 *
 * stores.c -- locations by address, through the shadow cells. */
#include "stores.h"

#include "thread.h"
#include "verdict.h"

#include <string.h>

enum { MAX_LOCATIONS = 2048 };

static struct location locations[MAX_LOCATIONS];
static int location_count;

void stores_reset(void) {
    location_count = 0;
}

word memory_read(uintptr_t address, unsigned size_bytes) {
    word value = 0;
    memcpy(&value, (const void *)address, size_bytes);
    return value;
}

void memory_write(uintptr_t address, unsigned size_bytes, word value) {
    memcpy((void *)address, &value, size_bytes);
}

unsigned location_kept(const struct location *location) {
    return location->count < HISTORY ? location->count : HISTORY;
}

struct store *location_store(struct location *location, unsigned age) {
    return &location->stores[(location->count - 1 - age) % HISTORY];
}

static struct store *append(struct location *location, word value) {
    struct store *store = &location->stores[location->count++ % HISTORY];
    store->value = value;
    store->heads = HEADS_NONE;
    store->sc_position = 0;
    store->thread = -1;
    store->update = false;
    store->pc = 0;
    memset(&store->release, 0, sizeof store->release);
    memset(store->seen, 0xff, sizeof store->seen);
    return store;
}

struct store *location_append(struct location *location, word value, uint32_t pc) {
    struct store *store = append(location, value);
    store->thread = running->id;
    store->pc = pc;
    store->seen[running->id] = running->view.happened.at[running->id];
    memory_write(location->address, location->size_bytes, value);
    return store;
}

static bool overlap(const struct location *location, uintptr_t address, unsigned size_bytes) {
    return location->address < address + size_bytes && address < location->address + location->size_bytes;
}

/* The bytes in memory as the only store. Whoever may access them here knows them: else it is a
 * race. */
static void restart(struct location *location) {
    location->count = 0;
    append(location, memory_read(location->address, location->size_bytes));
}

/* What `from` published, `into` publishes too. */
static void merge(struct store *into, const struct store *from) {
    if (from->heads == HEADS_NONE) return;
    view_join(&into->release, &from->release);
    into->heads = HEADS_SEVERAL;
}

/* Accesses of several sizes to the same bytes, through a union: only the newest value remains, with all that was
 * published through any of them. C11 gives such programs no meaning; this can miss bugs, not invent them. */
static void refresh_overlapping(struct cell *cell, struct location *location) {
    struct store before = *location_store(location, 0);
    restart(location);
    struct store *newest = location_store(location, 0);
    merge(newest, &before);
    for (int i = cell->locations; i; i = locations[i - 1].next) {
        struct location *other = &locations[i - 1];
        if (other != location && other->count && overlap(other, location->address, location->size_bytes))
            merge(newest, location_store(other, 0));
    }
}

static struct location *add(struct cell *cell, uintptr_t address, unsigned size_bytes) {
    if (location_count == MAX_LOCATIONS)
        violate(VERDICT_LIMIT, "more than %d atomic locations in one execution", MAX_LOCATIONS);
    struct location *location = &locations[location_count++];
    location->address = address;
    location->size_bytes = (uint8_t)size_bytes;
    location->next = cell->locations;
    cell->locations = (uint16_t)location_count;
    restart(location);
    return location;
}

struct location *location_at(uintptr_t address, unsigned size_bytes) {
    struct cell *cell = cell_at(address);
    struct location *found = NULL;
    bool alone = true;
    for (int i = cell->locations; i; i = locations[i - 1].next) {
        struct location *location = &locations[i - 1];
        if (location->address == address && location->size_bytes == size_bytes)
            found = location;
        else
            alone &= !overlap(location, address, size_bytes);
    }
    if (!found) found = add(cell, address, size_bytes);
    if (!found->count) restart(found);
    if (!alone) refresh_overlapping(cell, found);
    return found;
}

static bool is_known(const struct store *store) {
    bool known = false;
    for (int i = 0; i < MAX_THREADS; i++) known |= store->seen[i] <= running->view.happened.at[i];
    return known;
}

bool stores_observed(const struct cell *cell, uint16_t bytes, int thread, uint32_t clock) {
    for (int i = cell->locations; i; i = locations[i - 1].next) {
        struct location *location = &locations[i - 1];
        unsigned mask = ((1u << location->size_bytes) - 1) << location->address % CELL_BYTES;
        bool known = false, found = false;
        for (unsigned age = 0; (mask & bytes) && age < location_kept(location) && !found; age++) {
            const struct store *store = location_store(location, age);
            known |= is_known(store);
            found = store->thread == thread && store->seen[thread] == clock;
        }
        if (known) return true;
    }
    return false;
}

void stores_forget(struct cell *cell, uintptr_t address, unsigned size_bytes) {
    for (int i = cell->locations; i; i = locations[i - 1].next)
        if (overlap(&locations[i - 1], address, size_bytes)) locations[i - 1].count = 0;
}
