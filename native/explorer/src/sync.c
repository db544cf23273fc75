/* SPDX-License-Identifier: MIT
 *
 * sync.c -- the objects' registry: a list in each shadow cell. */
#include "sync.h"

#include "describe.h"
#include "footprint.h"
#include "shadow.h"
#include "thread.h"
#include "verdict.h"
#include "world.h"

#include <string.h>

enum { MAX_OBJECTS = 4096, RWLOCK_PREFERENCE = 48 };

static struct sync objects[MAX_OBJECTS];
static int object_count;

static const struct {
    const char *name;
    size_t size_bytes;
} kinds[] = {
    [SYNC_MUTEX] = {"mutex", 24},
    [SYNC_CONDITION] = {"condition variable", 48},
    [SYNC_RWLOCK] = {"readers-writer lock", 56},
    [SYNC_SEMAPHORE] = {"semaphore", 32},
    [SYNC_BARRIER] = {"barrier", 32},
    [SYNC_ONCE] = {"once flag", 4},
    [SYNC_SPIN] = {"spin lock", 4},
};

void sync_reset(void) {
    object_count = 0;
}

static struct sync *find(uintptr_t address) {
    struct cell *cell = cell_at(address);
    for (int i = cell ? cell->objects : 0; i; i = objects[i - 1].next)
        if (objects[i - 1].address == address) return &objects[i - 1];
    return NULL;
}

static struct sync *add(uintptr_t address, uint32_t pc) {
    struct cell *cell = cell_at(address);
    if (!cell) {
        verdict_place(running->id, pc, 0, "uses");
        violate(VERDICT_MISUSE, "T%d uses a lock in {0} that lies outside the program's memory", running->id);
    }
    if (object_count == MAX_OBJECTS)
        violate(VERDICT_LIMIT, "more than %d locks and the like in one execution", MAX_OBJECTS);
    struct sync *object = &objects[object_count++];
    memset(object, 0, sizeof *object);
    object->address = address;
    object->next = cell->objects;
    cell->objects = (uint16_t)object_count;
    return object;
}

static void mark(struct sync *object) {
    object->marked = true;
    memset((void *)object->address, 0xa5, kinds[object->kind].size_bytes);
}

static _Noreturn void misuse(uintptr_t address, enum sync_kind kind, uint32_t pc, const char *doing,
                             const char *state) {
    verdict_place(running->id, pc, 0, doing);
    violate(VERDICT_MISUSE, "T%d %s in {0}: the %s %s %s", running->id, doing, kinds[kind].name,
            describe_object(address), state);
}

/* On a stack the object may be another one, of a later call: its place is as it was left. */
static bool on_stack(uintptr_t address) {
    return address - STACK_BASE(0) < (size_t)STACKS * STACK_SIZE;
}

struct sync *sync_init(void *address, enum sync_kind kind, uint32_t pc) {
    shadow_access((uintptr_t)address, kinds[kind].size_bytes, PLAIN_WRITE, pc, "initialises");
    touch((uintptr_t)address, 1, WRITES);
    struct sync *object = find((uintptr_t)address);
    bool alive = object && kind == SYNC_BARRIER && object->kind == kind && !object->destroyed;
    if (alive && !on_stack(object->address))
        misuse(object->address, kind, pc, "initialises", "was initialised before, and not destroyed");
    if (!object) object = add((uintptr_t)address, pc);
    uint16_t next = object->next;
    uint32_t round = object->round; /* of a barrier whose last users are still leaving */
    memset(object, 0, sizeof *object);
    object->address = (uintptr_t)address;
    object->next = next;
    object->round = round;
    object->kind = kind;
    object->owner = -1;
    mark(object);
    return object;
}

static bool all_zero(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (bytes[i]) return false;
    return true;
}

/* glibc's static initializers are all zero, except a mutex's type, four bytes at offset 16, and the preference at the
 * end of a readers-writer lock. */
static bool statically_initialised(const char *bytes, enum sync_kind kind, int *type) {
    *type = 0;
    if (kind == SYNC_RWLOCK) return all_zero(bytes, RWLOCK_PREFERENCE);
    if (kind != SYNC_MUTEX)
        return kind != SYNC_SEMAPHORE && kind != SYNC_BARRIER && all_zero(bytes, kinds[kind].size_bytes);
    memcpy(type, bytes + 16, sizeof *type);
    return all_zero(bytes, 16) && *type >= 0 && *type <= 3;
}

/* A statically initialised object, met for the first time. */
static struct sync *adopt(struct sync *object, uintptr_t at, enum sync_kind kind, int type, uint32_t pc) {
    if (!object) object = add(at, pc);
    object->kind = kind;
    object->owner = -1;
    object->marked = object->destroyed = false;
    object->type = type == 1 ? MUTEX_RECURSIVE : type == 2 ? MUTEX_CHECKING : MUTEX_NORMAL;
    return object;
}

struct sync *sync_use(void *address, enum sync_kind kind, uint32_t pc, const char *doing) {
    uintptr_t at = (uintptr_t)address;
    shadow_check_bounds(at, kinds[kind].size_bytes, pc, doing);
    touch(at, 1, WRITES);
    if (kind != SYNC_CONDITION) /* one may be destroyed as soon as its last sleeper is woken */
        shadow_access(at, 1, ATOMIC_WRITE, pc, doing);
    struct sync *object = find(at);
    int type;
    if ((!object || object->marked) && statically_initialised(address, kind, &type))
        object = adopt(object, at, kind, type, pc);
    if (!object) misuse(at, kind, pc, doing, "was never initialised");
    if (object->destroyed) misuse(at, kind, pc, doing, "was destroyed");
    if (object->kind != kind) misuse(at, kind, pc, doing, "was initialised as something else");
    return object;
}

void sync_destroy(void *address, enum sync_kind kind, uint32_t pc, const char *doing) {
    struct sync *object = sync_use(address, kind, pc, doing);
    if (object->owner >= 0 || (kind == SYNC_RWLOCK && object->value))
        misuse(object->address, kind, pc, doing, "is still held");
    for (int i = 0; i < thread_count; i++)
        if (threads[i].state == THREAD_WAITING && threads[i].wait.object == object &&
            !threads[i].wait.ready(&threads[i]))
            misuse(object->address, kind, pc, doing, "still has a thread waiting");
    shadow_access((uintptr_t)address, kinds[kind].size_bytes, PLAIN_WRITE, pc, doing);
    object->destroyed = true;
    mark(object);
}

void sync_acquire(struct sync *object) {
    view_join(&running->view, &object->view);
}

void sync_release(struct sync *object) {
    view_join(&object->view, &running->view);
    thread_tick();
}
