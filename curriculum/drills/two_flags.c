/* SPDX-License-Identifier: MIT */
/* two_flags.c -- a drill of curriculum/03-lock-free.md: each of two threads
 * raises its flag, then looks at the other's. At most one may see the other's
 * flag down. Both do, now and then; mend it.
 *
 *     bun kata explore curriculum/drills/two_flags.c --driver curriculum/drills/two_flags_driver.c */
#include "two_flags.h"

#include <stdatomic.h>

static atomic_bool up[2];

bool raise_and_look(int mine) {
    atomic_store_explicit(&up[mine], true, memory_order_release);
    return atomic_load_explicit(&up[1 - mine], memory_order_acquire);
}
