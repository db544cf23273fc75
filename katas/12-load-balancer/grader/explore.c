/* SPDX-License-Identifier: MIT
 *
 * explore.c -- the traffic of kata 12 under the schedule explorer.
 *
 *   traffic   threads that pick and end requests, well or not, and one that takes a backend out and in
 *   coming    all backends but one are out, and their time is over when threads begin to pick; or a backend goes out
 *             while another thread picks, and time passes
 *   small     two picks and an end, of two threads: small enough for an exhaustive search
 *
 * Each call is recorded; some order of them has to explain every answer. The clock stands still
 * while threads run, unless a thread says that time passes, which is a call as well. What the driver keeps for itself
 * lies in quiet functions and orders nothing. */
#include "balancer.h"
#include "explore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { BACKENDS = 3, WEIGHTED_FIRST = 2 };

struct backend {
    long active, latest_pick, credit, weight, failures, out, failed_at, down;
};

/* What the contract says, for some policies; two choices draw 0 and 1 here. */
struct model {
    long policy, now, place, picks;
    struct backend backend[BACKENDS];
};

static struct balancer *lb;
static struct model before; /* the first call */

static bool is_up(const struct model *m, long i) {
    const struct backend *b = &m->backend[i];
    return !b->down && !(b->out && m->now - b->failed_at < (long)LB_OUT_NS);
}

static long busier(const struct backend *a, const struct backend *b) {
    return a->active * b->weight - b->active * a->weight;
}

static bool goes_before(const struct model *m, long a, long b) {
    const struct backend *x = &m->backend[a], *y = &m->backend[b];
    if (m->policy == LB_WEIGHTED) return x->credit > y->credit;
    if (m->policy == LB_ROUND_ROBIN) return a >= m->place && b < m->place;
    long difference = busier(x, y);
    return difference < 0 || (difference == 0 && x->latest_pick < y->latest_pick);
}

static long choice_of_two(const struct model *m, const long *up, long count) {
    long first = up[0], second = up[1 % count];
    return busier(&m->backend[second], &m->backend[first]) < 0 ? second : first;
}

static long model_pick(struct model *m) {
    long up[BACKENDS], count = 0, weights = 0, best = -1;
    for (long i = 0; i < BACKENDS; i++) {
        if (!is_up(m, i)) continue;
        up[count++] = i;
        m->backend[i].credit += m->backend[i].weight, weights += m->backend[i].weight;
    }
    if (count == 0) return -1;
    for (long i = 0; i < count; i++)
        if (best < 0 || goes_before(m, up[i], best)) best = up[i];
    if (m->policy == LB_TWO_CHOICES) best = choice_of_two(m, up, count);
    m->backend[best].credit -= weights;
    m->backend[best].active++;
    m->backend[best].latest_pick = ++m->picks;
    m->place = best + 1;
    return best;
}

static void model_done(struct model *m, struct backend *b, bool failed) {
    b->active--;
    b->failures = failed ? b->failures + 1 : 0;
    if (!failed) b->out = 0;
    if (b->failures >= LB_FAILURES) b->out = 1, b->failed_at = m->now;
}

static bool step(void *state, const struct explore_operation *op) {
    struct model *m = state;
    struct backend *b = &m->backend[op->argument[0]];
    switch (op->name[0]) {
    case 'p': /* pick */
        return model_pick(m) == op->result;
    case 'd': /* done */
        model_done(m, b, op->argument[1] != 0);
        return true;
    case 's': /* set_up */
        b->down = !op->argument[1];
        if (op->argument[1]) b->out = b->failures = 0;
        return true;
    default: /* time */
        m->now += op->argument[1];
        return true;
    }
}

static atomic_ullong now_ns; /* set by one thread at a time */
static _Thread_local unsigned drawn;

static uint64_t read_clock(void *world) {
    (void)world;
    return atomic_load_explicit(&now_ns, memory_order_relaxed);
}

static uint64_t draw(void *world) {
    (void)world;
    return drawn++ % 2;
}

static int pick(void) {
    int call = explore_call("pick", 0, 0);
    int backend = lb_pick(lb, "client", 6);
    explore_return(call, backend);
    if (backend < 0)
        explore_say(call, "pick: nobody is up");
    else
        explore_say(call, "pick: %d", backend);
    if (backend < -1 || backend >= BACKENDS)
        explore_fail("lb_pick answers %d, and the balancer has %d backends", backend, BACKENDS);
    return backend;
}

