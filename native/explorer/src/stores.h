/* SPDX-License-Identifier: MIT
 *
 * stores.h -- the modification order of each atomic location, its latest part. */
#ifndef STORES_H
#define STORES_H

#include "cells.h"
#include "clock.h"

typedef unsigned __int128 word; /* wide enough for every atomic */

enum { HISTORY = 8 };

/* Whose release sequences a store belongs to. */
enum { HEADS_NONE = -1, HEADS_SEVERAL = -2 };

struct store {
    word value;
    int heads;            /* a thread, or one of the above */
    uint32_t sc_position; /* of the first seq_cst operation that wrote or read it; 0: none */
    uint32_t pc;
    int thread;
    bool update;         /* a read-modify-write: nothing comes between it and what it read */
    struct view release; /* what a load that acquires it learns */
    /* By thread: its step when it first wrote or read this store. A thread that knows that step knows this
     * store, and may not read an older one (C11 5.1.2.4p19 to 22, the coherence rules). */
    uint32_t seen[CLOCK_SLOTS];
};

struct location {
    uintptr_t address;
    uint8_t size_bytes;
    uint16_t next;  /* in its cell: index + 1 */
    uint32_t count; /* stores so far; the last HISTORY of them are kept */
    struct store stores[HISTORY];
};

void stores_reset(void);

/* The location at this address, which must have a cell. A new one starts with the bytes
 * found in memory. */
struct location *location_at(uintptr_t address, unsigned size_bytes);

/* How many stores are kept, and the one `age` places before the newest. */
unsigned location_kept(const struct location *);
struct store *location_store(struct location *, unsigned age);

/* Has the running thread seen, itself or through what happened before, the store that `thread` made at its step `clock`
 * to some of these bytes, or a later one? */
bool stores_observed(const struct cell *, uint16_t bytes, int thread, uint32_t clock);

/* Appends a store by the running thread. Its release view and heads are empty. */
struct store *location_append(struct location *, word value, uint32_t pc);

/* A plain write has replaced these bytes: no older store can be read any more. */
void stores_forget(struct cell *, uintptr_t address, unsigned size_bytes);

word memory_read(uintptr_t address, unsigned size_bytes);
void memory_write(uintptr_t address, unsigned size_bytes, word value);

#endif
