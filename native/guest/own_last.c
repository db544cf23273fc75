/* SPDX-License-Identifier: MIT */
/* own_last.c -- linked last: nobody else's variable lies in the last page of the grader's own. See own.c. */
#include "graders_own.h"

extern char own_last[];
GRADERS_OWN char own_last[4096] __attribute__((aligned(4096)));
