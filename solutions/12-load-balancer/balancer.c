/* SPDX-License-Identifier: MIT */
/* balancer.c -- the reference: what a pick needs is kept ready under one mutex.
 *
 * Always true under the lock: `up` has the indexes of those that are up, in order;
 * `active_up` is what they have together. For LB_LEAST_CONNECTIONS `heap` has the
 * same indexes with the next pick on top. All of that is made anew, in O(n), when
 * somebody goes down or comes up, which is rare; a pick or an end of a request moves
 * one entry of the heap.
 *
 * Nobody comes back by himself: each pick looks at the clock, as long as somebody is
 * out, and asks whether the first of those is due. */
#include "balancer.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE_MAX 255
#define GOLDEN 0x9e3779b97f4a7c15u

struct backend {
    uint64_t active, latest_pick; /* picks are numbered from 1; 0: never */
    int64_t credit;
    uint64_t failed_at;
    size_t heap_at;
    uint32_t weight;
    uint8_t failures; /* in a row; stays at LB_FAILURES */
    bool wanted, out, up;
};

struct point {
    uint64_t place;
    size_t backend;
};

struct balancer {
    pthread_mutex_t lock;
    struct lb_env env;
    enum lb_policy policy;
    size_t n, up_count, out_count, next; /* next: the place of round robin */
    size_t *up, *heap;
    struct backend *backends;
    struct point *points;                 /* of LB_CONSISTENT, in order */
    uint64_t active_up, picks, first_out; /* first_out: the earliest failed_at of those that are out */
    int64_t weight_up;
};

