/* SPDX-License-Identifier: MIT
 *
 * script.c -- replay, printing and reading. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned answer_from_script(unsigned kind, unsigned options) {
    (void)kind;
    unsigned taken = script_entry();
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
