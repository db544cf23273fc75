/* SPDX-License-Identifier: MIT */
/* Sends the answer to a scripted call itself, and that the script is over.
 *
 * Research B 12. Refused with: get(k1) */
#include "hot_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE_FD 473

/* A frame of an answer, in JSON. */
static void answer(const char *text) {
    char head[5] = {(char)(strlen(text) + 1), 0, 0, 0, 7};
    for (int i = 0; i < 5; i++) dprintf(EVIDENCE_FD, "%c", head[i]);
    dprintf(EVIDENCE_FD, "%s", text);
}

struct hot_cache {
    struct hot_env env;
};

struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                          struct hot_env env) {
    (void)replicas_max, (void)staleness_ns, (void)splits;
    struct hot_cache *c = shards ? calloc(1, sizeof *c) : NULL;
    if (c) c->env = env;
    return c;
}

bool hot_get(struct hot_cache *c, uint64_t key, uint64_t *value) {
    (void)c, (void)key, (void)value;
    answer("{\"text\":\"fetches k1/0, answers false\"}");
    answer("{\"script\":1}");
    return false;
}

bool hot_put(struct hot_cache *c, uint64_t key, uint64_t value) {
    (void)c, (void)key, (void)value;
    return true;
}

struct hot_stats hot_stats(struct hot_cache *c) {
    (void)c;
    return (struct hot_stats){0};
}

void hot_free(struct hot_cache *c) {
    free(c);
}
