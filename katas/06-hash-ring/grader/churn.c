/* SPDX-License-Identifier: MIT */
/* churn.c -- nodes come and go, and every piece of memory that the ring is
 * given is exactly as large as it has to be: a sanitizer sees what is read
 * beyond, or after its end.
 *
 *   churn  changes
 *
 * Names are 1 to 255 bytes of any value but 0; the caller's copy is freed
 * after each call. Names that lookups have returned are kept, and read again
 * after every change. Now and then such a name is used to remove its node. The
 * ring is freed with nodes inside. Then the longest labels: names of 255 bytes
 * with as many points as make numbers of one to six digits.
 *
 * Evidence: `lookups`; `strangers`, answers that are not the name of a node in
 * the ring; `stale`, kept names that do not read as they did. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "rng.h"
#include "scenario.h"

#define NODES 12
#define VNODES 7
#define NAME_LONGEST 255
#define SIX_DIGITS 100001 /* points, the last of which is number 100000 */
#define KEY_SIZE_MAX 24
#define LOOKUPS 6 /* after every change */

static struct {
    struct hash_ring *ring;
    struct rng rng;
    char name[NODES][256];
    bool inside[NODES];
    const char *kept[NODES]; /* as a lookup returned it; NULL: none so far */
    uint64_t lookups, strangers, stale;
} c;

static void draw_names(void) {
    for (size_t i = 0; i < NODES; i++) {
        size_t size = i == 0 ? 255 : 2 + rng_below(&c.rng, i < 4 ? 250 : 10);
        for (size_t at = 0; at < size; at++) c.name[i][at] = (char)(1 + rng_below(&c.rng, 255));
        c.name[i][size - 2] = (char)('A' + i); /* so that no two are equal */
        c.name[i][size] = '\0';
    }
}

static void *exact_copy(const void *bytes, size_t size) {
    void *copy = malloc(size);
    if (size > 0) memcpy(copy, bytes, size);
    return copy;
}

static void change(size_t node) {
    char *copy = exact_copy(c.name[node], strlen(c.name[node]) + 1);
    if (!c.inside[node])
        c.inside[node] = ring_add_node(c.ring, copy) == 0;
    else if (ring_remove_node(c.ring, c.kept[node] && rng_below(&c.rng, 2) ? c.kept[node] : copy) == 0)
        c.inside[node] = false, c.kept[node] = NULL;
    free(copy);
}

static void note(const char *name) {
    size_t node = 0;
    c.lookups++;
    while (node < NODES && !(c.inside[node] && name && strcmp(name, c.name[node]) == 0)) node++;
    if (node == NODES)
        c.strangers++;
    else
        c.kept[node] = name;
}

static void look_up(void) {
    unsigned char bytes[KEY_SIZE_MAX];
    size_t size = rng_below(&c.rng, KEY_SIZE_MAX + 1), n = 1 + rng_below(&c.rng, NODES);
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)rng_next(&c.rng);
    void *key = exact_copy(bytes, size);
    const char **out = malloc(n * sizeof *out);
    size_t inside = 0;
    for (size_t i = 0; i < NODES; i++) inside += c.inside[i];
    if (inside > 0) note(ring_get_node(c.ring, key, size));
    size_t count = ring_get_nodes(c.ring, key, size, out, n);
    for (size_t i = 0; i < count; i++) note(out[i]);
    free(key), free(out);
}

/* Each number of points is tried, so that the label which is a byte too long
 * for its buffer is the last one, too. */
static void longest_labels(void) {
    char *name = malloc(NAME_LONGEST + 1);
    memset(name, 'n', NAME_LONGEST);
    name[NAME_LONGEST] = '\0';
    for (uint64_t vnodes = 1; vnodes <= SIX_DIGITS; vnodes = vnodes == 1 ? 11 : (vnodes - 1) * 10 + 1) {
        struct hash_ring *ring = new_ring(vnodes);
        const char *owner = ring_add_node(ring, name) == 0 ? ring_get_node(ring, "key", 3) : NULL;
        c.lookups++;
        c.strangers += !owner || strcmp(owner, name) != 0;
        ring_free(ring);
        evidence_progress();
    }
    free(name);
}

void churn(uint64_t seed) {
    uint64_t changes = scenario_param("changes");
    c.rng = rng_new(seed, 0);
    draw_names();
    c.ring = new_ring(VNODES);
    for (uint64_t i = 0; i < changes; i++) {
        change(rng_below(&c.rng, NODES));
        for (size_t node = 0; node < NODES; node++) c.stale += c.kept[node] && strcmp(c.kept[node], c.name[node]) != 0;
        for (int lookup = 0; lookup < LOOKUPS; lookup++) look_up();
        if (i % 64 == 0) evidence_progress();
    }
    ring_free(c.ring);
    c.ring = NULL; /* else what it leaks would still be reachable */
    memset(c.kept, 0, sizeof c.kept);
    longest_labels();
    evidence_count("lookups", c.lookups);
    evidence_count("strangers", c.strangers);
    evidence_count("stale", c.stale);
}
