/* SPDX-License-Identifier: MIT
 *
 * map_calls.c -- anonymous memory by mmap: blocks of the heap that are whole pages. What mprotect forbids crashes,
 * and is no race. */
#include "blocks.h"
#include "definedness.h"
#include "heap.h"
#include "models.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "verdict.h"

#include <errno.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static size_t whole_pages(size_t size) {
    return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

static int refuse(int error) {
    errno = error;
    return -1;
}

void *model_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
    uint32_t pc = CALLER;
    (void)offset;
    if (!size || size > PTRDIFF_MAX) return errno = size ? ENOMEM : EINVAL, MAP_FAILED;
    if (at || !(flags & MAP_ANONYMOUS) || (flags & (MAP_FIXED | MAP_SHARED)) == MAP_FIXED || fd != -1)
        exceed("T%d maps memory that is not anonymous, or at a place that it names", running->id);
    void *memory = heap_allocate(whole_pages(size), PAGE, 0, pc);
    if (!memory) return errno = ENOMEM, MAP_FAILED;
    if (protection != (PROT_READ | PROT_WRITE)) heap_protect(memory, whole_pages(size), protection);
    return memory;
}

int model_munmap(void *at, size_t size) {
    uint32_t pc = CALLER;
    if (!size || (uintptr_t)at % PAGE) return refuse(EINVAL);
    if (heap_size_of(at, pc) != whole_pages(size)) exceed("T%d takes back a part of what it has mapped", running->id);
    heap_free(at, pc);
    return 0;
}

/* The block that all of these bytes are in, or the program is wrong. */
static void expect_mapped(void *at, size_t size, uint32_t pc, const char *what) {
    if (size) shadow_check_bounds((uintptr_t)at, size, pc, what);
}

int model_mprotect(void *at, size_t size, int protection) {
    if ((uintptr_t)at % PAGE) return refuse(EINVAL);
    expect_mapped(at, size, CALLER, "protects");
    return heap_protect(at, size, protection);
}

int model_madvise(void *at, size_t size, int advice) {
    uint32_t pc = CALLER;
    if ((uintptr_t)at % PAGE) return refuse(EINVAL);
    expect_mapped(at, size, pc, "gives advice on");
    if (advice != MADV_DONTNEED) return 0;
    shadow_access((uintptr_t)at, size, PLAIN_WRITE, pc, "empties");
    madvise(at, size, MADV_DONTNEED); /* what may not be touched becomes empty, too */
    definedness_set((uintptr_t)at, size);
    return 0;
}
