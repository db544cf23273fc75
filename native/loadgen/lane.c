/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "observe.h"

#define BATCH 256
#define TIMER UINT64_MAX /* in place of a client, of an event */
#define LOOK_MS 100      /* how often a lane in which nothing happens looks up */
/* Looks and not seconds: a machine that stands still for a while counts as one. */
#define STUCK_LOOKS 30 /* in a row nothing moved, and the server slept */
#define LOST_LOOKS 150 /* in a row nothing moved, whatever the server did */
#define STOP_LOOKS 10000

static bool is_awaited(const struct client *c) {
    return c->work.end != CLIENT_NEVER_READS;
}

/* Registered for what it waits for. The kernel has room for it: it had for the
 * connection, and a client that cannot be watched shows as unserved. */
static void watch(struct run *r, size_t i, int how) {
    struct client *c = run_client(r, i);
    bool listens = c->work.sip == 0 && is_awaited(c);
    uint32_t wanted = (listens ? EPOLLIN : 0u) | (c->blocked ? EPOLLOUT : 0u);
    epoll_ctl(r->epoll, how, c->fd, &(struct epoll_event){.events = wanted, .data.u64 = i});
}

static void settle(struct run *r, size_t i) {
    struct client *c = run_client(r, i);
    if (c->fd >= 0) epoll_ctl(r->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    r->sippers -= c->work.sip > 0;
    r->busy -= is_awaited(c);
}

void run_send(struct run *r, size_t i) {
    struct client *c = run_client(r, i);
    bool was_blocked = c->blocked;
    uint64_t before = c->sent;
    bool alive = client_send(c, now_ns());
    atomic_fetch_add_explicit(&r->lane->load->moved, c->sent - before, memory_order_relaxed);
    if (!alive) client_lost(c, &r->lane->report.cut, i);
    if (alive && !is_awaited(c) && c->sent == c->target) c->state = CLIENT_ENDED;
    if (c->state != CLIENT_BUSY)
        settle(r, i);
    else if (c->blocked != was_blocked)
        watch(r, i, EPOLL_CTL_MOD);
}

static void receive(struct run *r, size_t i, size_t most) {
    struct client *c = run_client(r, i);
    uint64_t before = c->echoed;
    ssize_t n = client_receive(c, most, r->buffer, i, &r->lane->report);
    atomic_fetch_add_explicit(&r->lane->load->moved, c->echoed - before, memory_order_relaxed);
    if (n < 0) settle(r, i);
}

static void happen(struct run *r, struct epoll_event event) {
    size_t i = event.data.u64;
    if (event.data.u64 == TIMER || run_client(r, i)->state != CLIENT_BUSY) return;
    bool broken = event.events & (EPOLLHUP | EPOLLERR);
    if (broken || event.events & EPOLLIN) receive(r, i, STREAM_PIECE);
    if (run_client(r, i)->state == CLIENT_BUSY) run_send(r, i);
}

/* It stops soon, unless it has ended. */
static void stop(pid_t server) {
    kill(server, SIGSTOP);
    for (int i = 0; i < STOP_LOOKS && !observe_stopped(server); i++) nanosleep(&(struct timespec){0, 100000}, NULL);
}

static void begin(struct run *r) {
    struct load *load = r->lane->load;
    if (r->lane->held) stop(load->server_pid);
    for (size_t i = r->lane->number; i < load->clients; i += r->lane->step) {
        struct client *c = &load->client[i];
        if (c->state != CLIENT_BUSY) continue;
        r->busy += is_awaited(c);
        r->sippers += c->work.sip > 0;
        r->lane->report.clients++;
        client_begin(c, r->lane->rate == 0);
        c->blocked = false;
        watch(r, i, EPOLL_CTL_ADD);
        run_send(r, i);
    }
    if (r->lane->held) kill(load->server_pid, SIGCONT);
}

static void sip(struct run *r) {
    struct load *load = r->lane->load;
    for (size_t i = r->lane->number; i < load->clients && r->sippers > 0; i += r->lane->step) {
        struct client *c = &load->client[i];
        if (c->state == CLIENT_BUSY && c->work.sip > 0) receive(r, i, c->work.sip);
        if (c->state == CLIENT_BUSY && c->work.sip > 0) run_send(r, i);
    }
}

/* Those whom nobody waits for. */
static void dismiss(struct run *r) {
    struct load *load = r->lane->load;
    for (size_t i = r->lane->number; i < load->clients; i += r->lane->step)
        if (load->client[i].state == CLIENT_BUSY) load->client[i].state = CLIENT_ENDED;
}

/* Is there hope still? Each look comes after a wait for events. */
static bool moves(struct run *r) {
    struct load *load = r->lane->load;
    uint64_t moved = atomic_load_explicit(&load->moved, memory_order_relaxed);
    if (moved != r->moved) {
        r->moved = moved;
        r->still = r->asleep = 0;
        return true;
    }
    r->asleep = observe_asleep(load->server_pid) ? r->asleep + 1 : 0;
    return r->asleep < STUCK_LOOKS && ++r->still < LOST_LOOKS;
}

/* Whoever is at work still has waited in vain. */
static void give_up(struct run *r) {
    struct load *load = r->lane->load;
    struct load_report *report = &r->lane->report;
    for (size_t i = r->lane->number; i < load->clients; i += r->lane->step) {
        struct client *c = &load->client[i];
        if (c->state != CLIENT_BUSY || !is_awaited(c)) continue;
        client_lost(c, c->said_all && c->echoed == c->target ? &report->unended : &report->unserved, i);
    }
}

static void loop(struct run *r) {
    struct epoll_event events[BATCH];
    uint64_t sipped_ns = 0, looked_ns = now_ns();
    while (r->busy > 0) {
        if (r->lane->rate > 0) run_send_due(r);
        int count = epoll_wait(r->epoll, events, BATCH, r->sippers > 0 ? SIP_MS : LOOK_MS);
        for (int i = 0; i < count; i++) happen(r, events[i]);
        if (r->sippers == 0 && count > 0) continue;
        uint64_t now = now_ns();
        if (r->sippers > 0 && now - sipped_ns >= SIP_MS * UINT64_C(1000000)) sip(r), sipped_ns = now;
        if (now - looked_ns < LOOK_MS * UINT64_C(1000000)) continue;
        looked_ns = now;
        if (!moves(r)) break;
    }
}

void lane_run(struct lane *lane) {
    struct run *r = calloc(1, sizeof *r);
    if (!r) abort();
    uint64_t began_ns = now_ns();
    r->lane = lane;
    r->turn = lane->number;
    r->due_ns = began_ns;
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (r->epoll < 0) abort();
    r->timer = lane->rate > 0 ? timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC) : -1;
    struct epoll_event tick = {.events = EPOLLIN | EPOLLET, .data.u64 = TIMER};
    if (r->timer >= 0) epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->timer, &tick);
    begin(r);
    loop(r);
    give_up(r);
    dismiss(r);
    lane->report.ns = now_ns() - began_ns;
    if (r->timer >= 0) close(r->timer);
    close(r->epoll);
    free(r);
}
