/* SPDX-License-Identifier: MIT
 *
 * explore_objects.c -- hazard pointers under the schedule explorer: objects that others read while they are replaced.
 *
 *   hp_objects  a reader or two, and a writer that puts new objects in the place of old ones, retires these, and may be
 *               detached with them; the reader's handle may be detached as well, with its slot as it is
 *   hp_small    two objects, which one slot protects one after the other, and a writer for each; or two threads that
 * come to the only place of a domain, and leave it; or hp_top_comes_back: for exhaustive search
 *
 * Objects come from malloc and are freed when they are reclaimed, so an early reclamation is a use after free, a late
 * one is a leak, and one too many a double free. The writer takes an object out by an exchange that is not seq_cst:
 * what the contract asks of protect and retire it asks of them alone. */
#include "explored.h"
#include "fillers.h"
#include "hazard.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct object {
    long number;
    long twice; /* number * 2 */
};

static struct hp_domain *domain;
static _Atomic(void *) places[2];
static long rounds;
static bool detaches;

static struct object *object_new(long number) {
    struct object *object = malloc(sizeof *object);
    if (!object) explore_fail("there is no memory");
    object->number = number, object->twice = 2 * number;
    return object;
}

static void reclaim(void *object) {
    free(object);
}

static struct hp_thread *attach(void) {
    explore_lock_free_begin("hp_attach");
    struct hp_thread *me = hp_attach(domain);
    explore_lock_free_end();
    if (!me) explore_fail("hp_attach answers NULL although a place is free");
    return me;
}

static void detach(struct hp_thread *me) {
    explore_lock_free_begin("hp_detach");
    hp_detach(me);
    explore_lock_free_end();
}

static void look(struct hp_thread *me, int at, bool clears) {
    explore_lock_free_begin("hp_protect");
    struct object *object = hp_protect(me, 0, &places[at]);
    explore_lock_free_end();
    if (object && object->twice != 2 * object->number)
        explore_fail("a protected object holds %ld and %ld", object->number, object->twice);
    if (clears) hp_clear(me, 0);
}

static void *read_some(void *me) {
    explore_name_thread("reader");
    for (long i = 0; i < rounds; i++) look(me, 0, i + 1 < rounds || explore_choose(2));
    if (detaches) detach(me);
    return NULL;
}

static void replace(struct hp_thread *me, int at, struct object *object) {
    void *old = atomic_exchange_explicit(&places[at], object, memory_order_acq_rel);
    if (!old) return;
    explore_lock_free_begin("hp_retire");
    hp_retire(me, old, reclaim);
    explore_lock_free_end();
}

static void *write_some(void *me) {
    explore_name_thread("writer");
    for (long i = 0; i < rounds; i++) replace(me, 0, object_new(10 + i));
    if (detaches) detach(me);
    return NULL;
}

static void open(unsigned handles) {
    domain = hp_new(handles, 1);
    if (!domain) explore_fail("hp_new answers NULL although there is memory");
    atomic_store_explicit(&places[0], object_new(1), memory_order_release);
}

static void close(struct hp_thread **handles, int count) {
    replace(handles[count], 0, NULL);
    for (int i = detaches ? count : 0; i <= count; i++) hp_detach(handles[i]);
    hp_free(domain);
    domain = NULL;
}

void hp_objects(void) {
    pthread_t threads[3];
    struct hp_thread *handles[4] = {NULL};
    int count = 2 + (int)explore_choose(2);
    rounds = 1 + (long)explore_choose(2);
    detaches = explore_choose(2);
    open((unsigned)count + 1);
    for (int i = 0; i <= count; i++) handles[i] = attach();
    retire_fillers(handles[0], 65 * (unsigned)(count + 1));
    for (int i = 0; i < count; i++) pthread_create(&threads[i], NULL, i == 0 ? write_some : read_some, handles[i]);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    close(handles, count);
}

static void *take_first(void *me) {
    explore_name_thread("writer of the first");
    replace(me, 0, NULL);
    return NULL;
}

static void *take_second(void *me) {
    explore_name_thread("writer of the second");
    replace(me, 1, NULL);
    return NULL;
}

static void *come_and_go(void *unused) {
    struct hp_thread *me = hp_attach(domain);
    if (!me) return unused; /* the other one has the place */
    hp_retire(me, object_new(3), reclaim);
    hp_detach(me);
    return unused;
}

static void one_place(void) {
    pthread_t threads[2];
    open(1);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, come_and_go, NULL);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    struct hp_thread *me = attach();
    close(&me, 0);
}

/* While one writer passes the first object to the slot, the slot may come to protect the second one. */
static void one_slot(void) {
    pthread_t writers[2];
    struct hp_thread *handles[3];
    open(3);
    atomic_store_explicit(&places[1], object_new(2), memory_order_release);
    for (int i = 0; i < 3; i++) handles[i] = attach();
    pthread_create(&writers[0], NULL, take_first, handles[0]);
    pthread_create(&writers[1], NULL, take_second, handles[1]);
    look(handles[2], 0, false);
    look(handles[2], 1, explore_choose(2));
    for (int i = 0; i < 2; i++) pthread_join(writers[i], NULL);
    close(handles, 2);
}

void hp_small(void) {
    detaches = false;
    unsigned way = explore_choose(3);
    if (way == 0)
        one_slot();
    else if (way == 1)
        one_place();
    else
        hp_top_comes_back();
}