static void end(int backend, bool failed) {
    if (backend < 0) return;
    int call = explore_call("done", backend, failed);
    lb_done(lb, backend, failed);
    explore_return(call, 0);
    explore_say(call, "done(%d%s)", backend, failed ? ", failed" : "");
}

static void set_up(int backend, bool up) {
    int call = explore_call("set_up", backend, up);
    lb_set_up(lb, backend, up);
    explore_return(call, 0);
    explore_say(call, "set_up(%d, %s)", backend, up ? "true" : "false");
}

static void pass(long ns) {
    int call = explore_call("time", 0, ns);
    atomic_fetch_add_explicit(&now_ns, (unsigned long long)ns, memory_order_relaxed);
    explore_return(call, 0);
    explore_say(call, "%ld ns pass", ns);
}

static void open_balancer(void) {
    static const enum lb_policy policies[] = {LB_LEAST_CONNECTIONS, LB_ROUND_ROBIN, LB_WEIGHTED, LB_TWO_CHOICES};
    struct lb_backend backends[BACKENDS] = {{"a", WEIGHTED_FIRST}, {"b", 1}, {"c", 1}};
    enum lb_policy policy = policies[explore_choose(4)];
    before.policy = policy;
    for (int i = 0; i < BACKENDS; i++) before.backend[i].weight = backends[i].weight;
    lb = lb_new(policy, backends, BACKENDS, (struct lb_env){read_clock, draw, NULL});
    if (!lb) explore_fail("lb_new answers NULL although there is memory");
}

/* When all threads have ended, a few picks more show what the others have left. */
static void close_balancer(int picks) {
    for (int i = 0; i < picks; i++) pick();
    explore_check_linearizable("balancer", &before, sizeof before, step);
    lb_free(lb);
    lb = NULL;
}

static void *use(void *times) {
    explore_name_thread("proxy");
    for (long i = 0; i < (long)times; i++) end(pick(), explore_choose(2));
    return NULL;
}

static void *watch(void *unused) {
    explore_name_thread("operator");
    int backend = (int)explore_choose(BACKENDS);
    set_up(backend, explore_choose(2));
    set_up(backend, true);
    return unused;
}

static void run_traffic(void) {
    pthread_t users[2], watcher;
    bool watched = explore_choose(2);
    explore_name_thread("main");
    open_balancer();
    for (int i = 0; i < 2; i++) pthread_create(&users[i], NULL, use, (void *)2L);
    if (watched) pthread_create(&watcher, NULL, watch, NULL);
    use((void *)1L);
    for (int i = 0; i < 2; i++) pthread_join(users[i], NULL);
    if (watched) pthread_join(watcher, NULL);
    close_balancer(3);
}

static void *pick_twice(void *unused) {
    explore_name_thread("proxy");
    int backend = pick();
    pick();
    end(backend, explore_choose(2));
    return unused;
}

static void *fail_once(void *backend) {
    explore_name_thread("proxy");
    end((int)(long)backend, true);
    return NULL;
}

static void *let_time_pass(void *unused) {
    explore_name_thread("clock");
    pass(1);
    return unused;
}

/* Whoever has read the clock before that backend failed may still decide after it. */
static void out_meanwhile(int backend) {
    pthread_t user, clock;
    for (int i = 1; i < LB_FAILURES; i++) end(pick(), true);
    pick();
    pthread_create(&user, NULL, fail_once, (void *)(long)backend);
    pthread_create(&clock, NULL, let_time_pass, NULL);
    pick();
    pthread_join(user, NULL);
    pthread_join(clock, NULL);
    close_balancer(2);
}

static void run_coming(void) {
    pthread_t users[2];
    explore_name_thread("main");
    open_balancer();
    set_up(1, false);
    set_up(2, false);
    if (explore_choose(3) == 2) {
        out_meanwhile(0);
        return;
    }
    for (int i = 0; i < LB_FAILURES; i++) end(pick(), true);
    pick();
    pass((long)LB_OUT_NS);
    set_up(1, true);
    for (int i = 0; i < 2; i++) pthread_create(&users[i], NULL, pick_twice, NULL);
    for (int i = 0; i < 2; i++) pthread_join(users[i], NULL);
    close_balancer(2);
}

static void *pick_once(void *unused) {
    explore_name_thread("proxy");
    pick();
    return unused;
}

static void run_small(void) {
    pthread_t user;
    open_balancer();
    int backend = pick();
    pthread_create(&user, NULL, pick_once, NULL);
    end(backend, false);
    pick();
    pthread_join(user, NULL);
    close_balancer(2);
}

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"coming", run_coming}, {"small", run_small}, {NULL, NULL}};
