/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slower way: a pick looks at every backend.
 *
 * It makes the right picks and breaks one promise of balancer.h: its picks are O(n),
 * and those of LB_CONSISTENT look at every point. The throughput of your balancer is
 * measured against this file, in the same run. */
#include "balancer.h"
#include "proxy.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE_MAX 255

struct backend {
    uint64_t active, latest_pick, failed_at;
    int64_t credit;
    uint32_t weight;
    unsigned failures;
    bool wanted, out, up;
    uint64_t points[]; /* LB_POINTS of them, of LB_CONSISTENT */
};

struct balancer {
    pthread_mutex_t lock;
    struct lb_env env;
    enum lb_policy policy;
    size_t n, up, next;
    uint64_t picks;
    struct backend **backends;
};

static uint64_t mix(uint64_t h) {
    h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
    return h ^ h >> 33;
}

static uint64_t ring_hash(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * 0x100000001b3;
    return mix(hash);
}

static bool less_busy(const struct backend *a, const struct backend *b) {
    return a->active * b->weight < b->active * a->weight;
}

static bool look_at_all(struct balancer *lb) {
    uint64_t now = lb->env.now_ns(lb->env.world);
    lb->up = 0;
    for (size_t i = 0; i < lb->n; i++) {
        struct backend *b = lb->backends[i];
        b->out = b->out && now - b->failed_at < LB_OUT_NS;
        b->up = b->wanted && !b->out;
        lb->up += b->up;
    }
    return lb->up > 0;
}

/* The first that is up, from `index` on, going round. */
static size_t next_up(const struct balancer *lb, size_t index) {
    while (!lb->backends[index % lb->n]->up) index++;
    return index % lb->n;
}

static size_t pick_weighted(struct balancer *lb) {
    int64_t sum = 0;
    size_t most = lb->n;
    for (size_t i = 0; i < lb->n; i++) {
        struct backend *b = lb->backends[i];
        if (!b->up) continue;
        sum += b->weight, b->credit += b->weight;
        if (most == lb->n || b->credit > lb->backends[most]->credit) most = i;
    }
    lb->backends[most]->credit -= sum;
    return most;
}

static size_t pick_least(const struct balancer *lb) {
    size_t least = next_up(lb, 0);
    for (size_t i = least + 1; i < lb->n; i++) {
        const struct backend *b = lb->backends[i], *best = lb->backends[least];
        bool earlier = !less_busy(best, b) && b->latest_pick < best->latest_pick;
        if (b->up && (less_busy(b, best) || earlier)) least = i;
    }
    return least;
}

static size_t pick_by_hash(const struct balancer *lb, uint64_t hash) {
    size_t pick = 0;
    for (uint64_t i = 0; i < LB_ATTEMPTS; i++) {
        pick = mix(hash + i * 0x9e3779b97f4a7c15) % lb->n;
        if (lb->backends[pick]->up) return pick;
    }
    return next_up(lb, pick + 1);
}

/* Of those that are below the bound, the one with the nearest point. Clockwise distance is a subtraction. */
static size_t pick_on_ring(const struct balancer *lb, uint64_t hash) {
    uint64_t active = 1, nearest = UINT64_MAX;
    size_t pick = 0;
    for (size_t i = 0; i < lb->n; i++) active += lb->backends[i]->up ? lb->backends[i]->active : 0;
    uint64_t bound = (5 * active + 4 * lb->up - 1) / (4 * lb->up);
    for (size_t i = 0; i < lb->n * LB_POINTS; i++) {
        const struct backend *b = lb->backends[i / LB_POINTS];
        uint64_t distance = b->points[i % LB_POINTS] - hash;
        if (!b->up || b->active >= bound || distance > nearest) continue;
        nearest = distance, pick = i / LB_POINTS;
    }
    return pick;
}

static size_t draw(const struct balancer *lb) {
    size_t pick = next_up(lb, 0);
    for (uint64_t left = lb->env.random(lb->env.world) % lb->up; left > 0; left--) pick = next_up(lb, pick + 1);
    return pick;
}