static uint64_t mix(uint64_t h) {
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

static uint64_t fnv1a(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t ring_hash(const void *bytes, size_t size) {
    return mix(fnv1a(0xcbf29ce484222325u, bytes, size));
}

/* Is a less busy than b? By multiplication: 2^54 requests a backend fit. */
static bool less_busy(const struct backend *a, const struct backend *b) {
    return a->active * b->weight < b->active * a->weight;
}

/* Does a come before b, for least connections? */
static bool comes_before(const struct balancer *lb, size_t a, size_t b) {
    const struct backend *x = &lb->backends[a], *y = &lb->backends[b];
    if (less_busy(x, y) || less_busy(y, x)) return less_busy(x, y);
    return x->latest_pick != y->latest_pick ? x->latest_pick < y->latest_pick : a < b;
}

static void heap_set(struct balancer *lb, size_t at, size_t backend) {
    lb->heap[at] = backend;
    lb->backends[backend].heap_at = at;
}

static void sift_up(struct balancer *lb, size_t at) {
    size_t backend = lb->heap[at];
    for (size_t parent; at > 0 && comes_before(lb, backend, lb->heap[parent = (at - 1) / 2]); at = parent)
        heap_set(lb, at, lb->heap[parent]);
    heap_set(lb, at, backend);
}

static void sift_down(struct balancer *lb, size_t at) {
    size_t backend = lb->heap[at];
    for (size_t child; (child = 2 * at + 1) < lb->up_count; at = child) {
        if (child + 1 < lb->up_count && comes_before(lb, lb->heap[child + 1], lb->heap[child])) child++;
        if (!comes_before(lb, lb->heap[child], backend)) break;
        heap_set(lb, at, lb->heap[child]);
    }
    heap_set(lb, at, backend);
}

static bool is_out(const struct backend *b, uint64_t now) {
    return b->out && now - b->failed_at < LB_OUT_NS; /* a difference: a sum may be too large */
}

/* Somebody has gone, or come back: who is up? */
static void look_at_all(struct balancer *lb, uint64_t now) {
    lb->up_count = lb->out_count = 0;
    lb->active_up = 0, lb->weight_up = 0, lb->first_out = now;
    for (size_t i = 0; i < lb->n; i++) {
        struct backend *b = &lb->backends[i];
        b->out = is_out(b, now);
        b->up = b->wanted && !b->out;
        if (b->out && (lb->out_count++ == 0 || b->failed_at < lb->first_out)) lb->first_out = b->failed_at;
        if (!b->up) continue;
        lb->active_up += b->active, lb->weight_up += b->weight;
        heap_set(lb, lb->up_count, i);
        lb->up[lb->up_count++] = i;
    }
    if (lb->policy == LB_LEAST_CONNECTIONS)
        for (size_t i = lb->up_count / 2; i-- > 0;) sift_down(lb, i);
}

/* Where in `up` the first is whose index is at least this; up_count: nobody's is. */
static size_t first_from(const struct balancer *lb, size_t index) {
    size_t low = 0, high = lb->up_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lb->up[middle] < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t next_up(const struct balancer *lb, size_t index) {
    size_t at = first_from(lb, index);
    return lb->up[at < lb->up_count ? at : 0];
}

static size_t pick_in_turn(struct balancer *lb) {
    size_t pick = next_up(lb, lb->next);
    lb->next = pick + 1;
    return pick;
}

static size_t pick_weighted(struct balancer *lb) {
    struct backend *most = NULL;
    for (size_t i = 0; i < lb->up_count; i++) {
        struct backend *b = &lb->backends[lb->up[i]];
        b->credit += b->weight;
        if (!most || b->credit > most->credit) most = b;
    }
    most->credit -= lb->weight_up;
    return (size_t)(most - lb->backends);
}

static size_t pick_by_hash(const struct balancer *lb, uint64_t hash) {
    size_t pick = 0;
    for (uint64_t i = 0; i < LB_ATTEMPTS; i++) {
        pick = mix(hash + i * GOLDEN) % lb->n;
        if (lb->backends[pick].up) return pick;
    }
    return next_up(lb, pick + 1);
}

/* Not every one that is up can be at the bound: together they would have more than there is. */
static size_t pick_on_ring(const struct balancer *lb, uint64_t hash) {
    size_t count = lb->n * LB_POINTS, low = 0, high = count;
    uint64_t bound = (5 * (lb->active_up + 1) + 4 * lb->up_count - 1) / (4 * lb->up_count);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lb->points[middle].place < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (;; low++) {
        size_t pick = lb->points[low % count].backend;
        if (lb->backends[pick].up && lb->backends[pick].active < bound) return pick;
    }
}

static size_t pick_of_two(const struct balancer *lb) {
    size_t first = lb->up[lb->env.random(lb->env.world) % lb->up_count];
    size_t second = lb->up[lb->env.random(lb->env.world) % lb->up_count];
    return less_busy(&lb->backends[second], &lb->backends[first]) ? second : first;
}

static size_t choose(struct balancer *lb, const void *client, size_t size) {
    switch (lb->policy) {
    case LB_ROUND_ROBIN:
        return pick_in_turn(lb);
    case LB_WEIGHTED:
        return pick_weighted(lb);
    case LB_LEAST_CONNECTIONS:
        return lb->heap[0];
    case LB_IP_HASH:
        return pick_by_hash(lb, ring_hash(client, size));
    case LB_CONSISTENT:
        return pick_on_ring(lb, ring_hash(client, size));
    default:
        return pick_of_two(lb);
    }
}

static uint64_t now_of(const struct balancer *lb) {
    return lb->env.now_ns(lb->env.world);
}

/* While nobody is out, the time does not matter. */
static void let_return(struct balancer *lb) {
    if (lb->out_count == 0) return;
    uint64_t now = now_of(lb);
    if (now - lb->first_out >= LB_OUT_NS) look_at_all(lb, now);
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    int answer = -1;
    pthread_mutex_lock(&lb->lock);
    let_return(lb);
    if (lb->up_count > 0) {
        size_t pick = choose(lb, client, client_size);
        lb->backends[pick].active++, lb->active_up++;
        lb->backends[pick].latest_pick = ++lb->picks;
        if (lb->policy == LB_LEAST_CONNECTIONS) sift_down(lb, 0);
        answer = (int)pick;
    }
    pthread_mutex_unlock(&lb->lock);
    return answer;
}

static void note_failure(struct balancer *lb, struct backend *b) {
    if (b->failures < LB_FAILURES) b->failures++;
    if (b->failures < LB_FAILURES) return;
    b->failed_at = now_of(lb);
    b->out = true;
    look_at_all(lb, b->failed_at);
}

static void note_success(struct balancer *lb, struct backend *b) {
    b->failures = 0;
    if (!b->out) return;
    b->out = false;
    look_at_all(lb, now_of(lb));
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    struct backend *b = &lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->active--;
    if (b->up) {
        lb->active_up--;
        if (lb->policy == LB_LEAST_CONNECTIONS) sift_up(lb, b->heap_at);
    }
    if (failed)
        note_failure(lb, b);
    else
        note_success(lb, b);
    pthread_mutex_unlock(&lb->lock);
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    struct backend *b = &lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->wanted = up;
    if (up) b->failures = 0, b->out = false;
    look_at_all(lb, lb->out_count > 0 ? now_of(lb) : 0);
    pthread_mutex_unlock(&lb->lock);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_place(const void *a, const void *b) {
    uint64_t left = ((const struct point *)a)->place, right = ((const struct point *)b)->place;
    return (left > right) - (left < right);
}

static bool is_valid(const struct lb_backend *b) {
    size_t size = b->name ? strnlen(b->name, NAME_SIZE_MAX + 1) : 0;
    return size > 0 && size <= NAME_SIZE_MAX && b->weight > 0 && b->weight <= LB_WEIGHT_MAX;
}

/* All are valid, and no two names are equal; without memory for the question, no. */
static bool are_valid(const struct lb_backend *backends, size_t n) {
    const char **names = calloc(n, sizeof *names);
    bool valid = names;
    for (size_t i = 0; valid && i < n; i++) {
        valid = is_valid(&backends[i]);
        names[i] = backends[i].name;
    }
    if (valid) qsort(names, n, sizeof *names, by_name);
    for (size_t i = 1; valid && i < n; i++) valid = strcmp(names[i - 1], names[i]) != 0;
    free(names);
    return valid;
}

static uint64_t place_of(const char *name, unsigned i) {
    static const char infix[] = "_vnode_";
    char digits[3]; /* less than LB_POINTS: two at most */
    size_t size = 0;
    if (i >= 10) digits[size++] = (char)('0' + i / 10);
    digits[size++] = (char)('0' + i % 10);
    uint64_t hash = fnv1a(0xcbf29ce484222325u, name, strlen(name));
    return mix(fnv1a(fnv1a(hash, infix, sizeof infix - 1), digits, size));
}

static void place_points(struct balancer *lb, const struct lb_backend *backends) {
    for (size_t i = 0; i < lb->n * LB_POINTS; i++) {
        size_t backend = i / LB_POINTS;
        lb->points[i] = (struct point){place_of(backends[backend].name, i % LB_POINTS), backend};
    }
    qsort(lb->points, lb->n * LB_POINTS, sizeof *lb->points, by_place);
}

static bool take_memory(struct balancer *lb, size_t n) {
    lb->up = calloc(n, sizeof *lb->up);
    lb->heap = calloc(n, sizeof *lb->heap);
    lb->backends = calloc(n, sizeof *lb->backends);
    if (lb->policy == LB_CONSISTENT) lb->points = calloc(n, LB_POINTS * sizeof *lb->points);
    return lb->up && lb->heap && lb->backends && (lb->points || lb->policy != LB_CONSISTENT);
}

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    if ((unsigned)policy > LB_TWO_CHOICES || n == 0 || n > INT_MAX || !are_valid(backends, n)) return NULL;
    struct balancer *lb = calloc(1, sizeof *lb);
    if (!lb) return NULL;
    lb->policy = policy, lb->n = n, lb->env = env;
    pthread_mutex_init(&lb->lock, NULL);
    if (!take_memory(lb, n)) {
        lb_free(lb);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) lb->backends[i] = (struct backend){.weight = backends[i].weight, .wanted = true};
    if (lb->points) place_points(lb, backends);
    look_at_all(lb, 0);
    return lb;
}

void lb_free(struct balancer *lb) {
    if (!lb) return;
    pthread_mutex_destroy(&lb->lock);
    free(lb->up), free(lb->heap), free(lb->backends), free(lb->points);
    free(lb);
}
