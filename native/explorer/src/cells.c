/* SPDX-License-Identifier: MIT
 *
 * cells.c -- one table of cells for heap and stacks, one for the subject's variables. */
#include "cells.h"

struct cell *world_cells, *global_cells;
uint32_t cells_execution;

void cells_open(void) {
    world_cells = map_memory(0, (size_t)WORLD_SIZE / CELL_BYTES * sizeof(struct cell));
    size_t globals = (subject.writable_end - subject.writable_start) / CELL_BYTES + 1;
    global_cells = map_memory(0, globals * sizeof(struct cell));
}

void cells_reset(void) {
    cells_execution++;
}

void cells_clear(uintptr_t address, size_t size_bytes) {
    for (uintptr_t at = address; at < address + size_bytes; at += CELL_BYTES) cell_reset(cell_at(at));
}
