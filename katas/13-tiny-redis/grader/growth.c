/* SPDX-License-Identifier: MIT */
/* growth.c -- what commands cost as keys grow in number, and what expiry costs: in steps between
 * two waits, with a clock that goes by them. Server and client are one thread: the
 * client acts inside the server's waits (kata.ts, `intercepted`).
 *
 *   growth  few, many, expiring
 *
 * Evidence: a row of `costs` for each kind of command and size; `expiry`; `scattered`: rounds that
 * went well, keys that last in the next one, those that are counted at the end, after how many ms. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "pace.h"
#include "scenario.h"

#define STEPS_PER_MS 100000
#define BEGIN_MS 1700000000000
#define TTL_MS 3600000
#define LASTING 4         /* keys that were to expire first, and then last */
#define PATIENCE_MS 60000 /* virtual, for keys to expire */
#define TIMED_CALLS 500
#define ASK_EVERY 64 /* waits; those of a server that seems to have nothing to do: 2 */
#define IDLE_MS 10
#define PIPELINE 200
#define SCATTERED_ROUNDS 50
#define SCATTERED_MS 10000 /* virtual, for the keys of a round to expire */
#define SCATTERED_LOOKS 2000
#define LOOK_MS 100 /* between two looks, if the server sleeps as long */

EVIDENCE_ROW(cost, kind, size, calls, steps, most);

enum kind { SET_NEW, SET_OLD, GET_NONE, EXISTS, EXPIRE, TTL, INCR, DEL, KINDS };
static const char *const forms[KINDS] = {
    "SET key:%lu %lu\r\n",     "SET key:%lu %lu\r\n", "EXISTS none:%lu\r\n", "EXISTS key:%lu\r\n",
    "EXPIRE key:%lu 5000\r\n", "TTL key:%lu\r\n",     "INCR key:%lu\r\n",    "DEL key:%lu\r\n",
};

static GRADERS_OWN struct {
    bool on;
    enum { GROWING, TIMING, FILLING, EXPIRING, SCATTERED, OVER } stage;
    int client, listener, stop_fd, kind;
    uint64_t few, many, keys, extended, calls, asked, answered;
    uint64_t steps_before, waits, most, slept_ms, expired_at_ms;
    struct cost costs[2 * KINDS];
    struct cost OWN *cost;
    size_t count;
    uint64_t said; /* the number of the last answer */
    struct scattered scattered;
    uint64_t rounds, looks;
} state;
#define g own(state)

static int64_t now_ms(void *world) {
    (void)world;
    return BEGIN_MS + (int64_t)(g.slept_ms + pace_steps() / STEPS_PER_MS);
}

static void ask(const char *form, uint64_t n) {
    char line[64];
    int size = snprintf(line, sizeof line, form, (unsigned long)n, (unsigned long)n);
    if (send(g.client, line, (size_t)size, MSG_NOSIGNAL) != size) abort();
    g.asked++;
}

static void ask_all(const char *lines, size_t size, uint64_t count) {
    if (send(g.client, lines, size, MSG_NOSIGNAL) != (ssize_t)size) abort();
    g.asked += count;
}

