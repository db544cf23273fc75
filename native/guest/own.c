/* SPDX-License-Identifier: MIT */
/* own.c -- see graders_own.h. */
#include "own.h"

#include "evidence.h"

void graders_own_forbid(const volatile void *at, size_t size) {
    if (!is_graders_own(at, size)) return;
    evidence_broken_off("the program", "reached into memory of the grader's own",
                        "memory that it has asked for, or that a call has handed over",
                        "a pointer that comes from neither: from where, and what for?");
}