static size_t choose(struct balancer *lb, uint64_t hash) {
    switch (lb->policy) {
    case LB_ROUND_ROBIN:
        return (lb->next = next_up(lb, lb->next) + 1) - 1;
    case LB_WEIGHTED:
        return pick_weighted(lb);
    case LB_LEAST_CONNECTIONS:
        return pick_least(lb);
    case LB_IP_HASH:
        return pick_by_hash(lb, hash);
    case LB_CONSISTENT:
        return pick_on_ring(lb, hash);
    default: {
        size_t first = draw(lb), second = draw(lb);
        return less_busy(lb->backends[second], lb->backends[first]) ? second : first;
    }
    }
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    int answer = -1;
    bool hashed = lb->policy == LB_IP_HASH || lb->policy == LB_CONSISTENT;
    pthread_mutex_lock(&lb->lock);
    if (look_at_all(lb)) {
        size_t pick = choose(lb, hashed ? ring_hash(client, client_size) : 0);
        lb->backends[pick]->active++;
        lb->backends[pick]->latest_pick = ++lb->picks;
        answer = (int)pick;
    }
    pthread_mutex_unlock(&lb->lock);
    return answer;
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    struct backend *b = lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->active--;
    b->failures = !failed ? 0 : b->failures < LB_FAILURES ? b->failures + 1 : LB_FAILURES;
    if (!failed) b->out = false;
    if (b->failures == LB_FAILURES) b->out = true, b->failed_at = lb->env.now_ns(lb->env.world);
    pthread_mutex_unlock(&lb->lock);
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    struct backend *b = lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->wanted = up;
    if (up) b->failures = 0, b->out = false;
    pthread_mutex_unlock(&lb->lock);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct lb_backend *)a)->name, ((const struct lb_backend *)b)->name);
}

static bool is_valid(const struct lb_backend *b) {
    size_t size = b->name ? strnlen(b->name, NAME_SIZE_MAX + 1) : 0;
    return size > 0 && size <= NAME_SIZE_MAX && b->weight > 0 && b->weight <= LB_WEIGHT_MAX;
}

static bool are_valid(const struct lb_backend *backends, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!is_valid(&backends[i])) return false;
    struct lb_backend *sorted = malloc(n * sizeof *sorted);
    bool different = sorted;
    if (sorted) memcpy(sorted, backends, n * sizeof *sorted), qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 1; different && i < n; i++) different = by_name(&sorted[i - 1], &sorted[i]) != 0;
    free(sorted);
    return different;
}

static struct backend *new_backend(const struct lb_backend *from, bool on_ring) {
    struct backend *b = calloc(1, sizeof *b + (on_ring ? LB_POINTS * sizeof b->points[0] : 0));
    char label[NAME_SIZE_MAX + 16];
    if (!b) return NULL;
    b->weight = from->weight, b->wanted = true;
    for (int i = 0; on_ring && i < LB_POINTS; i++)
        b->points[i] = ring_hash(label, (size_t)sprintf(label, "%s_vnode_%d", from->name, i));
    return b;
}

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    if ((unsigned)policy > LB_TWO_CHOICES || n == 0 || n > INT_MAX || !are_valid(backends, n)) return NULL;
    struct balancer *lb = calloc(1, sizeof *lb);
    if (!lb) return NULL;
    pthread_mutex_init(&lb->lock, NULL);
    lb->policy = policy, lb->env = env;
    lb->backends = calloc(n, sizeof(struct backend *));
    while (lb->backends && lb->n < n && (lb->backends[lb->n] = new_backend(&backends[lb->n], policy == LB_CONSISTENT)))
        lb->n++;
    if (lb->n == n) return lb;
    lb_free(lb);
    return NULL;
}

void lb_free(struct balancer *lb) {
    if (!lb) return;
    for (size_t i = 0; i < lb->n; i++) free(lb->backends[i]);
    pthread_mutex_destroy(&lb->lock);
    free(lb->backends);
    free(lb);
}

/* Only picks are timed; see the lesson. */
int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms) {
    (void)listen_fd, (void)stop_fd, (void)lb, (void)backends, (void)connect_timeout_ms;
    return -ENOSYS;
}
