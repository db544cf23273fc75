/* SPDX-License-Identifier: MIT
 *
 * heap.c -- a bump allocator with a free list per size. */
#include "heap.h"

#include "blocks.h"
#include "definedness.h"
#include "describe.h"
#include "footprint.h"
#include "kinds.h"
#include "owners.h"
#include "shadow.h"
#include "thread.h"
#include "trace.h"
#include "verdict.h"
#include "world.h"

#include <string.h>
#include <sys/mman.h>

enum { RED_ZONE = 16, BINS = 256, PAGE = 4096 };

static uintptr_t top;
static uint16_t bins[BINS]; /* by capacity / 16: the block freed last, number + 1 */
static unsigned failures_left;
static bool protected; /* some page */
static enum { REUSE_UNDECIDED, REUSE_NEVER, REUSE_AT_ONCE } reuse;

void heap_reset(void) {
    block_count = 0;
    top = WORLD_BASE + RED_ZONE;
    failures_left = 0;
    reuse = REUSE_UNDECIDED;
    memset(bins, 0, sizeof bins);
    if (protected) mprotect((void *)WORLD_BASE, HEAP_SIZE, PROT_READ | PROT_WRITE); /* it is there: this can't fail */
    protected = false;
}

int heap_protect(void *at, size_t size_bytes, int protection) {
    protected = true;
    return mprotect(at, size_bytes, protection & (PROT_READ | PROT_WRITE));
}

void heap_allow_failures(unsigned times) {
    touch(TOUCHED_FAILURES, 1, WRITES);
    failures_left = times;
}

/* A block that was freed and fits, or NULL. The free synchronizes with this allocation (C17 7.22.3p2): whoever gets the
 * address back knows all that the freeing thread knew. */
static struct block *recycle(size_t capacity, size_t alignment) {
    uint16_t *bin = &bins[capacity / 16 % BINS];
    touch(TOUCHED_BIN + capacity / 16 % BINS, 1, *bin ? WRITES : READS);
    if (!*bin) return NULL;
    struct block *block = &blocks[*bin - 1];
    if (block->capacity_bytes != capacity || block->address % alignment) return NULL;
    *bin = block->next_free;
    view_join(&running->view, &block->freed_view);
    return block;
}

static struct block *extend(size_t capacity, size_t alignment) {
    uintptr_t address = (top + alignment - 1) & ~(uintptr_t)(alignment - 1);
    if (capacity > HEAP_SIZE || address + capacity + RED_ZONE > WORLD_BASE + HEAP_SIZE)
        exceed("the program allocates more than the explorer's heap of %d MiB holds", HEAP_SIZE >> 20);
    if (block_count == MAX_BLOCKS) exceed("the program has more than %d blocks of memory in one execution", MAX_BLOCKS);
    top = address + capacity + RED_ZONE;
    struct block *block = &blocks[block_count++];
    block->address = address;
    block->capacity_bytes = capacity;
    return block;
}

static void adopt(struct block *block, size_t size_bytes, uint32_t pc) {
    block->size_bytes = size_bytes;
    block->live = true;
    block->allocated_at = pc;
    block->allocated_by = running->id;
    block->allocated_clock = running->view.happened.at[running->id];
    cells_clear(block->address, block->capacity_bytes);
    for (size_t i = 0; i < block->capacity_bytes; i += CELL_BYTES)
        cell_at(block->address + i)->block = (uint16_t)(block - blocks + 1);
}

void *heap_allocate(size_t size_bytes, size_t alignment, int fill, uint32_t pc) {
    touch(TOUCHED_FAILURES, 1, failures_left ? WRITES : READS);
    if (failures_left && choose(CHOOSE_MALLOC_FAILURE, 2)) {
        failures_left--;
        trace_step("allocation fails", pc, "injected");
        return NULL;
    }
    size_t capacity = (size_bytes + 15) & ~(size_t)15;
    if (!capacity) capacity = 16;
    struct block *block = recycle(capacity, alignment);
    bool recycled = block != NULL;
    if (!recycled) block = extend(capacity, alignment);
    adopt(block, size_bytes, pc);
    trace_step("allocates", pc, "block %d, %zu byte%s%s", (int)(block - blocks), size_bytes, size_bytes == 1 ? "" : "s",
               recycled ? ": the same address again" : "");
    void *memory = (void *)block->address;
    memset(memory, fill, capacity);
    shadow_access(block->address, size_bytes, PLAIN_WRITE, pc, "allocates");
    if (fill == FRESH)
        definedness_forget(block->address, capacity);
    else
        definedness_set(block->address, capacity);
    return memory;
}

static struct block *block_of(void *memory, uint32_t pc, const char *what) {
    uintptr_t address = (uintptr_t)memory;
    const struct cell *cell = address - WORLD_BASE < HEAP_SIZE ? cell_at(address) : NULL;
    if (!cell || !cell->block || blocks[cell->block - 1].address != address) {
        verdict_place(running->id, pc, 0, what);
        violate(VERDICT_BAD_FREE, "T%d %s %s in {0}, a pointer that malloc did not return", running->id, what,
                describe_value(address, sizeof address));
    }
    return &blocks[cell->block - 1];
}

static void release(struct block *block, uint32_t pc) {
    block->live = false;
    block->freed_at = pc;
    block->freed_by = running->id;
    block->freed_clock = running->view.happened.at[running->id];
    if (reuse == REUSE_UNDECIDED) reuse = choose(CHOOSE_REUSE, 2) ? REUSE_AT_ONCE : REUSE_NEVER;
    if (reuse == REUSE_NEVER) return;
    touch(TOUCHED_BIN + block->capacity_bytes / 16 % BINS, 1, WRITES);
    uint16_t *bin = &bins[block->capacity_bytes / 16 % BINS];
    block->next_free = *bin;
    block->freed_view = running->view;
    *bin = (uint16_t)(block - blocks + 1);
}

void heap_free(void *memory, uint32_t pc) {
    if (!memory) return;
    struct block *block = block_of(memory, pc, "frees");
    if (!block->live) {
        verdict_place(running->id, pc, 0, "frees");
        block_place_of_free(block);
        block_place_of_allocation(block);
        violate(VERDICT_DOUBLE_FREE, "T%d frees block %d in {0}, which T%d had freed in {1}; it was allocated in {2}",
                running->id, (int)(block - blocks), block->freed_by);
    }
    if (tracing) owners_keep((int)(block - blocks));
    trace_step("frees", pc, "block %d", (int)(block - blocks));
    shadow_access(block->address, block->size_bytes, PLAIN_WRITE, pc, "frees");
    if (protected && block->address % PAGE == 0)
        mprotect(memory, (block->size_bytes + PAGE - 1) / PAGE * PAGE, PROT_READ | PROT_WRITE);
    release(block, pc);
    thread_tick();
}

size_t heap_size_of(void *memory, uint32_t pc) {
    return block_of(memory, pc, "asks for the size of")->size_bytes;
}
