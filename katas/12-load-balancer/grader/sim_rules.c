/* SPDX-License-Identifier: MIT */
/* sim_rules.c -- what the proxy owes to whom, and when. */
#include "sim.h"

#include <errno.h>
#include <string.h>

enum { ACCEPT_MS = 250, CONNECT_MS = 250, SLACK_MS = 10, STOP_CALLS = 10000, VAIN_CALLS = 200 };

typedef unsigned long ul;

static const struct world_rule waits = {"queue", "every client that connects is accepted",
                                        "after which errors of accept does the loop end, and when is it called again?"};
static const struct world_rule late = {"late", "accepted within 250 ms once a descriptor is free",
                                       "no event tells that a descriptor is free: what else could?"};
static const struct world_rule alone = {"alone",
                                        "each client is joined with a backend, whether or not it has sent a byte",
                                        "which event tells that a connect is over, and what is done then?"};
static const struct world_rule owed = {"owed", "each side gets every byte that the other one has sent",
                                       "which event leads to these bytes, and what happens to those that did not fit?"};
static const struct world_rule keeps = {"keeps", "bytes are passed on as soon as they have been read",
                                        "what does the proxy wait for between a read and its write?"};
static const struct world_rule held_back = {"held_back", "bytes are passed on as soon as they have been read",
                                            "MSG_MORE and TCP_CORK: what tells the kernel that there is no more?"};
static const struct world_rule end_owed = {"end_owed",
                                           "when one side has ended its stream, the proxy ends the other one's",
                                           "which answer of read means the end, and what is done about it?"};
static const struct world_rule not_closed = {"not_closed", "a connection that is over is closed",
                                             "which events tell of it, and which path leads to close?"};
static const struct world_rule not_given_up = {"not_given_up",
                                               "a connect is given up at most 250 ms after connect_timeout_ms",
                                               "no event tells that time has passed: what else could?"};
static const struct world_rule inherited = {"inherited", "FD_CLOEXEC on every descriptor that the proxy makes",
                                            "which flag of the call that made it sets FD_CLOEXEC?"};
static const struct world_rule returned = {"returned", "proxy_serve returns at the stop, and answers 0",
                                           "which error was taken for one that ends everything?"};
static const struct world_rule deaf = {"deaf",
                                       "proxy_serve returns when stop_fd is readable, or its other end is closed",
                                       "is stop_fd watched all the time, and which of its events mean the stop?"};
static const struct world_rule left_open = {"left_open", "every descriptor opened since the call is closed",
                                            "which descriptors were opened, and where is each closed after the stop?"};

static bool connects(const struct side *s) {
    return s->peer->state == CONNECTING && !s->peer->rst;
}

static bool anybody_connects(void) {
    for (const struct side *s = story.sides; s < story.sides + story.count; s++)
        if (connects(s)) return true;
    return false;
}

/* Bytes for it lie in its receive buffer, and it does not take them. */
static bool is_stuffed(const struct side *s) {
    return s->peer->out.used > 0 && (s->never_reads || s->reads_late);
}

#define OWED(rule, ...)                                                                                                \
    do {                                                                                                               \
        if (tell) world_fail(rule, __VA_ARGS__);                                                                       \
        return true;                                                                                                   \
    } while (0)

/* Nobody knows with whom it is joined. */
static bool owed_alone(const struct side *s, bool tell) {
    const struct peer *p = s->peer;
    if (anybody_connects()) return true;
    if (is_client(s) && p->sent == 0 && !p->fin)
        return false; /* it may be joined: with a backend that says nothing either */
    if (is_client(s)) OWED(&alone, "client %d has no backend, and no event will wake the proxy", p->number);
    if (p->sent > 0)
        OWED(&owed, "%lu byte%s of backend %d went to nobody, and no event will wake the proxy", (ul)p->sent,
             p->sent == 1 ? "" : "s", p->number);
    OWED(&not_closed, "the connection %d to a backend belongs to nobody, and was never closed", p->number);
}

static bool owed_joined(const struct side *s, bool tell) {
    const struct peer *p = s->peer, *o = s->other->peer;
    if (o->echoed < p->sent && o->state == ACCEPTED && !o->rst && !(is_client(s) && p->rst)) {
        if (is_stuffed(s->other)) return false;
        OWED(&owed, "%s %d has sent %lu byte%s, %s %d has got %lu, and no event will wake the proxy", kind(s),
             p->number, (ul)p->sent, p->sent == 1 ? "" : "s", kind(s->other), o->number, (ul)o->echoed);
    }
    if (p->rst)
        OWED(&not_closed, "%s %d has reset its connection, and descriptor %d was never closed", kind(s), p->number,
             p->fd);
    if (o->state == CLOSED || o->rst) {
        if (is_client(s) && is_stuffed(s)) return false;
        OWED(&not_closed, "the connection of %s %d is over, and that of %s %d was never closed", kind(s->other),
             o->number, kind(s), p->number);
    }
    if (p->fin && !o->server_fin)
        OWED(&end_owed, "%s %d has ended its stream, %s %d has got all its bytes, and no end", kind(s), p->number,
             kind(s->other), o->number);
    if (is_finished(s))
        OWED(&not_closed, "%s %d and %s %d have ended, and descriptor %d was never closed", kind(s), p->number,
             kind(s->other), o->number, p->fd);
    return false;
}

