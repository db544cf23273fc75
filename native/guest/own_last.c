/* SPDX-License-Identifier: MIT */
/* own_last.c -- linked last: nobody else's variable lies in the last page of the grader's own. See own.c. */
#include "graders_own.h"

extern char own_last[], handed_over_last[];
GRADERS_OWN char own_last[4096] __attribute__((aligned(4096)));

/* Behind what is handed over there is room, too: see OBJECT in native/stress/trespass.h. */
HANDED_OVER char handed_over_last[64];
