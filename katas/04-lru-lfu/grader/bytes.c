/* SPDX-License-Identifier: MIT */
/* bytes.c -- the learner's memset and its kin in the stress build: they walk over
 * memory as a loop does, so their bytes count as steps (kata.ts, `intercepted`). */
#include <string.h>

#include "graders_own.h"
#include "pace.h"

#define BYTES_A_STEP 64

void *kernel_memcpy(void *to, const void *from, size_t size);
void *kernel_memcpy(void *to, const void *from, size_t size) {
    pace_add_steps(size / BYTES_A_STEP);
    graders_own_forbid(to, size), graders_own_forbid(from, size);
    return memcpy(to, from, size);
}

void *kernel_memmove(void *to, const void *from, size_t size);
void *kernel_memmove(void *to, const void *from, size_t size) {
    pace_add_steps(size / BYTES_A_STEP);
    graders_own_forbid(to, size), graders_own_forbid(from, size);
    return memmove(to, from, size);
}

void *kernel_memset(void *to, int byte, size_t size);
void *kernel_memset(void *to, int byte, size_t size) {
    pace_add_steps(size / BYTES_A_STEP);
    graders_own_forbid(to, size);
    return memset(to, byte, size);
}

int kernel_memcmp(const void *one, const void *other, size_t size);
int kernel_memcmp(const void *one, const void *other, size_t size) {
    pace_add_steps(size / BYTES_A_STEP);
    return memcmp(one, other, size);
}