static void hear(void) {
    char bytes[65536];
    for (ssize_t n; (n = recv(g.client, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
        for (ssize_t i = 0; i < n; i++) {
            g.answered += bytes[i] == '\n';
            if (bytes[i] == ':') g.said = 0;
            if (bytes[i] >= '0' && bytes[i] <= '9') g.said = g.said * 10 + (uint64_t)(bytes[i] - '0');
        }
}

static void begin_cost(enum kind kind) {
    g.cost = &g.costs[g.count++]; /* of zeros */
    g.cost->kind = kind, g.cost->size = g.keys;
    g.kind = (int)kind, g.calls = 0;
}

/* Keys spread over all that there are. */
static uint64_t some_key(void) {
    return (g.calls * 2654435761u) % g.keys;
}

static void next_growing(void) {
    if (g.keys == g.few || g.keys == g.many) {
        g.cost->size = g.keys;
        g.stage = TIMING;
        begin_cost(SET_OLD);
        return;
    }
    g.cost->calls++;
    ask(forms[SET_NEW], g.keys++);
}

static void next_timing(void) {
    if (g.calls == TIMED_CALLS && g.kind + 1 < KINDS) begin_cost((enum kind)(g.kind + 1));
    if (g.calls < TIMED_CALLS) {
        ask(forms[g.kind], some_key());
        g.calls++, g.cost->calls++;
        return;
    }
    bool again = g.keys == g.few;
    g.stage = again ? GROWING : FILLING;
    g.keys++;
    if (again) begin_cost(SET_NEW);
    if (!again) ask("FLUSHALL\r\n", 0), g.keys = 0;
}

static void next_filling(void) {
    static char lines[PIPELINE * 64];
    uint64_t all = scenario_param("expiring");
    size_t size = 0;
    int n = 0;
    for (; n < PIPELINE && g.keys < all; n++, g.keys++)
        size += (size_t)snprintf(lines + size, 64, "SET e:%lu v PX %d\r\n", (unsigned long)g.keys,
                                 g.keys < LASTING ? TTL_MS / 2 : TTL_MS);
    for (; g.keys == all && g.extended < LASTING && n < PIPELINE; n++, g.extended++)
        size += (size_t)snprintf(lines + size, 64, "PEXPIRE e:%lu %d\r\n", (unsigned long)g.extended, 100 * TTL_MS);
    if (n > 0) {
        ask_all(lines, size, (uint64_t)n);
        return;
    }
    g.stage = EXPIRING;
    g.slept_ms += 2 * TTL_MS; /* all others have expired by now */
    g.expired_at_ms = (uint64_t)(now_ms(NULL) - BEGIN_MS);
    g.most = g.waits = 0;
}

/* `ms`: since the last round of scattered keys began to expire. */
static void over(uint64_t ms) {
    uint64_t told[] = {g.rounds, g.scattered.last, g.said, ms};
    evidence_series("scattered", told, 4);
    g.stage = OVER;
    if (write(g.stop_fd, &(uint64_t){1}, sizeof(uint64_t)) != sizeof(uint64_t)) abort();
}

static void next_expiring(int timeout_ms) {
    uint64_t ms = (uint64_t)(now_ms(NULL) - BEGIN_MS) - g.expired_at_ms;
    bool idle = timeout_ms < 0 || timeout_ms > IDLE_MS, gone = g.said == LASTING;
    if (g.waits++ % (idle ? 2 : ASK_EVERY) != 0) return;
    if (gone || ms > PATIENCE_MS) {
        uint64_t told[] = {scenario_param("expiring"), g.most, ms, gone};
        evidence_series("expiry", told, 4);
        g.stage = SCATTERED;
        if (gone) return;
        over(0);
        return;
    }
    ask("DBSIZE\r\n", 0);
}

static void begin_round(void) {
    struct scattered round = scattered_round(g.rounds);
    own_write(&state.scattered, &round, sizeof round);
    g.looks = 0;
    ask_all(g.scattered.text, g.scattered.size, g.scattered.requests);
}

/* After each answer: some time goes by, and the keys are counted. */
static void next_scattered(int timeout_ms) {
    if (!g.scattered.text) {
        begin_round();
        return;
    }
    if (g.looks == 0) {
        g.slept_ms += g.scattered.soon_ms, g.said = UINT64_MAX;
        g.expired_at_ms = (uint64_t)(now_ms(NULL) - BEGIN_MS);
    }
    uint64_t ms = (uint64_t)(now_ms(NULL) - BEGIN_MS) - g.expired_at_ms;
    bool gone = g.said == g.scattered.last;
    if (gone && ++g.rounds < SCATTERED_ROUNDS) {
        begin_round();
    } else if (gone || ms > SCATTERED_MS || g.looks == SCATTERED_LOOKS) {
        over(ms);
    } else {
        g.looks++;
        g.slept_ms += timeout_ms < 0 || timeout_ms > LOOK_MS ? LOOK_MS : (uint64_t)timeout_ms;
        ask("DBSIZE\r\n", 0);
    }
}

/* The server is about to wait: what it did since the last wait is counted; the client acts. */
static int before_wait(int timeout_ms) {
    uint64_t steps = pace_steps() - g.steps_before;
    hear();
    if (steps > g.most) g.most = steps;
    if (g.cost && g.stage <= TIMING) {
        g.cost->steps += steps;
        if (steps > g.cost->most) g.cost->most = steps;
    }
    if (g.asked == g.answered || g.stage == EXPIRING) {
        evidence_progress();
        if (g.stage == GROWING) next_growing();
        if (g.stage == TIMING)
            g.asked == g.answered ? next_timing() : (void)0;
        else if (g.stage == FILLING)
            next_filling();
        else if (g.stage == EXPIRING)
            next_expiring(timeout_ms);
        else if (g.stage == SCATTERED)
            next_scattered(timeout_ms);
    }
    g.steps_before = pace_steps();
    if (g.asked > g.answered || g.stage == OVER)
        return timeout_ms == 0 ? 0 : 1000; /* what was sent is about to arrive */
    if (timeout_ms > 0) g.slept_ms += (uint64_t)timeout_ms;
    return 0;
}

int kernel_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms);
int kernel_epoll_wait(int epoll, struct epoll_event *events, int most, int timeout_ms) {
    return epoll_wait(epoll, events, most, g.on ? before_wait(timeout_ms) : timeout_ms);
}

int kernel_epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask);
int kernel_epoll_pwait(int epoll, struct epoll_event *events, int most, int timeout_ms, const sigset_t *mask) {
    return epoll_pwait(epoll, events, most, g.on ? before_wait(timeout_ms) : timeout_ms, mask);
}

int kernel_poll(struct pollfd *watched, nfds_t count, int timeout_ms);
int kernel_poll(struct pollfd *watched, nfds_t count, int timeout_ms) {
    return poll(watched, count, g.on ? before_wait(timeout_ms) : timeout_ms);
}

static void connect_client(void) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    g.client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (g.client < 0 || getsockname(g.listener, (struct sockaddr *)&address, &size) != 0 ||
        connect(g.client, (struct sockaddr *)&address, size) != 0)
        abort();
    setsockopt(g.client, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
}

void growth(uint64_t seed) {
    (void)seed; /* the same work every time */
    g.few = scenario_param("few"), g.many = scenario_param("many");
    g.listener = redis_listen("127.0.0.1", 0, 16);
    if (g.listener < 0)
        evidence_broken_off("redis_listen", "refused a port of the loopback", "a listener", "redis_listen");
    g.stop_fd = eventfd(0, EFD_CLOEXEC);
    connect_client();
    g.on = true;
    begin_cost(SET_NEW);
    pace_count_steps(0, NULL);
    int served = redis_serve(g.listener, g.stop_fd, now_ms, NULL);
    g.on = false;
    if (served != 0 || g.stage != OVER)
        evidence_broken_off("redis_serve", "returned before the stop", "0, once stop_fd is readable", "redis_serve");
    evidence_rows("costs", cost, state.costs, state.count);
}
