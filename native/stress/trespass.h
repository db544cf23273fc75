/* SPDX-License-Identifier: MIT */
/* trespass.h -- the code under test has no business with the grader's counts. */
#ifndef TRESPASS_H
#define TRESPASS_H

#include "own.h"

static inline void forbid_own(const volatile void *at, size_t size) {
    if (is_graders_own(at, size)) graders_own_forbid(at, size);
}

#endif
