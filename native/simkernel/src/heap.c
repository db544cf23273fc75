/* SPDX-License-Identifier: MIT */
/* heap.c -- the learner's memory: counted, refused on demand, full of rubbish
 * when fresh and when freed, so that a life does not depend on luck.
 *
 * Freed blocks are kept until the life ends: what is written to them is seen.
 * Under AddressSanitizer they are freed at once, and it sees more. */
#include "calls.h"
#include "sanitized.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BLOCKS = 65536, FRESH = 0xcd, FREED = 0xdd, PAGE = 4096, SCRIBBLED_MAX = 1 << 16 };

struct block {
    unsigned char *at;
    size_t size;
    bool freed, reached;
};

static const struct world_rule bad_free = {"bad_free", "every block freed once, and only blocks",
                                           "which two paths free it?"};
static const struct world_rule after_free = {"after_free", "freed memory is left alone",
                                             "which pointer still leads to it, and from which event?"};
static const struct world_rule leak = {"leak", "all memory taken since the call is given back",
                                       "what was allocated for a connection, and where is it freed?"};

uint64_t world_refused_memory;
static struct block blocks[MAX_BLOCKS];
static int count;

void heap_begin(void) {
    count = 0;
    world_refused_memory = 0;
}

void heap_end(void) {
    for (int i = 0; i < count; i++)
        if (!SANITIZED || !blocks[i].freed) free(blocks[i].at);
    count = 0;
}

static bool refused(void) {
    if (!world_faults.refused_memory || !world_one_in(world_faults.refused_memory)) return false;
    world_refused_memory++;
    errno = ENOMEM;
    return true;
}

static size_t scribbled(size_t size) {
    return size < SCRIBBLED_MAX ? size : SCRIBBLED_MAX;
}

static void *new_block(size_t size, size_t alignment, bool zeroed) {
    if (count == MAX_BLOCKS || refused()) return NULL;
    unsigned char *at = alignment ? aligned_alloc(alignment, size) : calloc(1, size ? size : 1);
    if (!at) return NULL;
    if (!zeroed) memset(at, FRESH, scribbled(size));
    if (zeroed && alignment) memset(at, 0, size);
    blocks[count++] = (struct block){.at = at, .size = size};
    return at;
}

static struct block *block_at(const void *at) {
    for (int i = count - 1; i >= 0; i--)
        if (blocks[i].at == at && !(SANITIZED && blocks[i].freed)) return &blocks[i];
    return NULL;
}

void *heap_pages(size_t size) {
    return new_block((size + PAGE - 1) / PAGE * PAGE, PAGE, true);
}

void *sim_malloc(size_t size);
void *sim_malloc(size_t size) {
    return new_block(size, 0, false);
}

void *sim_calloc(size_t number, size_t size);
void *sim_calloc(size_t number, size_t size) {
    size_t all;
    if (__builtin_mul_overflow(number, size, &all)) return NULL;
    return new_block(all, 0, true);
}

void *sim_aligned_alloc(size_t alignment, size_t size);
void *sim_aligned_alloc(size_t alignment, size_t size) {
    return new_block(size, alignment, false);
}

int sim_posix_memalign(void **out, size_t alignment, size_t size);
int sim_posix_memalign(void **out, size_t alignment, size_t size) {
    void *at = new_block(size, alignment, false);
    if (!at) return ENOMEM;
    *out = at;
    return 0;
}

void sim_free(void *at) {
    if (!at) return;
    struct block *block = block_at(at);
    if (!block && SANITIZED) free(at); /* its report says more than ours would */
    if (!block) world_fail(&bad_free, "free() of memory that malloc did not give out");
    if (block->freed)
        world_fail(&bad_free, "a block of %zu byte%s is freed twice", block->size, block->size == 1 ? "" : "s");
    urings_judge_free(at, block->size);
    ports_judge_free(at, block->size);
    block->freed = true;
    if (SANITIZED)
        free(at);
    else
        memset(at, FREED, scribbled(block->size));
}

void *sim_realloc(void *old, size_t size);
void *sim_realloc(void *old, size_t size) {
    struct block *block = old ? block_at(old) : NULL;
    if (old && !block) world_fail(&bad_free, "realloc() of memory that malloc did not give out");
    if (block && block->freed) world_fail(&after_free, "realloc() of a block that was freed");
    size_t kept = block ? block->size : 0;
    unsigned char *at = new_block(size, 0, false);
    if (!at) return NULL;
    if (old) memcpy(at, old, kept < size ? kept : size);
    sim_free(old);
    return at;
}

void *sim_reallocarray(void *old, size_t number, size_t size);
void *sim_reallocarray(void *old, size_t number, size_t size) {
    size_t all;
    return __builtin_mul_overflow(number, size, &all) ? NULL : sim_realloc(old, all);
}

uint64_t world_held_bytes(void) {
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += blocks[i].freed ? 0 : blocks[i].size;
    return bytes;
}

/* A pointer into a block reaches it, and what it holds; true when it is news. */
static bool reach(const void *pointer) {
    for (struct block *b = blocks; b < blocks + count; b++) {
        const unsigned char *at = pointer;
        if (b->freed || b->reached || at < b->at || at >= b->at + (b->size ? b->size : 1)) continue;
        b->reached = true;
        void *const *words = (void *const *)b->at;
        for (size_t i = 0; i < b->size / sizeof *words; i++) reach(words[i]);
        return true;
    }
    return false;
}

void world_check_memory(void) {
    for (int i = 0; i < count && !SANITIZED; i++)
        for (size_t at = 0; blocks[i].freed && at < scribbled(blocks[i].size); at++)
            if (blocks[i].at[at] != FREED)
                world_fail(&after_free, "byte %zu of a block of %zu byte%s was written after the block was freed", at,
                           blocks[i].size, blocks[i].size == 1 ? "" : "s");
    if (urings_mapped() > 0)
        world_fail(&leak, "%d part%s of a ring still mapped", urings_mapped(), urings_mapped() == 1 ? " is" : "s are");
    statics_mention(reach);
    int lost = 0;
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        if (!blocks[i].freed && !blocks[i].reached) lost++, bytes += blocks[i].size;
    if (lost)
        world_fail(&leak, "%d block%s of %zu byte%s in all %s never freed", lost, lost == 1 ? "" : "s", bytes,
                   bytes == 1 ? "" : "s", lost == 1 ? "was" : "were");
}

char *sim_strndup(const char *text, size_t limit);
char *sim_strndup(const char *text, size_t limit) {
    size_t length = strnlen(text, limit);
    char *copy = new_block(length + 1, 0, true);
    return copy ? memcpy(copy, text, length) : NULL;
}

char *sim_strdup(const char *text);
char *sim_strdup(const char *text) {
    return sim_strndup(text, SIZE_MAX);
}
