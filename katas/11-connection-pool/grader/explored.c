/* SPDX-License-Identifier: MIT */
/* explored.c -- connections under the schedule explorer, and the list of scenarios. */
#include "explored.h"

#include <stdatomic.h>
#include <time.h>

struct conn_pool *pool;
struct world world;

const struct explore_scenario explore_scenarios[] = {
    {"traffic", run_traffic}, {"small", run_small},       {"order", run_order},     {"failing", run_failing},
    {"timing", run_timing},   {"sleeping", run_sleeping}, {"late", run_late},       {"apart", run_apart},
    {"ages", run_ages},       {"tends", run_tends},       {"closing", run_closing}, {NULL, NULL},
};

enum { POLLS = 3000 }; /* each lets another thread that can run do at least a step: far more than they need */

static struct connection {
    int uses; /* plain: the pool orders those who write here */
    atomic_int
        freed; /* orders the close of one connection and the open of the next one at this address, as malloc does */
} connections[MAX_CONNECTIONS];

enum state { NOT_YET, OPEN, LOOKED_AT, CLOSING, CLOSED };

/* What the driver knows. Quiet functions only. */
static struct {
    struct {
        enum state state;
        bool held, dead;
    } connection[MAX_CONNECTIONS];
    int address_of[MAX_CONNECTIONS], number_at[MAX_CONNECTIONS]; /* connections are numbered as they are opened */
    int answers, opens, opening, failures, existing, closes, in_close_order[MAX_CONNECTIONS];
    int size_max, idle_min, waiters_max;
    bool closed; /* conn_pool_close has returned */
} seen;

static _Thread_local int calls; /* of the pool's, that this thread is in */

const char *status_name(enum conn_status status) {
    static const char *const names[] = {"CONN_OK", "CONN_TIMEOUT", "CONN_BUSY", "CONN_FAILED", "CONN_CLOSED"};
    return (unsigned)status <= CONN_CLOSED ? names[status] : "no enum conn_status";
}

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void sleep_s(uint64_t seconds) {
    nanosleep(&(struct timespec){(time_t)seconds, 0}, NULL);
}

