/* SPDX-License-Identifier: MIT */
/* nodes.c -- names, keys and the simplest calls, as all scenarios use them. */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

void node_name(char name[NAME_SIZE], uint64_t set, uint64_t number) {
    snprintf(name, NAME_SIZE, "set-%llu.node-%llu", (unsigned long long)set, (unsigned long long)number);
}

uint64_t node_number(const char *name) {
    const char *at = name ? strstr(name, ".node-") : NULL;
    char *end;
    if (!at || at[6] < '0' || at[6] > '9') return NOBODY;
    uint64_t number = strtoull(at + 6, &end, 10);
    return *end == '\0' ? number : NOBODY;
}

void key_bytes(unsigned char key[KEY_SIZE], uint64_t set, uint64_t number) {
    uint64_t value = set << 16 ^ number;
    for (int i = 0; i < KEY_SIZE; i++) key[i] = (unsigned char)(value >> 8 * i);
}

struct hash_ring *new_ring(uint64_t vnodes) {
    struct hash_ring *ring = ring_new(vnodes);
    if (ring) return ring;
    evidence_broken_off("ring_new", "answered NULL, with memory to be had", "a ring", "ring_new");
}

void add_node(struct hash_ring *ring, uint64_t set, uint64_t number) {
    char name[NAME_SIZE];
    node_name(name, set, number);
    if (ring_add_node(ring, name) == 0) return;
    evidence_broken_off("ring_add_node", "refused a node that the ring did not have", "0",
                        "ring_add_node: what makes it refuse?");
}

void remove_node(struct hash_ring *ring, uint64_t set, uint64_t number) {
    char name[NAME_SIZE];
    node_name(name, set, number);
    if (ring_remove_node(ring, name) == 0) return;
    evidence_broken_off("ring_remove_node", "refused a node that the ring had", "0",
                        "ring_remove_node: what makes it refuse?");
}

uint64_t owner(const struct hash_ring *ring, uint64_t set, uint64_t number) {
    unsigned char key[KEY_SIZE];
    key_bytes(key, set, number);
    return node_number(ring_get_node(ring, key, sizeof key));
}

#define OUT_MAX 1300

const char *nodes_as_text(const struct hash_ring *ring, const void *key, size_t size, size_t n) {
    static char text[OUT_MAX * (255 + 1) + 64];
    static const char untouched[] = "";
    const char *out[OUT_MAX];
    for (size_t i = 0; i < OUT_MAX; i++) out[i] = untouched;
    size_t count = ring_get_nodes(ring, key, size, out, n);

    int at = snprintf(text, sizeof text, "%zu", count);
    for (size_t i = 0; i < count && i < OUT_MAX; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, "\n%s", out[i] ? out[i] : "NULL");
    for (size_t i = count; i < OUT_MAX; i++) {
        if (out[i] == untouched) continue;
        snprintf(text + at, sizeof text - (size_t)at, "\nout[%zu], which was overwritten", i);
        break;
    }
    return text;
}

int add_huge_node(size_t vnodes) {
    struct hash_ring *ring = ring_new(vnodes);
    if (!ring) return -ENOMEM;
    int answer = ring_add_node(ring, "a");
    ring_free(ring);
    return answer;
}
