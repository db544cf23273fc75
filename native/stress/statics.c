/* SPDX-License-Identifier: MIT */
/* statics.c -- see heap.h. The learner's static variables lie between learners_first.c and learners_last.c, those of
 * each thread too. */
#include "heap.h"

extern const char learners_data_first[], learners_data_last[], learners_bss_first[], learners_bss_last[];
extern _Thread_local const char learners_tls_data_first[], learners_tls_data_last[], learners_tls_zeros_first[],
    learners_tls_zeros_last[];

enum { MARK = 64 };

static uint64_t between(const char *first, const char *last) {
    return (uint64_t)((uintptr_t)last - (uintptr_t)first) - MARK;
}

uint64_t heap_static_bytes(void) {
    return between(learners_data_first, learners_data_last) + between(learners_bss_first, learners_bss_last) +
           between(learners_tls_data_first, learners_tls_data_last) +
           between(learners_tls_zeros_first, learners_tls_zeros_last);
}
