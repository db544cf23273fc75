/* SPDX-License-Identifier: MIT */
/* tournament.c -- nothing is ever made anew: two trees over the indexes, and a
 * queue of those that are out, each changed in O(log n) when somebody goes or comes.
 *
 * One tree counts who is up, and so finds the k-th of them. In the other each node has
 * the less busy of its two halves; the root has the next pick of LB_LEAST_CONNECTIONS.
 * Who is out stands in a list in the order of its failures, so the first is due first. */
#include "balancer.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE_MAX = 255, NOBODY = -1 };

struct backend {
    uint64_t active, latest_pick, failed_at;
    int64_t credit;
    int earlier, later; /* in the list of those that are out */
    uint32_t weight, failures;
    bool wanted, out, up;
};

struct point {
    uint64_t place;
    int backend;
};

struct balancer {
    pthread_mutex_t lock;
    struct lb_env env;
    enum lb_policy policy;
    int n, leaves, first_out, last_out, up;
    uint64_t place, picks, active_up;
    int64_t weight_up;
    struct backend *backends;
    int *count, *winner; /* of each node of a binary tree: 1 is the root, its leaves begin at `leaves` */
    struct point *points;
};

static uint64_t mix(uint64_t h) {
    h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
    return h ^ h >> 33;
}

static uint64_t ring_hash(const void *bytes, size_t size) {
    const unsigned char *at = bytes, *end = at + size;
    uint64_t hash = 0xcbf29ce484222325;
    while (at < end) hash = (hash ^ *at++) * 0x100000001b3;
    return mix(hash);
}

/* The sign of a's load less b's. 128 bits: no number of requests is too large. */
static int compare_load(const struct backend *a, const struct backend *b) {
    unsigned __int128 left = (unsigned __int128)a->active * b->weight, right = (unsigned __int128)b->active * a->weight;
    return (left > right) - (left < right);
}

/* The one of two that is picked first; NOBODY loses. Of equal ones that are new, the left one. */
static int better(const struct balancer *lb, int left, int right) {
    if (left == NOBODY || right == NOBODY) return left == NOBODY ? right : left;
    const struct backend *a = &lb->backends[left], *b = &lb->backends[right];
    int order = compare_load(a, b);
    if (order == 0) order = (a->latest_pick > b->latest_pick) - (a->latest_pick < b->latest_pick);
    return order <= 0 ? left : right;
}

/* A leaf has changed: so may have all above it. */
static void replay(struct balancer *lb, int backend) {
    int node = lb->leaves + backend;
    lb->count[node] = lb->backends[backend].up;
    lb->winner[node] = lb->backends[backend].up ? backend : NOBODY;
    while ((node /= 2) > 0) {
        lb->count[node] = lb->count[2 * node] + lb->count[2 * node + 1];
        lb->winner[node] = better(lb, lb->winner[2 * node], lb->winner[2 * node + 1]);
    }
}

/* The k-th that is up, from 0. */
static int nth_up(const struct balancer *lb, int k) {
    int node = 1;
    while (node < lb->leaves) {
        node *= 2;
        if (k >= lb->count[node]) k -= lb->count[node++];
    }
    return node - lb->leaves;
}

/* How many with a smaller index are up. */
static int rank(const struct balancer *lb, int index) {
    int before = 0;
    for (int node = lb->leaves + index; node > 1; node /= 2)
        if (node % 2 == 1) before += lb->count[node - 1];
    return before;
}

static int next_up(const struct balancer *lb, uint64_t index) {
    return nth_up(lb, index >= (uint64_t)lb->n ? 0 : rank(lb, (int)index) % lb->up);
}

static void set_state(struct balancer *lb, int backend) {
    struct backend *b = &lb->backends[backend];
    bool up = b->wanted && !b->out;
    if (up == b->up) return;
    b->up = up;
    lb->up += up ? 1 : -1;
    lb->weight_up += up ? (int64_t)b->weight : -(int64_t)b->weight;
    lb->active_up += up ? b->active : -b->active;
    replay(lb, backend);
}