bool is_owed(struct side *s, bool tell) {
    const struct peer *p = s->peer;
    if (p->state == UNBORN || p->state == CLOSED || s->let_go) return false;
    if (p->state == QUEUED) {
        if (world_faults.descriptors == 0) return true;
        OWED(&waits, "client %d waits in the accept queue, and no event will wake the proxy", p->number);
    }
    if (connects(s)) return true;
    if (p->state == CONNECTING)
        OWED(&not_closed, "the connect to backend %d has failed, and descriptor %d was never closed", s->backend,
             p->fd);
    if (s->other) return owed_joined(s, tell);
    if (p->rst && !anybody_connects())
        OWED(&not_closed, "%s %d has reset its connection, and descriptor %d was never closed", kind(s), p->number,
             p->fd);
    return owed_alone(s, tell);
}

static void client_still_waits(void *head) {
    struct peer *p = head;
    if (p->state != QUEUED || p->rst || world_faults.descriptors == 0 || story.stopping) return;
    if (world_now_ms() < world_accept_refused_ms + ACCEPT_MS)
        world_in_ms(ACCEPT_MS + SLACK_MS, client_still_waits, p);
    else
        world_fail(&late, "client %d still waits in the accept queue, %d ms after accept could go on", p->number,
                   ACCEPT_MS);
}

void rule_accepts_soon(void) {
    for (struct side *c = story.sides; c < story.sides + story.clients; c++)
        if (c->peer->state == QUEUED) world_in_ms(ACCEPT_MS + SLACK_MS, client_still_waits, c->peer);
}

static void still_connects(void *side) {
    const struct side *s = side;
    if (connects(s) && !story.stopping)
        world_fail(&not_given_up, "backend %d has not answered a connect for %lu ms, and connect_timeout_ms is %lu",
                   s->backend, (ul)(world_now_ms() - s->called_ms), (ul)story.timeout_ms);
}

void rule_connect_in_time(struct side *s) {
    if (story.timeout_ms < UINT32_MAX) world_in_ms(story.timeout_ms + CONNECT_MS + SLACK_MS, still_connects, s);
}

void rule_on_exec_only(void) {
    story.on_exec = true;
    world_judge_only(&inherited);
}

/* The proxy has read bytes for this side, which has room. */
static bool is_kept_from(const struct side *s) {
    const struct peer *p = s->peer, *o = s->other ? s->other->peer : NULL;
    bool open = p->state == ACCEPTED && !p->rst && !p->server_fin && !s->let_go;
    return o && open && !(is_client(s->other) && o->rst) && p->echoed < o->read && p->out.used == 0 && !p->nospace;
}

void rule_sleeps(void) {
    const char *call;
    int fd = story.on_exec ? world_inherited(&call) : -1;
    if (fd >= 0) world_fail(&inherited, "descriptor %d, made by %s, is not FD_CLOEXEC", fd, call);
    if (story.stopping) return;
    rule_told();
    rule_ends();
    if (story.one_alone && story.count == 1 && story.sides[0].peer->state == ACCEPTED)
        world_fail(&alone, "the proxy sleeps: client 1 has connected, and no connect was made for it");
    for (const struct side *s = story.sides; s < story.sides + story.count; s++) {
        if (is_kept_from(s))
            world_fail(&keeps, "the proxy sleeps, having read %lu byte%s of %s %d and written %lu to %s %d",
                       (ul)s->other->peer->read, s->other->peer->read == 1 ? "" : "s", kind(s->other),
                       s->other->peer->number, (ul)s->peer->echoed, kind(s), s->peer->number);
        if (s->peer->held_back > 0)
            world_fail(&held_back, "the proxy sleeps, and the kernel holds %zu bytes for %s %d back",
                       s->peer->held_back, kind(s), s->peer->number);
    }
}

void rule_stuck(void) {
    if (story.stopping && story.after_stop)
        world_fail(&deaf, "%s, and the proxy goes on sleeping",
                   story.hung_up ? "the other end of stop_fd was closed" : "stop_fd is readable");
    if (story.stopping) world_leave();
    if (anybody_connects() || anybody_rests()) return;
    for (int i = 0; i < story.count; i++) (void)is_owed(&story.sides[i], true);
}

void rule_step(void) {
    if (world_faults.descriptors <= 0) story.squeezed = true;
    if (!story.stopping) {
        rule_ends();
        return;
    }
    bool vain = world_calls_in_vain() > VAIN_CALLS, long_ago = world_calls > story.stopped_at + STOP_CALLS;
    if (story.after_stop && (vain || long_ago))
        world_fail(&deaf, "stop_fd is readable, and after %lu more system calls the proxy has not returned",
                   (ul)(world_calls - story.stopped_at));
    if (vain) world_leave();
}

static bool beginning_failed(void) {
    return story.begin_error && !world_faults.failing_call;
}

static void judge_answer(int result) {
    const char *name = result < 0 ? strerrorname_np(-result) : NULL;
    if (beginning_failed() && result == -story.begin_error) return;
    if (beginning_failed())
        world_fail(&returned, "proxy_serve -> %d, though the call that failed at its beginning set errno to %s", result,
                   strerrorname_np(story.begin_error));
    if (result == -ENOMEM && world_refused_memory > 0 && !story.sides[0].peer->file) return;
    if (result < 0 || !story.stopping)
        world_fail(&returned, "proxy_serve -> %s%s%s", name ? "-" : "", name ? name : "0",
                   story.stopping ? "" : ", and stop_fd is not readable");
}

void rule_returned(int result) {
    judge_answer(result);
    if (!story.after_stop) return;
    story.stopping = true;
    rule_told();
    int left = world_open_descriptors() - 1; /* the listener is one */
    if (left > 0)
        world_fail(&left_open, "%d descriptor%s still open after proxy_serve", left, left == 1 ? " is" : "s are");
    world_check_memory();
}
