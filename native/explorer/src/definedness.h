/* SPDX-License-Identifier: MIT
 *
 * definedness.h -- which bytes of the heap were never written, and who has read them.
 *
 * Such a read is no fault yet: a copy, a wide load or a load ahead of its time is right as long as nothing depends on
 * the value. So it is only suspected. Whoever runs executions (execution.c) repeats a suspected one, with other bytes
 * where nothing was written; what the program does must remain the same.
 *
 * Writes of code without instrumentation are not seen. Hence only bytes that still hold what filled them when they were
 * new count as never written. */
#ifndef DEFINEDNESS_H
#define DEFINEDNESS_H

#include "world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FRESH = 0xcd /* fills new memory */ };

struct suspect {
    uint32_t pc, clock, event;
    int thread;
    unsigned size_bytes;
    int block;
    size_t offset;
    int allocated_by;
    uint32_t allocated_at, allocated_clock;
};

void definedness_open(void);
void definedness_reset(void);

/* Fresh memory; memory written; memory that is a copy of other memory. */
void definedness_forget(uintptr_t address, size_t size_bytes);
void definedness_set_range(uintptr_t address, size_t size_bytes);
void definedness_copy(uintptr_t to, uintptr_t from, size_t size_bytes);

/* The running thread reads these bytes, of which some were never written. */
void definedness_suspect(uintptr_t address, unsigned size_bytes, uint32_t pc);

/* The same of as many bytes as there are. */
void definedness_read_range(uintptr_t address, size_t size_bytes, uint32_t pc);

/* Has the current execution suspect reads? */
bool definedness_has_suspects(void);

/* The next execution is the same again, with this number where nothing was written: at all suspect reads (-1), or at
 * one of them. Or it is just as it was. */
void definedness_repeat_with(int value, int suspect);
void definedness_repeat(void);

/* Is the current execution such a one? */
bool definedness_repeats(void);

/* The repeated execution has come to its end. The number of the latest suspect read before it went another way, or -1:
 * all was the same. */
int definedness_latest_suspect(bool same_end);

const struct suspect *definedness_suspect_at(int number);

/* From the first suspect read on, whatever the program does that others can notice: a step, or a write. A repeated
 * execution ends where it does another thing. */
extern bool definedness_watches;
void definedness_event(uint32_t pc, uintptr_t address);

extern uint8_t *defined_bits; /* of the heap, one for each byte */

static inline void definedness_set(uintptr_t address, size_t size_bytes) {
    uintptr_t at = address - WORLD_BASE;
    if (at >= HEAP_SIZE) return;
    if (size_bytes > 8) {
        definedness_set_range(address, size_bytes);
        return;
    }
    uint16_t bits;
    memcpy(&bits, defined_bits + at / 8, sizeof bits);
    bits |= (uint16_t)(((1u << size_bytes) - 1) << at % 8);
    memcpy(defined_bits + at / 8, &bits, sizeof bits);
}

static inline void definedness_read(uintptr_t address, size_t size_bytes, uint32_t pc) {
    uintptr_t at = address - WORLD_BASE;
    if (at >= HEAP_SIZE || size_bytes > 8) return;
    uint16_t bits;
    memcpy(&bits, defined_bits + at / 8, sizeof bits);
    if (~(bits >> at % 8) & ((1u << size_bytes) - 1)) definedness_suspect(address, (unsigned)size_bytes, pc);
}

#endif
