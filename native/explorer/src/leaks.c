/* SPDX-License-Identifier: MIT
 *
 * leaks.c -- which blocks nobody can reach any more, found conservatively: whatever looks like a pointer is one. */
#include "leaks.h"

#include "blocks.h"
#include "subject.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"

#include <string.h>

static void reach(uintptr_t start, uintptr_t end);

static void reach_value(uintptr_t value) {
    size_t offset;
    int number = block_number(value, &offset);
    if (number < 0 || !blocks[number].live || blocks[number].reachable) return;
    blocks[number].reachable = true;
    reach(blocks[number].address, blocks[number].address + blocks[number].size_bytes);
}

static void reach(uintptr_t start, uintptr_t end) {
    for (uintptr_t at = (start + 7) & ~(uintptr_t)7; at + sizeof at <= end; at += sizeof at) {
        uintptr_t value;
        memcpy(&value, (void *)at, sizeof value);
        reach_value(value);
    }
}

void leaks_check(void) {
    int live = 0;
    for (int i = 0; i < block_count; i++) live += blocks[i].live, blocks[i].reachable = false;
    if (!live) return;
    uintptr_t first_tls = (uintptr_t)threads[0].tls; /* outlives the scenario, as the main thread's does */
    reach(subject.writable_start, subject.writable_end);
    reach(first_tls, first_tls + subject.tls_size);
    for (int i = 0; i < block_count; i++) {
        if (!blocks[i].live || blocks[i].reachable) continue;
        verdict_place(blocks[i].allocated_by, blocks[i].allocated_at, blocks[i].allocated_clock, "allocates");
        trace_mark(blocks[i].allocated_by, blocks[i].allocated_clock, blocks[i].allocated_at);
        verdict_note(VERDICT_LEAK, "block %d, %zu byte%s allocated in {0}, was never freed", i, blocks[i].size_bytes,
                     blocks[i].size_bytes == 1 ? "" : "s");
        return;
    }
}
