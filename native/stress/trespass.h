/* SPDX-License-Identifier: MIT */
/* trespass.h -- the code under test has no business with static variables of others: neither the guest's nor the
 * driver's, except what the driver hands over (graders_own.h). */
#ifndef TRESPASS_H
#define TRESPASS_H

#include "own.h"

/* Made by the linker, where the program's variables begin and end; and by learners_first.c and learners_last.c. */
extern const char __data_start[], _end[], __start_handed_over[], __stop_handed_over[];
extern const char learners_data_first[], learners_data_last[], learners_bss_first[], learners_bss_last[];

/* No object whose size a call does not tell is larger: as many bytes behind the last one are nobody's. */
#define OBJECT 64

static inline bool lies_between(uintptr_t from, uintptr_t to, const char *first, const char *last) {
    return from >= (uintptr_t)first && to <= (uintptr_t)last;
}

static inline void forbid_own(const volatile void *at, size_t size) {
    uintptr_t from = (uintptr_t)at, to = from + size;
    if (from >= (uintptr_t)_end || to <= (uintptr_t)__data_start) {
        if (is_graders_own(at, size)) graders_own_forbid(at, size);
        return;
    }
    if (lies_between(from, to, learners_data_first, learners_data_last + OBJECT) ||
        lies_between(from, to, learners_bss_first, learners_bss_last + OBJECT) ||
        lies_between(from, to, __start_handed_over, __stop_handed_over))
        return;
    trespassed();
}

#endif
