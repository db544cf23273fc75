/* SPDX-License-Identifier: MIT */
/* peer: liburcu cds_lfs and call_rcu (what is popped is freed after all readers have gone)
 * package: liburcu-dev
 * libraries: -lurcu-memb -lurcu-cds -lurcu-common
 * metrics: values_4
 *
 * A pop is a reader's section, in which no node comes back; a thread of the library's own frees what was popped. How
 * many wait, nobody bounds. */
#include "hazard.h"

#include <stdlib.h>
#include <urcu/lfstack.h>
#include <urcu/urcu-memb.h>

struct node {
    struct cds_lfs_node entry;
    struct rcu_head head;
    uint64_t value;
};

struct hp_domain {
    int nothing;
};

struct hp_thread {
    int nothing;
};

struct hp_stack {
    struct __cds_lfs_stack stack;
};

struct hp_domain *hp_new(size_t threads_max, size_t slots_per_thread) {
    (void)threads_max, (void)slots_per_thread;
    return malloc(sizeof(struct hp_domain));
}

struct hp_thread *hp_attach(struct hp_domain *d) {
    (void)d;
    urcu_memb_register_thread();
    return malloc(sizeof(struct hp_thread));
}

void hp_detach(struct hp_thread *me) {
    urcu_memb_unregister_thread();
    free(me);
}

void hp_free(struct hp_domain *d) {
    urcu_memb_barrier();
    free(d);
}

struct hp_stack *hp_stack_new(struct hp_domain *d) {
    (void)d;
    struct hp_stack *s = malloc(sizeof *s);
    __cds_lfs_init(&s->stack);
    return s;
}

bool hp_stack_push(struct hp_stack *s, struct hp_thread *me, uint64_t value) {
    (void)me;
    struct node *node = malloc(sizeof *node);
    cds_lfs_node_init(&node->entry);
    node->value = value;
    cds_lfs_push(&s->stack, &node->entry);
    return true;
}

static void reclaim(struct rcu_head *head) {
    free(caa_container_of(head, struct node, head));
}

bool hp_stack_pop(struct hp_stack *s, struct hp_thread *me, uint64_t *value) {
    (void)me;
    urcu_memb_read_lock();
    struct cds_lfs_node *entry = __cds_lfs_pop(&s->stack);
    urcu_memb_read_unlock();
    if (!entry) return false;
    struct node *node = caa_container_of(entry, struct node, entry);
    *value = node->value;
    urcu_memb_call_rcu(&node->head, reclaim);
    return true;
}

void hp_stack_free(struct hp_stack *s, struct hp_thread *me) {
    (void)me;
    free(s);
}