void sleep_until(uint64_t end_ns) {
    struct timespec end = {(time_t)(end_ns / NS_PER_S), (long)(end_ns % NS_PER_S)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

/* Another thread may run here; nothing is ordered by it. */
static void let_others_run(void) {
    static atomic_int nothing;
    if (world.slow) nanosleep(&(struct timespec){0, 1000000}, NULL);
    (void)atomic_load_explicit(&nothing, memory_order_relaxed);
}

static void check_thread(const char *callback) {
    if (!calls) explore_fail("%s is called on a thread that is in no call of the pool's", callback);
}

EXPLORE_QUIET static void note_opening(void) {
    seen.opening++;
    if (seen.closed) explore_fail("open is called, although conn_pool_close had returned");
    if (++seen.existing > seen.size_max)
        explore_fail("%d connections exist, %d of them being opened; size_max is %d", seen.existing, seen.opening,
                     seen.size_max);
    if (seen.opens + seen.opening > MAX_CONNECTIONS)
        explore_fail("open is called for the %dth time, which nothing here asks for", MAX_CONNECTIONS + 1);
}

EXPLORE_QUIET static int free_address(void) {
    for (int number = 0; world.same_addresses && number < seen.opens; number++)
        if (seen.connection[number].state == CLOSED && seen.number_at[seen.address_of[number]] == number)
            return seen.address_of[number];
    int address = 0;
    for (int number = 0; number < seen.opens; number++)
        if (seen.address_of[number] >= address) address = seen.address_of[number] + 1;
    return address;
}

EXPLORE_QUIET static int note_opened(bool failed) {
    seen.opening--;
    seen.existing -= failed;
    seen.failures += failed;
    if (failed) return NOBODY;
    int number = seen.opens, address = free_address();
    seen.connection[number].state = OPEN;
    seen.address_of[number] = address, seen.number_at[address] = number;
    seen.opens++;
    return number;
}

EXPLORE_QUIET static struct connection *at(int number) {
    return &connections[seen.address_of[number]];
}

static void *world_open(void *unused) {
    (void)unused;
    check_thread("open");
    note_opening();
    let_others_run();
    if (world.opening) world.opening();
    bool failed = world.failing > 0 ? world.failing-- > 0 : world.may_fail && explore_choose(2);
    int number = note_opened(failed);
    if (world.answered) world.answered(number);
    if (number == NOBODY) return NULL;
    struct connection *c = at(number);
    (void)atomic_exchange_explicit(&c->freed, 0, memory_order_acq_rel);
    c->uses = 1;
    return c;
}

EXPLORE_QUIET static int number_at(int address) {
    return seen.number_at[address];
}

/* The number of a connection that the pool has handed to us. */
static int number_of(const void *connection, const char *call) {
    const struct connection *c = connection;
    if (c < connections || c >= connections + MAX_CONNECTIONS)
        explore_fail("%s is given %s, which is no connection", call, c ? "a pointer" : "NULL");
    return number_at((int)(c - connections));
}

EXPLORE_QUIET static void expect_free(int number, const char *call, enum state next) {
    enum state state = seen.connection[number].state;
    if (state == CLOSED || state == CLOSING || state == NOT_YET)
        explore_fail("%s: connection %d, which %s", call, number,
                     state == CLOSED    ? "has been closed"
                     : state == CLOSING ? "is being closed"
                                        : "does not exist");
    if (seen.connection[number].held) explore_fail("%s: connection %d, which a caller has", call, number);
    if (state == LOOKED_AT) explore_fail("%s: connection %d, while alive looks at it", call, number);
    seen.connection[number].state = next;
}

EXPLORE_QUIET static void note_closing(int number) {
    expect_free(number, "close", CLOSING);
    seen.in_close_order[seen.closes++] = number;
}

EXPLORE_QUIET static void note_closed(int number) {
    seen.connection[number].state = CLOSED;
    seen.existing--;
}

static void world_close(void *unused, void *connection) {
    (void)unused;
    int number = number_of(connection, "close");
    check_thread("close");
    note_closing(number);
    at(number)->uses++;
    let_others_run();
    if (world.closing) world.closing(number);
    (void)atomic_exchange_explicit(&at(number)->freed, 1, memory_order_acq_rel);
    note_closed(number);
    let_others_run(); /* its address may come again before close has returned */
}

EXPLORE_QUIET static void note_look(int number, bool over) {
    if (over)
        seen.connection[number].state = OPEN;
    else
        expect_free(number, "alive", LOOKED_AT);
}

EXPLORE_QUIET bool is_dead(int number) {
    return seen.connection[number].dead;
}

EXPLORE_QUIET void kill_connection(int number) {
    seen.connection[number].dead = true;
}

EXPLORE_QUIET bool exists(int number) {
    return seen.connection[number].state != CLOSED && seen.connection[number].state != NOT_YET;
}

static bool world_alive(void *unused, void *connection) {
    (void)unused;
    int number = number_of(connection, "alive");
    check_thread("alive");
    note_look(number, false);
    at(number)->uses++;
    let_others_run();
    if (world.looking) world.looking(number);
    note_look(number, true);
    return !is_dead(number);
}

EXPLORE_QUIET static void note_limits(const struct pool_limits *limits) {
    seen.size_max = (int)limits->size_max;
    seen.idle_min = (int)limits->idle_min;
    seen.waiters_max = limits->waiters_max > 1000 ? 1000 : (int)limits->waiters_max;
}

void open_pool(struct pool_limits limits) {
    note_limits(&limits);
    pool = conn_pool_new(limits, (struct pool_env){world_open, world_close, world_alive, NULL});
    if (!pool) explore_fail("conn_pool_new answers NULL although there is memory");
}

EXPLORE_QUIET static void note_end(const char *call) {
    seen.closed = true;
    if (seen.existing)
        explore_fail("%s has returned, and %d connection%s, %d of them being opened", call, seen.existing,
                     seen.existing == 1 ? " exists" : "s exist", seen.opening);
}

void end_pool(void) {
    calls++;
    conn_pool_free(pool);
    calls--;
    pool = NULL; /* what is left behind is a leak */
    note_end("conn_pool_free");
}

void close_pool(void) {
    calls++;
    conn_pool_close(pool);
    calls--;
    note_end("conn_pool_close");
}

EXPLORE_QUIET static void note_taken(int number) {
    expect_free(number, "conn_acquire answers CONN_OK", OPEN);
    seen.connection[number].held = true;
}

EXPLORE_QUIET static void note_released(int number) {
    seen.connection[number].held = false;
}

EXPLORE_QUIET static void note_answer(void) {
    seen.answers++;
}

EXPLORE_QUIET int answers_so_far(void) {
    return seen.answers;
}

int acquire(enum conn_status *status) {
    static char untouched;
    void *connection = &untouched;
    calls++;
    *status = conn_acquire(pool, &connection);
    calls--;
    note_answer();
    if ((unsigned)*status > CONN_CLOSED) explore_fail("conn_acquire answers %d, no enum conn_status", (int)*status);
    if (*status != CONN_OK && connection != &untouched)
        explore_fail("conn_acquire answers %s and changes *connection", status_name(*status));
    if (*status != CONN_OK) return NOBODY;
    if (connection == &untouched) explore_fail("conn_acquire answers CONN_OK and no connection");
    int number = number_of(connection, "conn_acquire's caller");
    note_taken(number);
    use(number);
    return number;
}

int acquire_ok(const char *when) {
    enum conn_status status;
    int number = acquire(&status);
    if (status != CONN_OK) explore_fail("%s, and conn_acquire answers %s, not CONN_OK", when, status_name(status));
    return number;
}

void use(int number) {
    at(number)->uses++;
}

void release(int number, bool broken) {
    use(number);
    note_released(number);
    calls++;
    conn_release(pool, at(number), broken);
    calls--;
}

void tend(void) {
    calls++;
    conn_pool_tend(pool);
    calls--;
}

EXPLORE_QUIET static void check_moment(const struct conn_stats *s) {
    if (s->open != s->idle + s->in_use || (int)(s->open + s->opening) > seen.size_max ||
        (int)s->waiting > seen.waiters_max)
        explore_fail("conn_pool_stats answers open %zu, idle %zu, in_use %zu, opening %zu, waiting %zu: no moment is "
                     "like that; open is idle + in_use, and open + opening at most size_max, which is %d",
                     s->open, s->idle, s->in_use, s->opening, s->waiting, seen.size_max);
}

struct conn_stats stats(void) {
    struct conn_stats s = conn_pool_stats(pool);
    check_moment(&s);
    return s;
}

void check_stats(const char *when, size_t idle, size_t in_use) {
    struct conn_stats s = stats();
    if (s.idle != idle || s.in_use != in_use || s.opening || s.waiting)
        explore_fail("%s: conn_pool_stats answers open %zu, idle %zu, in_use %zu, opening %zu, waiting %zu, not idle "
                     "%zu, in_use %zu and nothing else",
                     when, s.open, s.idle, s.in_use, s.opening, s.waiting, idle, in_use);
}

void await_waiting(size_t count, int answers) {
    struct conn_stats s = {0};
    for (int polls = 0; polls < POLLS; polls++) {
        s = stats();
        if (s.waiting + (size_t)(answers_so_far() - answers) >= count) return;
        explore_yield();
    }
    explore_fail("%zu callers have called conn_acquire, nothing is free for any of them, and conn_pool_stats answers "
                 "waiting %zu",
                 count, s.waiting);
}

EXPLORE_QUIET int opens_so_far(void) {
    return seen.opens;
}

EXPLORE_QUIET int failures_so_far(void) {
    return seen.failures;
}

EXPLORE_QUIET int closes_so_far(void) {
    return seen.closes;
}

EXPLORE_QUIET int nth_closed(int nth) {
    return seen.in_close_order[nth];
}
