/* SPDX-License-Identifier: MIT */
/* hazard.h -- hazard pointers: objects are freed while others may look at them, and a stack that is built on them.
 *
 * Words. An object is *retired* by hp_retire(), when nobody who comes later can find it any more: it has been taken
 * out of every place from which it might be protected. It is *reclaimed* when the function that came with it is called.
 * In between it *waits*. A slot *protects* the object that hp_protect() answered for it, from that answer until
 * hp_clear() or the next hp_protect() of that slot is called, or hp_detach() of its thread.
 *
 * Threads. hp_new, hp_attach, hp_stack_new: any thread. What takes a struct hp_thread is for one thread at a time; the
 * handle may go from thread to thread, and one thread may have several. Calls with different handles may be made at any
 * time, except that hp_free and hp_stack_free want to be alone. Domains share nothing.
 *
 * Promise. An object that is retired is reclaimed exactly once, inside a call of hp_retire, hp_detach, hp_stack_pop or
 * hp_free, by whichever thread calls it; and never while a slot protects it that has done so since before it was
 * retired. What a thread did with an object while it protected it happens before the object's reclamation, and so does
 * what was done before it was retired. The order in which a caller takes objects out of their place may be as weak as
 * `relaxed`.
 *
 * Waiting objects. Never do more than
 *     threads_max * slots_per_thread + 64 * threads_max
 * objects of a domain wait, whoever is paused and wherever, and whatever was protected before. This is less than a list
 * for each handle allows, as Michael's paper and most libraries have it: each of the lists may come to hold as many
 * objects as there are slots, and keeps them while its handle does nothing.
 *
 * In time. An object that no slot protects any more is reclaimed, at the latest, when the handle through which it was
 * retired has retired as many more as may wait; and once that handle was detached, when any other one has.
 *
 * Progress. Lock-free: a thread may be paused anywhere inside any call. Meanwhile the others' calls end, each within a
 * bounded number of its own steps where it meets no other thread. hp_retire never waits and never fails. No call but
 * hp_new, hp_stack_new and hp_stack_push allocates. None locks, waits, yields, sleeps or makes a system call, except
 * that malloc and free may.
 *
 * Cost. Let n be threads_max * slots_per_thread. hp_protect takes O(1) steps unless `from` changes meanwhile, hp_clear
 * O(1), hp_retire O(n) on average, hp_attach and hp_detach O(n) besides what they reclaim. A domain takes at most 256
 * bytes for each of the objects that may wait, and 4 KiB.
 *
 * Reclaiming. `reclaim` runs on the thread of the call, with no lock held. It may call hp_retire with the handle that
 * the call has, as often as it likes, and hp_retire of another domain, and nothing else of this domain; inside hp_free
 * there is no handle, so it may not. A chain of any length, of which each object retires the next when it is reclaimed,
 * takes a bounded stack. */
#ifndef HAZARD_H
#define HAZARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hp_domain;
struct hp_thread;

/* A domain to which up to `threads_max` handles can be attached, with so many slots each. NULL: one of the two is 0,
 * their product is over 65,536, or there is no memory; then nothing is leaked. */
struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread);

/* A handle whose slots protect nothing. NULL: threads_max are attached. */
struct hp_thread *hp_attach(struct hp_domain *domain);

/* Gives the handle back: its slots protect nothing any more, and another hp_attach may have its place at once. What was
 * retired through it, and waits, is somebody else's to reclaim: it counts as waiting. */
void hp_detach(struct hp_thread *me);

/* What `from` holds, or held at a moment during the call; slot number `slot`, below slots_per_thread, protects it.
 * What the slot protected before, it does no more. NULL protects nothing. What was done before the pointer was stored
 * with release, happens before the answer. */
void *hp_protect(struct hp_thread *me, size_t slot, _Atomic(void *) const *from);

/* The slot protects nothing. */
void hp_clear(struct hp_thread *me, size_t slot);

/* `reclaim(object)` will be called, once. `object` is not NULL, and not retired already. */
void hp_retire(struct hp_thread *me, void *object, void (*reclaim)(void *object));

/* Reclaims everything that waits, and frees the domain. No handle is attached, and no call in progress. NULL does
 * nothing. */
void hp_free(struct hp_domain *domain);

/* A stack of values: linearizable, last in, first out, lock-free. A node is malloc'ed for each push, and retired by its
 * pop. The handle belongs to the stack's domain. What a thread did before a push happens before what follows the pop of
 * its value. */
struct hp_stack;

/* An empty stack; NULL: no memory. Several stacks may use one domain. */
struct hp_stack *hp_stack_new(struct hp_domain *domain);

/* false: no memory, and nothing has changed. Slots are left as they are. */
bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value);

/* false: the stack is empty, and *value is left alone. Uses slot 0, which protects nothing afterwards; other slots are
 * left as they are. */
bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value);

/* Frees the stack and what is inside; nodes that wait already are the domain's. No other call on it may be in progress.
 * NULL does nothing. Comes before hp_free of its domain. */
void hp_stack_free(struct hp_stack *s, struct hp_thread *me);

#endif
