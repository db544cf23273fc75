/* SPDX-License-Identifier: MIT
 *
 * shadow.h -- what the explorer knows about each 16 bytes of the program's memory.
 *
 * Which block they belong to, who accessed which of them and when, and which atomic locations and
 * synchronisation objects lie in them. A cell resets itself on its first use in an execution. */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
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

void shadow_open(void);
void shadow_reset(void);

/* The cell of an address; NULL where the program has no writable memory of its own. */
struct cell *shadow_cell(uintptr_t address);

/* Forgets all about a range: it is new memory. */
void shadow_clear(uintptr_t address, size_t size_bytes);

/* An access by the running thread: reports freed memory, block bounds and data races; remembers it.
 * `what` is a verb in the third person. */
void shadow_access(uintptr_t address, size_t size_bytes, enum access_kind, uint32_t pc, const char *what);

/* Reports freed memory and block bounds only. */
void shadow_check_bounds(uintptr_t address, size_t size_bytes, uint32_t pc, const char *what);

#endif
