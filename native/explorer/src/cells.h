/* SPDX-License-Identifier: MIT
 *
 * cells.h -- what the explorer knows about each 16 bytes of the program's memory.
 *
 * Which block they belong to, which threads accessed which of them and when, and which atomic locations and
 * synchronisation objects lie in them. A cell resets itself on its first use in an execution. */
#ifndef CELLS_H
#define CELLS_H

#include "subject.h"
#include "world.h"

#include <stddef.h>
#include <stdint.h>

enum access_kind { PLAIN_READ, PLAIN_WRITE, ATOMIC_READ, ATOMIC_WRITE };

enum { CELL_BYTES = 16, CELL_ACCESSES = 14 };

struct access {
    uint32_t clock, pc;
    uint16_t bytes; /* bit i: byte i of the cell */
    uint8_t thread, kind;
    const char *what;
};

struct cell {
    uint32_t execution;
    uint16_t block;     /* its number + 1, or 0 */
    uint16_t locations; /* head of the list of atomic locations: index + 1, or 0 */
    uint16_t objects;   /* head of the list of mutexes and their like: index + 1, or 0 */
    uint8_t used;
    struct access accesses[CELL_ACCESSES];
};

void cells_open(void);
void cells_reset(void);

/* For the two functions below, which are inline because every access of the program calls them. */
extern struct cell *world_cells, *global_cells;
extern uint32_t cells_execution;

static inline void cell_reset(struct cell *cell) {
    cell->execution = cells_execution;
    cell->block = cell->locations = cell->objects = 0;
    cell->used = 0;
}

/* The cell of an address; NULL where the program has no writable memory of its own. */
static inline struct cell *cell_at(uintptr_t address) {
    struct cell *cell;
    if (address - WORLD_BASE < WORLD_SIZE)
        cell = &world_cells[(address - WORLD_BASE) / CELL_BYTES];
    else if (address >= subject.writable_start && address < subject.writable_end)
        cell = &global_cells[(address - subject.writable_start) / CELL_BYTES];
    else
        return NULL;
    if (cell->execution != cells_execution) cell_reset(cell);
    return cell;
}

/* Forgets all about a range: it is new memory. */
void cells_clear(uintptr_t address, size_t size_bytes);

#endif