static void leave_list(struct balancer *lb, int backend) {
    struct backend *b = &lb->backends[backend];
    *(b->earlier == NOBODY ? &lb->first_out : &lb->backends[b->earlier].later) = b->later;
    *(b->later == NOBODY ? &lb->last_out : &lb->backends[b->later].earlier) = b->earlier;
    b->out = false;
}

static void join_list(struct balancer *lb, int backend, uint64_t now) {
    struct backend *b = &lb->backends[backend];
    if (b->out) leave_list(lb, backend);
    b->out = true, b->failed_at = now;
    b->earlier = lb->last_out, b->later = NOBODY;
    *(lb->last_out == NOBODY ? &lb->first_out : &lb->backends[lb->last_out].later) = backend;
    lb->last_out = backend;
}

static void let_return(struct balancer *lb) {
    if (lb->first_out == NOBODY) return;
    uint64_t now = lb->env.now_ns(lb->env.world);
    for (int due; (due = lb->first_out) != NOBODY && now - lb->backends[due].failed_at >= LB_OUT_NS;) {
        leave_list(lb, due);
        set_state(lb, due);
    }
}

static int pick_weighted(struct balancer *lb) {
    int most = NOBODY;
    for (int i = 0; i < lb->n; i++) {
        struct backend *b = &lb->backends[i];
        if (b->up) b->credit += b->weight;
        if (b->up && (most == NOBODY || b->credit > lb->backends[most].credit)) most = i;
    }
    lb->backends[most].credit -= lb->weight_up;
    return most;
}

static int pick_by_hash(const struct balancer *lb, uint64_t hash) {
    int pick = 0;
    for (int i = 0; i < LB_ATTEMPTS; i++, hash += 0x9e3779b97f4a7c15) {
        pick = (int)(mix(hash) % (uint64_t)lb->n);
        if (lb->backends[pick].up) return pick;
    }
    return next_up(lb, (uint64_t)pick + 1);
}

static int pick_on_ring(const struct balancer *lb, uint64_t hash) {
    size_t count = (size_t)lb->n * LB_POINTS, from = 0;
    uint64_t shares = 4 * (uint64_t)lb->up, bound = (5 * (lb->active_up + 1) + shares - 1) / shares;
    for (size_t half = count; half > 0;) {
        size_t step = (half + 1) / 2;
        half /= 2;
        if (from + step <= count && lb->points[from + step - 1].place < hash) from += step;
    }
    for (size_t at = from;; at++) {
        const struct point *point = &lb->points[at % count];
        const struct backend *b = &lb->backends[point->backend];
        if (b->up && b->active + 1 <= bound) return point->backend;
    }
}

static int draw(const struct balancer *lb) {
    return nth_up(lb, (int)(lb->env.random(lb->env.world) % (uint64_t)lb->up));
}

static int choose(struct balancer *lb, const void *client, size_t size) {
    int first, second;
    switch (lb->policy) {
    case LB_ROUND_ROBIN:
        first = next_up(lb, lb->place);
        lb->place = (uint64_t)first + 1;
        return first;
    case LB_WEIGHTED:
        return pick_weighted(lb);
    case LB_LEAST_CONNECTIONS:
        return lb->winner[1];
    case LB_IP_HASH:
        return pick_by_hash(lb, ring_hash(client, size));
    case LB_CONSISTENT:
        return pick_on_ring(lb, ring_hash(client, size));
    default:
        first = draw(lb), second = draw(lb);
        return compare_load(&lb->backends[second], &lb->backends[first]) < 0 ? second : first;
    }
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    pthread_mutex_lock(&lb->lock);
    let_return(lb);
    int pick = lb->up > 0 ? choose(lb, client, client_size) : NOBODY;
    if (pick != NOBODY) {
        lb->backends[pick].active++, lb->active_up++;
        lb->backends[pick].latest_pick = ++lb->picks;
        replay(lb, pick);
    }
    pthread_mutex_unlock(&lb->lock);
    return pick;
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    struct backend *b = &lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->active--;
    if (b->up) lb->active_up--;
    b->failures = !failed ? 0 : b->failures < LB_FAILURES ? b->failures + 1 : LB_FAILURES;
    if (!failed && b->out) leave_list(lb, backend);
    if (b->failures == LB_FAILURES) join_list(lb, backend, lb->env.now_ns(lb->env.world));
    set_state(lb, backend);
    replay(lb, backend);
    pthread_mutex_unlock(&lb->lock);
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    struct backend *b = &lb->backends[backend];
    pthread_mutex_lock(&lb->lock);
    b->wanted = up;
    if (up) b->failures = 0;
    if (up && b->out) leave_list(lb, backend);
    set_state(lb, backend);
    pthread_mutex_unlock(&lb->lock);
}

