/* SPDX-License-Identifier: MIT */
/* statics.c -- the learner's static variables, as new before every life.
 *
 * The build links statics_first.o, the learner's objects and statics_last.o in
 * this order, and the linker lays out sections of one name in that order. */
#include "calls.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern char statics_data_first[], statics_data_last[], statics_bss_first[], statics_bss_last[];

static char *saved;

#define UNWATCHED __attribute__((no_sanitize("address"), noinline))

/* Byte by byte: AddressSanitizer's own memcpy would stumble over the gaps that
 * it leaves between variables. */
UNWATCHED static void copy(char *to, const char *from, size_t size) {
    for (volatile size_t i = 0; i < size; i++) to[i] = from[i];
}

UNWATCHED static void clear(char *from, char *to) {
    for (volatile char *at = from; at < to; at++) *at = 0;
}

void statics_save(void) {
    size_t size = (size_t)(statics_data_last - statics_data_first);
    saved = malloc(size);
    copy(saved, statics_data_first, size);
}

/* Whole pages go back to the kernel: a table of 65,536 connections costs no
 * more than what was touched of it. */
void statics_restore(void) {
    copy(statics_data_first, saved, (size_t)(statics_data_last - statics_data_first));
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    char *first = (char *)(((uintptr_t)statics_bss_first + page - 1) / page * page);
    char *last = (char *)((uintptr_t)statics_bss_last / page * page);
    if (first >= last) {
        clear(statics_bss_first, statics_bss_last);
        return;
    }
    clear(statics_bss_first, first);
    if (madvise(first, (size_t)(last - first), MADV_DONTNEED) != 0) clear(first, last);
    clear(last, statics_bss_last);
}

UNWATCHED static bool any(char *first, char *last, bool (*visit)(const void *)) {
    bool found = false;
    uintptr_t start = ((uintptr_t)first + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
    for (void *const *at = (void *const *)start; (char *)(at + 1) <= last; at++) found |= visit(*at);
    return found;
}

bool statics_mention(bool (*visit)(const void *)) {
    bool data = any(statics_data_first, statics_data_last, visit);
    return any(statics_bss_first, statics_bss_last, visit) || data;
}
