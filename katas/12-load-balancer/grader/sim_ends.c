/* SPDX-License-Identifier: MIT */
/* sim_ends.c -- how connections end: half-closes, resets, and for which reason a socket is closed. */
#include "sim.h"

#include <string.h>

typedef unsigned long ul;

static const struct world_rule cut = {"cut", "a connection is closed when both sides have ended, or one has failed",
                                      "which condition led to this close?"};
static const struct world_rule cut_by_signal = {
    "cut_by_signal", "a call that was interrupted (EINTR) is repeated, and nothing is closed for it",
    "which condition led to this close, and what does it take EINTR for?"};
static const struct world_rule no_reset = {"no_reset", "when one side's connection fails, the other side is reset",
                                           "what does close do after SO_LINGER with 0 seconds, and what without?"};
static const struct world_rule a_reset = {"a_reset", "when both sides have ended, nobody is reset",
                                          "which bytes were not read, or which option was set, before this close?"};
static const struct world_rule lost = {"lost", "what a backend has sent before it failed is passed on first",
                                       "after a reset, what can still be read of what came before it?"};
static const struct world_rule ended_early = {
    "ended_early", "a side's stream is ended once the other one has ended its own, and all is passed on",
    "what must be true before shutdown(SHUT_WR) is called?"};
static const struct world_rule given_up = {"given_up", "a connect has connect_timeout_ms, not less",
                                           "which clock, and which unit, is the deadline in?"};

bool is_finished(const struct side *s) {
    const struct side *o = s->other;
    if (!o) return false;
    bool ended = s->peer->fin && o->peer->fin, read = s->peer->in.used == 0 && o->peer->in.used == 0;
    return ended && read && s->peer->echoed == o->peer->sent;
}

bool has_failed(const struct side *s) {
    return s->peer->rst && !(s->peer->fin && s->other && s->other->peer->fin);
}

/* No byte has passed: nobody can tell whether it was ever there. */
static bool is_untouched(const struct side *s) {
    return !is_client(s) && s->peer->read == 0 && s->peer->echoed == 0 && !s->peer->server_fin;
}

bool is_too_late(const struct side *s) {
    bool waits = s->peer->state == CONNECTING && !s->peer->rst;
    if (is_client(s) || !is_untouched(s) || (!waits && !s->answered_ms)) return false;
    return (waits ? world_now_ms() : s->answered_ms) - s->called_ms + 1 >= story.timeout_ms;
}

/* Will this close be a reset? */
static bool resets(const struct peer *p) {
    return p->server_closing == CLOSE_RESETS || p->in.used > 0;
}

static bool any_client_failed(void) {
    for (const struct side *c = story.sides; c < story.sides + story.clients; c++)
        if (c->peer->rst) return true;
    return false;
}

/* Nobody knows why a pair that is let go was chosen. */
static bool excused(struct side *s) {
    if (s->let_go) return true;
    bool squeezed = is_client(s) && story.squeezed && !s->other;
    if (!squeezed && story.excused >= 2 * world_refused_memory) return false;
    story.excused += !squeezed;
    s->let_go = true;
    if (s->other) s->other->let_go = true;
    return true;
}

static _Noreturn void fail_cut(int fd, const struct side *s) {
    const struct peer *p = s->peer;
    if (world_interrupted)
        world_fail(&cut_by_signal, "close(%d), the connection of %s %d, after %s was interrupted", fd, kind(s),
                   p->number, world_interrupted);
    if (s->other && p->echoed < s->other->peer->sent)
        world_fail(&cut, "close(%d): %s %d has got %lu of the %lu bytes that %s %d has sent", fd, kind(s), p->number,
                   (ul)p->echoed, (ul)s->other->peer->sent, kind(s->other), s->other->peer->number);
    world_fail(&cut, "close(%d): %s %d %s, and the proxy has read %lu of its %lu byte%s", fd, kind(s), p->number,
               p->fin ? "has ended its stream, and goes on reading" : "has neither ended nor reset its connection",
               (ul)p->read, (ul)p->sent, p->sent == 1 ? "" : "s");
}