static int by_place(const void *a, const void *b) {
    uint64_t left = ((const struct point *)a)->place, right = ((const struct point *)b)->place;
    return (left > right) - (left < right);
}

static int by_name(const void *a, const void *b) {
    const struct lb_backend *left = *(const struct lb_backend *const *)a, *right = *(const struct lb_backend *const *)b;
    return strcmp(left->name, right->name);
}

static bool make_points(struct balancer *lb, const struct lb_backend *from) {
    char label[NAME_SIZE_MAX + 16];
    lb->points = calloc((size_t)lb->n, LB_POINTS * sizeof *lb->points);
    if (!lb->points) return false;
    for (int i = 0; i < lb->n; i++)
        for (int j = 0; j < LB_POINTS; j++) {
            int size = snprintf(label, sizeof label, "%s_vnode_%d", from[i].name, j);
            lb->points[(size_t)i * LB_POINTS + (size_t)j] = (struct point){ring_hash(label, (size_t)size), i};
        }
    qsort(lb->points, (size_t)lb->n * LB_POINTS, sizeof *lb->points, by_place);
    return true;
}

static bool are_valid(const struct lb_backend *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!from[i].name || !from[i].name[0] || strnlen(from[i].name, NAME_SIZE_MAX + 1) > NAME_SIZE_MAX) return false;
        if (from[i].weight == 0 || from[i].weight > LB_WEIGHT_MAX) return false;
    }
    const struct lb_backend **sorted = malloc(n * sizeof(struct lb_backend *));
    bool different = sorted;
    for (size_t i = 0; different && i < n; i++) sorted[i] = &from[i];
    if (different) qsort(sorted, n, sizeof(struct lb_backend *), by_name);
    for (size_t i = 1; different && i < n; i++) different = by_name(&sorted[i - 1], &sorted[i]) != 0;
    free(sorted);
    return different;
}

static bool make_trees(struct balancer *lb) {
    lb->leaves = 1;
    while (lb->leaves < lb->n) lb->leaves *= 2;
    lb->count = calloc(2 * (size_t)lb->leaves, sizeof *lb->count);
    lb->winner = malloc(2 * (size_t)lb->leaves * sizeof *lb->winner);
    for (int i = 0; lb->winner && i < 2 * lb->leaves; i++) lb->winner[i] = NOBODY;
    return lb->count && lb->winner;
}

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    if ((unsigned)policy > LB_TWO_CHOICES || n == 0 || n > INT_MAX / 4 || !are_valid(backends, n)) return NULL;
    struct balancer *lb = calloc(1, sizeof *lb);
    if (!lb) return NULL;
    pthread_mutex_init(&lb->lock, NULL);
    lb->env = env, lb->policy = policy, lb->n = (int)n, lb->first_out = lb->last_out = NOBODY;
    lb->backends = calloc(n, sizeof *lb->backends);
    if (!lb->backends || !make_trees(lb) || (policy == LB_CONSISTENT && !make_points(lb, backends))) {
        lb_free(lb);
        return NULL;
    }
    for (int i = 0; i < lb->n; i++) {
        lb->backends[i].weight = backends[i].weight;
        lb->backends[i].wanted = true;
        set_state(lb, i);
    }
    return lb;
}

void lb_free(struct balancer *lb) {
    if (!lb) return;
    pthread_mutex_destroy(&lb->lock);
    free(lb->backends), free(lb->count), free(lb->winner), free(lb->points), free(lb);
}
