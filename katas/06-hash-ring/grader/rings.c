/* SPDX-License-Identifier: MIT */
/* rings.c -- rings one after another and side by side, asked for the same keys;
 * and keys of more than 2^32 bytes.
 *
 *   rings  vnodes
 *
 * `after`: a ring is made, asked and freed; the next has other nodes, and most
 * likely the same memory. `changed`: one ring, whose nodes are replaced one by
 * one, now and then several times before it is asked again, so that what it
 * allocates comes back to old addresses. `beside`: two rings, asked in turn. The
 * key that was asked for last is asked for first in the next ring: every second
 * time the keys come in reverse order.
 *
 * Evidence of this: the rows `answers`.
 *
 * A huge key: only its first READABLE bytes can be read. To read all of it would
 * take seconds; but a call that answers without touching what lies behind has not
 * read it. Reading there brings the call to its end, from outside.
 *
 * Evidence of this: the rows `huge`; none where there are no such addresses. */
#include "driver.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "evidence.h"
#include "scenario.h"

#define NODES 3
#define FIRST_NODE 100 /* names of equal length ask for blocks of equal size */
#define KEYS 8
#define GENERATIONS 100
#define ANSWERS (4 * GENERATIONS * KEYS)
#define READABLE (1u << 20)

enum story { AFTER, CHANGED, BESIDE };

/* The ring has the nodes from `first` on, NODES of them. */
EVIDENCE_ROW(answer, story, first, key, owner);
/* `call` as in call_with; `read_on`: it read what lies behind READABLE bytes. */
EVIDENCE_ROW(huge, call, size, read_on);

static struct {
    uint64_t seed, vnodes, turn;
    struct answer answers[ANSWERS];
    size_t count;
} r;

static struct hash_ring *ring_from(uint64_t first) {
    struct hash_ring *ring = new_ring(r.vnodes);
    for (uint64_t node = first; node < first + NODES; node++) add_node(ring, r.seed, node);
    return ring;
}

static void ask(enum story story, const struct hash_ring *ring, uint64_t first, uint64_t key) {
    r.answers[r.count++] = (struct answer){story, first, key, owner(ring, r.seed, key)};
}

static void ask_all(enum story story, const struct hash_ring *ring, uint64_t first) {
    bool reverse = r.turn++ % 2;
    for (uint64_t i = 0; i < KEYS; i++) ask(story, ring, first, reverse ? KEYS - 1 - i : i);
}

static void one_after_another(void) {
    for (uint64_t i = 0; i < GENERATIONS; i++) {
        uint64_t first = FIRST_NODE + i * NODES;
        struct hash_ring *ring = ring_from(first);
        ask_all(AFTER, ring, first);
        ring_free(ring);
    }
}

static void changed_in_place(void) {
    uint64_t first = FIRST_NODE;
    struct hash_ring *ring = ring_from(first);
    for (uint64_t i = 0; i < GENERATIONS; i++) {
        ask_all(CHANGED, ring, first);
        for (uint64_t changes = 1 + i % 4; changes > 0; changes--, first++) {
            remove_node(ring, r.seed, first);
            add_node(ring, r.seed, first + NODES);
        }
    }
    ask_all(CHANGED, ring, first);
    ring_free(ring);
}

static void side_by_side(void) {
    uint64_t here = FIRST_NODE, there = FIRST_NODE + NODES;
    struct hash_ring *a = ring_from(here), *b = ring_from(there);
    for (uint64_t key = 0; key < KEYS; key++) {
        ask(BESIDE, a, here, key);
        ask(BESIDE, b, there, key);
        ask(BESIDE, a, here, key);
    }
    ring_free(a), ring_free(b);
}

static struct {
    const unsigned char *behind, *end; /* what cannot be read */
    struct sigaction others;
    sigjmp_buf out;
} h;

static void on_fault(int signal, siginfo_t *info, void *context) {
    const unsigned char *at = info->si_addr;
    (void)context;
    if (at >= h.behind && at < h.end) siglongjmp(h.out, 1);
    sigaction(signal, &h.others, NULL); /* a fault of another kind: comes again at once */
}

static void call_with(uint64_t call, const struct hash_ring *ring, const void *key, size_t size) {
    const char *out[2];
    if (call == 0) (void)fnv1a_64(key, size);
    if (call == 1) (void)ring_hash(key, size);
    if (call == 2) (void)ring_get_node(ring, key, size);
    if (call == 3) (void)ring_get_nodes(ring, key, size, out, 2);
}

static bool reads_on(uint64_t call, const struct hash_ring *ring, const void *key, size_t size) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(SIGSEGV, &action, &h.others);
    bool faulted = sigsetjmp(h.out, 1) != 0;
    if (!faulted) call_with(call, ring, key, size);
    sigaction(SIGSEGV, &h.others, NULL);
    return faulted;
}

static void huge_keys(void) {
    static const uint64_t sizes[] = {((uint64_t)1 << 31) + 8, ((uint64_t)1 << 32) + 8};
    size_t reserved = ((size_t)1 << 32) + READABLE, count = 0;
    struct huge huge[8];
    unsigned char *key = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (key != MAP_FAILED && mprotect(key, READABLE, PROT_READ | PROT_WRITE) == 0) {
        h.behind = key + READABLE, h.end = key + reserved;
        struct hash_ring *ring = ring_from(FIRST_NODE);
        for (uint64_t call = 0; call < 4; call++)
            for (size_t i = 0; i < 2; i++, count++)
                huge[count] = (struct huge){call, sizes[i], reads_on(call, ring, key, sizes[i])};
        ring_free(ring);
        munmap(key, reserved);
    }
    evidence_rows("huge", huge, huge, count);
}

void rings(uint64_t seed) {
    r.seed = seed, r.vnodes = scenario_param("vnodes");
    one_after_another();
    changed_in_place();
    side_by_side();
    evidence_rows("answers", answer, r.answers, r.count);
    huge_keys();
}