/* A connect that has had no answer. */
static void closing_connect(const struct side *s) {
    uint64_t waited = world_now_ms() - s->called_ms;
    if (any_client_failed() || story.squeezed || world_refused_memory > 0) return;
    world_fail(&given_up, "the connect to backend %d is given up after %lu ms, and connect_timeout_ms is %lu",
               s->backend, (ul)waited, (ul)story.timeout_ms);
}

/* The other side has failed. */
static void closing_after_failure(int fd, struct side *s) {
    const struct peer *p = s->peer, *o = s->other->peer;
    if (is_client(s) && p->echoed < o->sent && !excused(s))
        world_fail(&lost, "close(%d): client %d has got %lu of the %lu bytes that backend %d had sent before it failed",
                   fd, p->number, (ul)p->echoed, (ul)o->sent, o->number);
    if (!resets(p))
        world_fail(&no_reset, "close(%d): %s %d has reset its connection, and %s %d gets an ordinary end", fd,
                   kind(s->other), o->number, kind(s), p->number);
}

/* As if it had never been there; its client may be joined with another one, or be reset. */
static void forget(struct side *backend) {
    if (backend->other) backend->other->other = NULL;
    backend->other = NULL;
    if (backend->answered_ms && backend->peer->rst && !backend->blamed) story.nobody++;
}

static struct side *failed_unseen(void) {
    for (struct side *s = story.sides + story.clients; s < story.sides + story.count; s++)
        if (s->peer->rst && s->peer->state == ACCEPTED && !s->other && is_untouched(s) && !s->blamed) return s;
    return NULL;
}

/* The balancer answered -1, or a backend failed before it was of any use. */
static bool turned_away(int fd, const struct side *s) {
    if (!is_client(s) || s->other || (world_refused_memory > 0 && !resets(s->peer))) return false;
    struct side *failed = failed_unseen();
    if (story.turned_away == story.nobody && !failed) return false;
    if (story.turned_away < story.nobody)
        story.turned_away++;
    else
        failed->blamed = true;
    if (!resets(s->peer))
        world_fail(&no_reset, "close(%d): nobody is up, and client %d gets an ordinary end", fd, s->peer->number);
    return true;
}

static void judge_close(int fd, struct side *s) {
    struct peer *p = s->peer;
    if (is_too_late(s)) s->failed = true;
    if (is_untouched(s) && (s->failed || p->rst)) forget(s);
    if (p->rst || s->failed) return;
    if (p->state == CONNECTING) {
        closing_connect(s);
        return;
    }
    if (s->let_go || (is_finished(s) && !resets(p))) return;
    if (s->other && s->other->peer->rst && !has_failed(s->other)) return;
    if (s->other && s->other->peer->rst) {
        closing_after_failure(fd, s);
        return;
    }
    if (!s->other && !is_client(s) && (any_client_failed() || story.squeezed)) return;
    if (turned_away(fd, s) || excused(s)) return;
    if (is_finished(s)) world_fail(&a_reset, "close(%d) resets the connection of %s %d", fd, kind(s), p->number);
    fail_cut(fd, s);
}

void rule_closing(int fd, struct peer *p) {
    if (world_faults.descriptors == 0) rule_accepts_soon();
    if (!p || story.stopping || (story.begin_error && !world_faults.failing_call)) return;
    judge_close(fd, side_of(p));
    side_of(p)->closed = true;
}

/* Half-closes that nobody has asked for. */
void rule_ends(void) {
    for (const struct side *s = story.sides; s < story.sides + story.count; s++) {
        const struct peer *p = s->peer, *o = s->other ? s->other->peer : NULL;
        if (p->state != ACCEPTED || !p->server_fin || p->rst || !o || o->rst || s->let_go) continue;
        if (!o->fin)
            world_fail(&ended_early, "the stream to %s %d is ended, and %s %d has not ended its own", kind(s),
                       p->number, kind(s->other), o->number);
        if (p->echoed < o->sent)
            world_fail(&ended_early, "the stream to %s %d is ended after %lu of %lu bytes", kind(s), p->number,
                       (ul)p->echoed, (ul)o->sent);
    }
}
