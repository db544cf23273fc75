/* SPDX-License-Identifier: MIT */
/* graders_own.h -- counts that a check believes, and that the code under test is never handed: in the stress
 * build every access of its own to a variable that is marked so is refused. */
#ifndef C10KATA_GRADERS_OWN_H
#define C10KATA_GRADERS_OWN_H

#include <stddef.h>

/* The linker puts them together, wherever they are defined. */
#define GRADERS_OWN __attribute__((section("graders_own")))

/* Of a driver that does for the code under test what the C library does: ends the run if these bytes are so marked. */
void graders_own_forbid(const volatile void *at, size_t size);

#endif
