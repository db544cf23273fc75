/* SPDX-License-Identifier: MIT
 *
 * choice.c -- recording, scripts, and random numbers. */
#include "choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct choices record, script;

static choice_source source;

void choices_reset(choice_source new_source) {
    source = new_source;
    record.count = 0;
}

unsigned choose(enum choice_kind kind, unsigned options) {
    if (options > 255) options = 255;
    unsigned taken = options > 1 ? source(kind, options) : 0;
    if (record.count < MAX_CHOICES) {
        record.kind[record.count] = (uint8_t)kind;
        record.taken[record.count++] = (uint8_t)taken;
    }
    return taken;
}

unsigned answer_from_script(enum choice_kind kind, unsigned options) {
    (void)kind;
    unsigned taken = record.count < script.count ? script.taken[record.count] : 0;
    return taken < options ? taken : 0;
}

void script_print(const struct choices *choices, char *text, size_t size) {
    size_t length = (size_t)snprintf(text, size, "x");
    for (uint32_t i = 0; i < choices->count && length < size; i++)
        if (choices->taken[i])
            length +=
                (size_t)snprintf(text + length, size - length, "%s%u.%u", length > 1 ? "-" : "", i, choices->taken[i]);
}

bool script_read(struct choices *choices, const char *text) {
    choices->count = 0;
    if (*text++ != 'x') return false;
    while (*text) {
        char *end;
        unsigned long at = strtoul(text, &end, 10);
        if (end == text || *end != '.' || at >= MAX_CHOICES || at < choices->count) return false;
        unsigned long taken = strtoul(text = end + 1, &end, 10);
        if (end == text || taken > 255 || (*end && *end != '-')) return false;
        memset(choices->taken + choices->count, 0, at - choices->count);
        choices->taken[at] = (uint8_t)taken;
        choices->count = (uint32_t)at + 1;
        text = *end ? end + 1 : end;
    }
    return true;
}

/* xorshift64* (Vigna), seeded through splitmix64 so that neighbouring seeds differ. */
static uint64_t state;

void random_seed(uint64_t seed) {
    uint64_t z = seed + 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    state = (z ^ z >> 31) | 1;
}

uint32_t random_below(uint32_t bound) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    uint64_t high = (state * 0x2545f4914f6cdd1du) >> 32;
    return (uint32_t)(high * bound >> 32);
}
