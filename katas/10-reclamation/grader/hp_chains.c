/* SPDX-License-Identifier: MIT */
/* hp_chains.c -- reclaiming retires more.
 *
 *   hp_chains
 *
 * Shapes: 0, a chain: each object retires the next; 1, a tree: each retires two; 2, a star: one retires 500; 3, a
 * chain whose objects are retired in one of two domains by turns; 4, a chain of a few, of which the first one is
 * protected by the slot of a handle that is detached then, and another handle goes on. The first object is retired, and
 * then others, until all of the shape were reclaimed or 200,000 others were. In each domain a second handle protects
 * nothing, and does nothing.
 *
 * Evidence: the rows `shapes`: `retired` and `reclaimed` of the shape; `stack_bytes`, how far the reclamations lay
 * apart on the stack; `most`, so many waited (`threads` is of all domains); `twice` and `missing`, of all objects;
 * `late`, of the shape, when the other handle had retired as many as may wait for each of them. */
#include <stdint.h>

#include "driver.h"
#include "evidence.h"
#include "objects.h"

#define THREADS 2
#define DOMAINS 2
#define SLOTS 2
#define CHAIN 100000
#define TREE 32767
#define STAR 501
#define FEW 4
#define OTHERS_MAX 200000

enum form { A_CHAIN, A_TREE, A_STAR, ACROSS, LEAVING, SHAPES };
static const uint64_t sizes[SHAPES] = {CHAIN, TREE, STAR, CHAIN, FEW};

EVIDENCE_ROW(shape, kind, threads, slots, retired, reclaimed, stack_bytes, most, twice, missing, late);

static struct {
    enum form kind;
    uint64_t domains;
    struct hp_domain *domain[DOMAINS];
    struct hp_thread *me[DOMAINS], *other[DOMAINS]; /* `me` retires; NULL: nothing more is retired there */
    struct object *first;
    uint64_t retired, reclaimed;
    uintptr_t lowest, highest;
} now;

static void note_stack(void) {
    char here;
    uintptr_t at = (uintptr_t)&here;
    if (at < now.lowest) now.lowest = at;
    if (at > now.highest) now.highest = at;
}

static void reclaimed(void *argument);

/* The objects of a shape lie one after the other in their table. */
static void retire_number(uint64_t number) {
    struct hp_thread *me = now.me[number % now.domains];
    if (number >= sizes[now.kind] || !me) return;
    now.retired++;
    object_retire_with(me, &now.first[number], reclaimed);
}

static void reclaimed(void *argument) {
    uint64_t number = (uint64_t)((struct object *)argument - now.first);
    note_stack();
    object_reclaimed(argument);
    now.reclaimed++;
    if (now.kind == A_CHAIN || now.kind == ACROSS || now.kind == LEAVING) retire_number(number + 1);
    if (now.kind == A_TREE) retire_number(2 * number + 1), retire_number(2 * number + 2);
    for (uint64_t i = 1; now.kind == A_STAR && number == 0 && i < STAR; i++) retire_number(i);
}

static void begin(enum form kind) {
    objects_begin();
    now.kind = kind, now.domains = kind == ACROSS ? 2 : 1, now.retired = now.reclaimed = 0;
    now.lowest = UINTPTR_MAX, now.highest = 0;
    for (uint64_t i = 0; i < now.domains; i++) {
        now.domain[i] = new_domain(THREADS, SLOTS);
        now.other[i] = attached(now.domain[i]);
        now.me[i] = attached(now.domain[i]);
    }
}

static void end(void) {
    for (uint64_t i = 0; i < now.domains; i++) {
        hp_detach(now.me[i]);
        if (now.me[i] != now.other[i]) hp_detach(now.other[i]);
        now.me[i] = NULL;
    }
    for (uint64_t i = 0; i < now.domains; i++) hp_free(now.domain[i]);
}

/* The first one's slot is its handle's own: it is reclaimed inside hp_detach, or by the other handle. */
static void leave(void) {
    _Atomic(void *) from = now.first;
    (void)hp_protect(now.me[0], 0, &from); /* what it answers, is another check's concern */
    retire_number(0);
    hp_detach(now.me[0]);
    now.me[0] = now.other[0];
    for (uint64_t i = 0; i < FEW * objects_may_wait(THREADS, SLOTS); i++) object_retire(now.me[0], object_new());
}

static struct shape tried(enum form kind) {
    begin(kind);
    now.first = object_new();
    for (uint64_t i = 1; i < sizes[kind]; i++) (void)object_new();
    kind == LEAVING ? leave() : retire_number(0);
    uint64_t late = kind == LEAVING ? FEW - now.reclaimed : 0;
    for (uint64_t i = 0; now.reclaimed < sizes[kind] && i < OTHERS_MAX; i++) {
        object_retire(now.me[i % now.domains], object_new());
        if (i % 4096 == 0) evidence_progress();
    }
    end();
    struct objects seen = objects_seen();
    return (struct shape){kind,
                          THREADS * now.domains,
                          SLOTS,
                          now.retired,
                          now.reclaimed,
                          now.highest - now.lowest,
                          seen.most_waiting,
                          seen.twice,
                          seen.missing,
                          late};
}

void hp_chains(uint64_t seed) {
    struct shape shapes[SHAPES];
    (void)seed;
    for (enum form kind = 0; kind < SHAPES; kind++) shapes[kind] = tried(kind), evidence_progress();
    evidence_rows("shapes", shape, shapes, SHAPES);
}
