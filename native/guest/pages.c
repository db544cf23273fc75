/* SPDX-License-Identifier: MIT */
/* pages.c -- mmap, mprotect and munmap as the learner's code sees them: pages of
 * its own, for data. What may run was linked; what keeps the run's secret is not
 * the learner's to open. The builds rename its calls, except in the explorer and
 * the simulated kernel, which have models of their own. */
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "evidence.h"
#include "frames.h"
#include "own.h"

static void refuse_code(const char *call, int protection) {
    if (protection & PROT_EXEC)
        evidence_broken_off(call, "asked for memory that can be executed", "memory for data",
                            "the flags of that call: what is PROT_EXEC for?");
}

static void refuse_foreign(const char *call, void *at, size_t size) {
    if (nonce_lies_in(at, size) || own_lies_in(at, size))
        evidence_broken_off(call, "changed a page of the grader's own", "pages that mmap has answered",
                            "the address of that call: where does it come from?");
}

void *pages_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *pages_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    refuse_code("mmap", protection);
    if (flags & MAP_FIXED) refuse_foreign("mmap", at, size);
    return mmap(at, size, protection, flags, fd, offset);
}

int pages_mprotect(void *at, size_t size, int protection);
int pages_mprotect(void *at, size_t size, int protection) {
    refuse_code("mprotect", protection);
    refuse_foreign("mprotect", at, size);
    return mprotect(at, size, protection);
}

int pages_munmap(void *at, size_t size);
int pages_munmap(void *at, size_t size) {
    refuse_foreign("munmap", at, size);
    return munmap(at, size);
}
