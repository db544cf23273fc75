/* SPDX-License-Identifier: MIT
 *
 * memory_calls.c -- malloc and its kin. Freed memory keeps its bytes. */
#include "definedness.h"
#include "heap.h"
#include "models.h"
#include "shadow.h"
#include "subject.h"
#include "thread.h"
#include "verdict.h"

#include <errno.h>
#include <string.h>

enum { ALIGNMENT = 16 };

static void *allocate(size_t size, size_t alignment, int fill, uint32_t pc) {
    void *memory = heap_allocate(size, alignment, fill, pc);
    if (!memory) errno = ENOMEM;
    return memory;
}

/* Absurd sizes fail as they would for real; merely large ones exceed the explorer's limits. */
static bool absurd(size_t count, size_t size) {
    size_t total;
    return __builtin_mul_overflow(count, size, &total) || total > PTRDIFF_MAX;
}

void *model_malloc(size_t size) {
    if (absurd(1, size)) return errno = ENOMEM, NULL;
    return allocate(size, ALIGNMENT, FRESH, CALLER);
}

void *model_calloc(size_t count, size_t size) {
    if (absurd(count, size)) return errno = ENOMEM, NULL;
    return allocate(count * size, ALIGNMENT, 0, CALLER);
}

void model_free(void *memory) {
    heap_free(memory, CALLER);
}

static void *reallocate(void *old, size_t size, uint32_t pc) {
    if (!old) return allocate(size, ALIGNMENT, FRESH, pc);
    if (!size) {
        heap_free(old, pc);
        return NULL;
    }
    size_t old_size = heap_size_of(old, pc);
    void *new = allocate(size, ALIGNMENT, FRESH, pc);
    if (!new) return NULL;
    size_t kept = old_size < size ? old_size : size;
    shadow_access((uintptr_t)old, kept, PLAIN_READ, pc, "reads");
    memcpy(new, old, kept);
    definedness_copy((uintptr_t)new, (uintptr_t)old, kept);
    heap_free(old, pc);
    return new;
}

void *model_realloc(void *old, size_t size) {
    if (absurd(1, size)) return errno = ENOMEM, NULL;
    return reallocate(old, size, CALLER);
}

void *model_reallocarray(void *old, size_t count, size_t size) {
    if (absurd(count, size)) return errno = ENOMEM, NULL;
    return reallocate(old, count * size, CALLER);
}

static bool bad_alignment(size_t alignment) {
    return !alignment || (alignment & (alignment - 1)) || alignment > 1 << 20;
}

static size_t at_least_default(size_t alignment) {
    return alignment < ALIGNMENT ? ALIGNMENT : alignment;
}

static void *allocate_aligned(size_t alignment, size_t size, uint32_t pc) {
    if (bad_alignment(alignment) || absurd(1, size)) return errno = EINVAL, NULL;
    return allocate(size, at_least_default(alignment), FRESH, pc);
}

/* C11 leaves a size that is no multiple of the alignment undefined; AddressSanitizer reports both, too. */
void *model_aligned_alloc(size_t alignment, size_t size) {
    bool bad = !alignment || (alignment & (alignment - 1));
    if (bad || size % alignment) {
        verdict_place(running->id, CALLER, 0, "allocates");
        violate(VERDICT_MISUSE, "T%d calls aligned_alloc(%zu, %zu) in {0}: the %s", running->id, alignment, size,
                bad ? "alignment is no power of two" : "size is no multiple of the alignment");
    }
    return allocate_aligned(alignment, size, CALLER);
}

void *model_memalign(size_t alignment, size_t size) {
    return allocate_aligned(alignment, size, CALLER);
}

int model_posix_memalign(void **out, size_t alignment, size_t size) {
    if (bad_alignment(alignment) || alignment % sizeof(void *)) return EINVAL;
    void *memory = absurd(1, size) ? NULL : heap_allocate(size, at_least_default(alignment), FRESH, CALLER);
    if (!memory) return ENOMEM;
    *out = memory;
    return 0;
}

size_t model_malloc_usable_size(void *memory) {
    return memory ? heap_size_of(memory, CALLER) : 0;
}

char *model_strdup(const char *text) {
    uint32_t pc = CALLER;
    size_t size = strlen(text) + 1;
    shadow_access((uintptr_t)text, size, PLAIN_READ, pc, "reads");
    char *copy = allocate(size, ALIGNMENT, FRESH, pc);
    if (copy) definedness_set((uintptr_t)copy, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *model_strndup(const char *text, size_t limit) {
    uint32_t pc = CALLER;
    size_t size = strnlen(text, limit);
    shadow_access((uintptr_t)text, size, PLAIN_READ, pc, "reads");
    char *copy = allocate(size + 1, ALIGNMENT, FRESH, pc);
    if (copy) definedness_set((uintptr_t)copy, size + 1);
    if (copy) *(char *)mempcpy(copy, text, size) = 0;
    return copy;
}
