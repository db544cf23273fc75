/* SPDX-License-Identifier: MIT
 *
 * definedness.c -- a bit for each byte, suspect reads, and what a repeated execution does differently. */
#include "definedness.h"

#include "blocks.h"
#include "thread.h"

enum {
    MAX_SUSPECTS = 64,   /* of more the first ones and the last */
    MAX_EVENTS = 1 << 16 /* what comes later is not compared */
};

uint8_t *defined_bits;
bool definedness_watches;

static struct suspect suspects[MAX_SUSPECTS];
static int suspect_count;

static struct {
    uint32_t pc;
    uint32_t address; /* its lower half */
} events[MAX_EVENTS];
static uint32_t event_count, first_count;

/* What the current execution is to the one that events and suspects are of. */
static enum { FIRST, OTHER_BYTES, AGAIN } repetition, next_repetition;
static int64_t other_value;
static int only_suspect, suspects_met;
static bool diverged;

void definedness_open(void) {
    defined_bits = map_memory(0, HEAP_SIZE / 8 + sizeof(uint16_t));
}

void definedness_reset(void) {
    repetition = next_repetition;
    next_repetition = FIRST;
    definedness_watches = diverged = false;
    if (repetition == FIRST) {
        suspect_count = 0;
        first_count = 0;
    }
    event_count = 0;
    suspects_met = 0;
}

static bool is_defined(uintptr_t address) {
    uintptr_t at = address - WORLD_BASE;
    return at >= HEAP_SIZE || (defined_bits[at / 8] >> at % 8 & 1);
}

static void set_bit(uintptr_t address, bool defined) {
    uintptr_t at = address - WORLD_BASE;
    uint8_t bit = (uint8_t)(1u << at % 8);
    if (at < HEAP_SIZE)
        defined_bits[at / 8] = (uint8_t)(defined ? defined_bits[at / 8] | bit : defined_bits[at / 8] & ~bit);
}

static void set_all(uintptr_t address, size_t size_bytes, bool defined) {
    uintptr_t at = address, end = address + size_bytes;
    while (at < end && at % 8) set_bit(at++, defined);
    if (at < end && at - WORLD_BASE < HEAP_SIZE)
        memset(defined_bits + (at - WORLD_BASE) / 8, defined ? 0xff : 0, (end - at) / 8);
    for (at += (end - at) & ~(uintptr_t)7; at < end; at++) set_bit(at, defined);
}

void definedness_forget(uintptr_t address, size_t size_bytes) {
    set_all(address, size_bytes, false);
}

void definedness_set_range(uintptr_t address, size_t size_bytes) {
    set_all(address, size_bytes, true);
}

void definedness_copy(uintptr_t to, uintptr_t from, size_t size_bytes) {
    bool down = from < to;
    for (size_t i = 0; i < size_bytes; i++) {
        size_t at = down ? size_bytes - 1 - i : i;
        set_bit(to + at, is_defined(from + at));
    }
}

/* Do all of these bytes that nobody was seen to write hold what fresh memory holds? */
static bool is_fresh(uintptr_t address, unsigned size_bytes) {
    for (uintptr_t at = address; at < address + size_bytes; at++)
        if (!is_defined(at) && *(const uint8_t *)at != FRESH) return false;
    return true;
}

static void replace_unwritten(uintptr_t address, unsigned size_bytes) {
    for (unsigned i = 0; i < size_bytes; i++)
        if (!is_defined(address + i)) ((uint8_t *)address)[i] = (uint8_t)(other_value >> 8 * i);
}

static void note(uintptr_t address, unsigned size_bytes, uint32_t pc) {
    size_t offset;
    int number = block_number(address, &offset);
    if (number < 0) return;
    suspects[suspect_count < MAX_SUSPECTS ? suspect_count++ : MAX_SUSPECTS - 1] = (struct suspect){
        .pc = pc,
        .clock = running->view.happened.at[running->id],
        .event = event_count,
        .thread = running->id,
        .size_bytes = size_bytes,
        .block = number,
        .offset = offset,
        .allocated_by = blocks[number].allocated_by,
        .allocated_at = blocks[number].allocated_at,
        .allocated_clock = blocks[number].allocated_clock,
    };
}

void definedness_suspect(uintptr_t address, unsigned size_bytes, uint32_t pc) {
    if (!is_fresh(address, size_bytes)) return;
    definedness_watches = repetition != AGAIN;
    if (repetition == FIRST) note(address, size_bytes, pc);
    if (repetition != OTHER_BYTES) return;
    int number = suspects_met++;
    if (only_suspect < 0 || number == only_suspect) replace_unwritten(address, size_bytes);
}

void definedness_read_range(uintptr_t address, size_t size_bytes, uint32_t pc) {
    for (size_t done = 0; done < size_bytes; done += 8)
        definedness_read(address + done, size_bytes - done < 8 ? size_bytes - done : 8, pc);
}

bool definedness_repeats(void) {
    return repetition != FIRST;
}

bool definedness_has_suspects(void) {
    return suspect_count > 0;
}

void definedness_repeat_with(int value, int suspect) {
    next_repetition = OTHER_BYTES;
    other_value = value;
    only_suspect = suspect;
}

void definedness_repeat(void) {
    next_repetition = AGAIN;
}

void definedness_event(uint32_t pc, uintptr_t address) {
    if (event_count == MAX_EVENTS) return;
    uint32_t what = pc ^ (uint32_t)running->id << 28;
    if (repetition == FIRST) {
        events[event_count].pc = what;
        events[event_count].address = (uint32_t)address;
        first_count++;
    } else if (event_count == first_count || events[event_count].pc != what ||
               events[event_count].address != (uint32_t)address) {
        diverged = true;
        thread_abandon_execution();
    }
    event_count++;
}

int definedness_latest_suspect(bool same_end) {
    if (!diverged && same_end && event_count == first_count) return -1;
    int latest = suspect_count - 1;
    while (latest > 0 && suspects[latest].event > event_count) latest--;
    return latest;
}

const struct suspect *definedness_suspect_at(int number) {
    return &suspects[number];
}
