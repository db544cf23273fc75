/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls, with a clock and draws that do what they are told.
 *
 * Backends are given one by one, then the balancer is made of them. After lb_new has
 * returned, their array and names are overwritten. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

enum { DRAWS_MAX = 2 };

static struct {
    uint64_t now, draw[DRAWS_MAX], drawn;
    struct lb_backend *backends;
    size_t count;
} w;

static uint64_t now_ns(void *world) {
    return world == &w ? w.now : 0;
}

static uint64_t draw(void *world) {
    uint64_t at = w.drawn++;
    return world == &w && at < DRAWS_MAX ? w.draw[at] : 0;
}

static const struct lb_env scripted = {now_ns, draw, &w};

/* The next balancer has this backend as well. */
void script_backend(const char *name, uint64_t weight);
void script_backend(const char *name, uint64_t weight) {
    if ((w.count & (w.count - 1)) == 0) w.backends = realloc(w.backends, 2 * (w.count + 1) * sizeof *w.backends);
    w.backends[w.count++] = (struct lb_backend){name ? strdup(name) : NULL, (uint32_t)weight};
}

static void forget_backends(void) {
    for (size_t i = 0; i < w.count; i++) {
        char *name = (char *)w.backends[i].name;
        if (name) memset(name, 'x', strlen(name));
        free(name);
    }
    if (w.backends) memset(w.backends, 0xee, w.count * sizeof *w.backends);
    free(w.backends);
    w.backends = NULL, w.count = 0;
}

/* At this time of the clock; random answers 0 until it is told otherwise. */
struct balancer *script_new(int policy, uint64_t now);
struct balancer *script_new(int policy, uint64_t now) {
    w.now = now, w.draw[0] = w.draw[1] = 0;
    struct balancer *lb = lb_new((enum lb_policy)policy, w.backends, w.count, scripted);
    forget_backends();
    return lb;
}

/* A count that no array has: what must not be read. */
struct balancer *script_new_of(uint64_t n);
struct balancer *script_new_of(uint64_t n) {
    static const struct lb_backend one = {"one", 1};
    return lb_new(LB_ROUND_ROBIN, &one, n, scripted);
}

void script_pass(uint64_t ns);
void script_pass(uint64_t ns) {
    w.now += ns;
}

/* What random answers from here on. */
void script_draws(uint64_t first, uint64_t second);
void script_draws(uint64_t first, uint64_t second) {
    w.draw[0] = first, w.draw[1] = second;
}

/* "2", or "nobody", and how often it drew, if it did; the text lives until the next call. */
const char *script_pick(struct balancer *lb, const void *client, uint64_t size);
const char *script_pick(struct balancer *lb, const void *client, uint64_t size) {
    static char text[64];
    w.drawn = 0;
    int pick = lb_pick(lb, client, size);
    int used = pick == -1 ? snprintf(text, sizeof text, "nobody") : snprintf(text, sizeof text, "%d", pick);
    if (w.drawn) snprintf(text + used, sizeof text - (size_t)used, ", after %" PRIu64 " draws", w.drawn);
    return text;
}

/* So many picks, one after another; "0 x 3, 1 x 2" is told as how many each of the first 8 got. */
const char *script_picks(struct balancer *lb, uint64_t count);
const char *script_picks(struct balancer *lb, uint64_t count) {
    static char text[200];
    uint64_t got[8] = {0}, others = 0;
    for (uint64_t i = 0; i < count; i++) {
        int pick = lb_pick(lb, NULL, 0);
        if (pick >= 0 && pick < 8)
            got[pick]++;
        else
            others++;
    }
    int used = 0;
    for (int i = 0; i < 8; i++)
        if (got[i])
            used += snprintf(text + used, sizeof text - (size_t)used, "%s%d: %" PRIu64, used ? ", " : "", i, got[i]);
    if (others) snprintf(text + used, sizeof text - (size_t)used, ", others: %" PRIu64, others);
    return text;
}

/* So many failures of a pick each; 0 if one was not the backend's. */
uint64_t script_fail_often(struct balancer *lb, int backend, uint64_t count);
uint64_t script_fail_often(struct balancer *lb, int backend, uint64_t count) {
    uint64_t right = 1;
    for (uint64_t i = 0; i < count; i++) right &= lb_pick(lb, NULL, 0) == backend;
    for (uint64_t i = 0; i < count; i++) lb_done(lb, backend, true);
    return right;
}

static uint64_t count_draws(void *drawn) {
    return (*(uint64_t *)drawn)++;
}

static uint64_t no_time(void *world) {
    (void)world;
    return 0;
}

/* Two balancers in turns: each has draws, and a place, of its own. */
const char *script_two_balancers(void);
const char *script_two_balancers(void) {
    static char text[128];
    static const struct lb_backend backends[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    uint64_t drawn[2] = {0, 100};
    struct balancer *turns[2], *draws[2];
    int used = 0;
    for (int i = 0; i < 2; i++) {
        turns[i] = lb_new(LB_ROUND_ROBIN, backends, 3, (struct lb_env){no_time, count_draws, &drawn[i]});
        draws[i] = lb_new(LB_TWO_CHOICES, backends, 3, (struct lb_env){no_time, count_draws, &drawn[i]});
        if (!turns[i] || !draws[i]) return "a balancer that cannot be used";
    }
    for (int i = 0; i < 6; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "%d ", lb_pick(turns[i % 2], "client", 6));
        (void)lb_pick(draws[i % 2], "client", 6);
    }
    snprintf(text + used, sizeof text - (size_t)used, "and %" PRIu64 ", %" PRIu64 " draws", drawn[0], drawn[1] - 100);
    for (int i = 0; i < 2; i++) lb_free(turns[i]), lb_free(draws[i]);
    return text;
}

/* Backends "0", "1" and so on, of weight 1. */
struct balancer *script_crowd(int policy, uint64_t n);
struct balancer *script_crowd(int policy, uint64_t n) {
    char name[24];
    for (uint64_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%" PRIu64, i);
        script_backend(name, 1);
    }
    return script_new(policy, 0);
}

/* Two picks of each backend, in turn, and one more of each but the last, which is down by then: how many of them
 * were not the next one's. */
uint64_t script_turns(struct balancer *lb, uint64_t n);
uint64_t script_turns(struct balancer *lb, uint64_t n) {
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < 2 * n; i++) wrong += (uint64_t)lb_pick(lb, NULL, 0) != i % n;
    lb_set_up(lb, (int)(n - 1), false);
    for (uint64_t i = 0; i < n; i++) wrong += (uint64_t)lb_pick(lb, NULL, 0) != i % (n - 1);
    return wrong;
}
