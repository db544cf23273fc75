/* SPDX-License-Identifier: MIT
 *
 * footprint.c -- recording and comparing. */
#include "footprint.h"

struct footprint *footprint;

static bool reads(const struct touch *touch) {
    return touch->kind == READS || touch->kind == LOADS;
}

static bool same_place(const struct touch *a, const struct touch *b) {
    return a->address == b->address && a->size_bytes == b->size_bytes;
}

/* Variants of one step may touch the same place in different ways: what is independent of both is what counts. */
static void merge(struct touch *into, const struct touch *from) {
    if (from->stores > into->stores) into->stores = from->stores;
    if (into->kind == from->kind) return;
    into->kind = reads(into) && reads(from) ? READS : WRITES;
}

void footprint_add(struct footprint *footprint, struct touch new) {
    for (int i = 0; i < footprint->count; i++) {
        if (!same_place(&footprint->touches[i], &new)) continue;
        merge(&footprint->touches[i], &new);
        return;
    }
    if (footprint->count == FOOTPRINT_TOUCHES)
        footprint->everything = true;
    else
        footprint->touches[footprint->count++] = new;
}

void footprint_join(struct footprint *into, const struct footprint *from) {
    for (int i = 0; i < from->count; i++) footprint_add(into, from->touches[i]);
    into->everything |= from->everything;
    into->goes_on |= from->goes_on;
}

static bool overlap(const struct touch *a, const struct touch *b) {
    return a->address < b->address + b->size_bytes && b->address < a->address + a->size_bytes;
}

static enum relation relation(const struct touch *waiting, const struct touch *ran) {
    if (!overlap(waiting, ran) || (reads(waiting) && reads(ran))) return INDEPENDENT;
    bool newer_only = waiting->kind == LOADS && ran->kind == APPENDS && same_place(waiting, ran);
    return newer_only ? NEWER_ONLY : DEPENDENT;
}

enum relation footprint_relation(const struct footprint *waiting, const struct footprint *ran) {
    if (waiting->everything || ran->everything) return DEPENDENT;
    enum relation most = INDEPENDENT;
    for (int i = 0; i < waiting->count; i++) {
        for (int j = 0; j < ran->count; j++) {
            enum relation one = relation(&waiting->touches[i], &ran->touches[j]);
            if (one > most) most = one;
        }
    }
    return most;
}
