/* SPDX-License-Identifier: MIT */
/* explore_ages.c -- one thread, virtual time, and a model that knows each answer.
 *
 *   ages  acquire, release, tend and the passing of time in any order; a lifetime and an idle
 *         timeout are some seconds, 584 years, or none; an open takes no time, or 10 s
 *
 * All times are far from the limits, which are odd: 45 s and 35 s, where time goes on by 10 or 20 s. */
#include "explored.h"

#include <stdio.h>
#include <string.h>

#define CENTURIES_S (FOREVER / NS_PER_S)

enum { SIZE_MAX_HERE = 3, STEPS = 9, LIFETIME_S = 45, IDLE_S = 35 };

/* Ages in seconds of virtual time, as far as sleeps make it pass. */
static struct model {
    int idle[SIZE_MAX_HERE], idle_count; /* the longest idle first */
    int out[SIZE_MAX_HERE], out_count;
    uint64_t born_s[MAX_CONNECTIONS], idle_since_s[MAX_CONNECTIONS], now_s;
    uint64_t open_s, lifetime_s, idle_timeout_s;
    int opens, closes;
    int size, idle_min;
    int closed[MAX_CONNECTIONS]; /* in order; -1 between groups in which any order is right */
} m;

static bool is_old(int number) {
    return m.lifetime_s && m.now_s - m.born_s[number] > m.lifetime_s;
}

static bool is_stale(int number) {
    return m.idle_timeout_s && m.now_s - m.idle_since_s[number] > m.idle_timeout_s;
}

static void model_close(int number) {
    m.closed[m.closes++] = number;
}

static void model_remove(int at) {
    memmove(&m.idle[at], &m.idle[at + 1], (size_t)(--m.idle_count - at) * sizeof m.idle[0]);
}

static int model_open(void) {
    m.now_s += m.open_s;
    m.born_s[m.opens] = m.idle_since_s[m.opens] = m.now_s;
    return m.opens++;
}

static int model_acquire(void) {
    while (m.idle_count > 0) {
        int number = m.idle[--m.idle_count];
        if (!is_old(number) && !is_stale(number) && !is_dead(number)) return number;
        model_close(number);
    }
    return model_open();
}

/* Those past their lifetime may go in any order: `sorted` of them are compared as a set. */
static int model_tend(void) {
    int sorted = 0;
    for (int at = 0; at < m.idle_count;)
        if (is_old(m.idle[at]))
            model_close(m.idle[at]), model_remove(at), sorted++;
        else
            at++;
    while (m.idle_count > m.idle_min && is_stale(m.idle[0])) model_close(m.idle[0]), model_remove(0);
    while (m.idle_count < m.idle_min && m.idle_count + m.out_count < m.size) m.idle[m.idle_count++] = model_open();
    return sorted;
}

static const char *list(char *text, size_t size, bool models, int from, int to) {
    size_t used = 0;
    snprintf(text, size, "nothing");
    for (int i = from; i < to && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i > from ? ", " : "connection ",
                                 models ? m.closed[i] : nth_closed(i));
    return text;
}

static bool was_closed(int number, int from, int to) {
    for (int i = from; i < to; i++)
        if (nth_closed(i) == number) return true;
    return false;
}

static bool closes_agree(int from, int sorted) {
    if (closes_so_far() != m.closes) return false;
    for (int i = from; i < from + sorted; i++)
        if (!was_closed(m.closed[i], from, from + sorted)) return false;
    for (int i = from + sorted; i < m.closes; i++)
        if (nth_closed(i) != m.closed[i]) return false;
    return true;
}

static void compare(const char *call, int closes_before, int sorted) {
    char saw[100], expected[100];
    if (!closes_agree(closes_before, sorted))
        explore_fail("%s closes %s, not %s (lifetime_max %llu s, idle_timeout %llu s, idle_min %d; an open takes "
                     "%llu s, and age counts from its end)",
                     call, list(saw, sizeof saw, false, closes_before, closes_so_far()),
                     list(expected, sizeof expected, true, closes_before, m.closes), (unsigned long long)m.lifetime_s,
                     (unsigned long long)m.idle_timeout_s, m.idle_min, (unsigned long long)m.open_s);
    if (opens_so_far() != m.opens)
        explore_fail("%s: %d connections have been opened so far, not %d (size_max %d, idle_min %d, %d in use)", call,
                     opens_so_far(), m.opens, m.size, m.idle_min, m.out_count);
    check_stats(call, (size_t)m.idle_count, (size_t)m.out_count);
}

static void step_acquire(void) {
    int before = m.closes;
    if (m.out_count == m.size) return;
    int expected = model_acquire(), number = acquire_ok("there is an idle one, or room");
    if (number != expected)
        explore_fail("conn_acquire answers connection %d, not %d: the one that became idle last, if it is good, else "
                     "a new one",
                     number, expected);
    m.out[m.out_count++] = number;
    compare("conn_acquire", before, 0);
}

static void step_release(void) {
    int before = m.closes;
    if (!m.out_count) return;
    int at = (int)explore_choose((unsigned)m.out_count), number = m.out[at];
    bool broken = explore_choose(4) == 3;
    m.out[at] = m.out[--m.out_count];
    if (broken || is_old(number))
        model_close(number);
    else
        m.idle[m.idle_count++] = number, m.idle_since_s[number] = m.now_s;
    release(number, broken);
    compare(broken ? "conn_release of a broken one" : "conn_release", before, 0);
}

static void step_tend(void) {
    int before = m.closes, sorted = model_tend();
    tend();
    compare("conn_pool_tend", before, sorted);
}

static void step_time(void) {
    uint64_t seconds = explore_choose(2) ? 20 : 10;
    m.now_s += seconds;
    sleep_s(seconds);
}

static void step_death(void) {
    if (m.idle_count) kill_connection(m.idle[m.idle_count - 1]);
}

/* Longer each time, as random lists seldom fill a pool. */
static void fill(void) {
    for (int i = 0; i < m.size; i++) step_acquire();
    while (m.out_count > 0) step_release();
}

static void open_slowly(void) {
    sleep_s(m.open_s);
}

static uint64_t choose_limit(uint64_t seconds) {
    unsigned which = explore_choose(3);
    return which == 0 ? 0 : which == 1 ? seconds : CENTURIES_S;
}

static uint64_t in_ns(uint64_t seconds) {
    return seconds == CENTURIES_S ? FOREVER : seconds * NS_PER_S;
}

void run_ages(void) {
    static void (*const steps[])(void) = {step_acquire, step_release, step_time, step_tend, step_time, step_death};
    explore_name_thread("main");
    m.size = 1 + (int)explore_choose(SIZE_MAX_HERE);
    m.idle_min = (int)explore_choose((unsigned)m.size + 1);
    m.lifetime_s = choose_limit(LIFETIME_S);
    m.idle_timeout_s = choose_limit(IDLE_S);
    m.open_s = explore_choose(2) ? 10 : 0;
    if (m.open_s) world.opening = open_slowly;
    open_pool((struct pool_limits){(size_t)m.size, (size_t)m.idle_min, 0, FOREVER, in_ns(m.lifetime_s),
                                   in_ns(m.idle_timeout_s)});
    if (explore_choose(2)) fill();
    for (int i = 0; i < STEPS; i++) steps[explore_choose(6)]();
    while (m.out_count > 0) step_release();
    end_pool();
}
