/* SPDX-License-Identifier: MIT */
/* sim_rules.c -- what must hold, whatever the clients do. */
#include "sim.h"

#include <errno.h>
#include <string.h>

enum {
    ACCEPT_MS = 250,
    SLACK_MS = 10,
    STOP_CALLS = 10000, /* far more than a turn of everybody takes */
    VAIN_CALLS = 200    /* fewer than the kernel takes for spinning */
};

typedef unsigned long ul;

static const struct world_rule unread = {
    "unread", "the server reads on until nothing is left to read",
    "the edge that told of these bytes is used up: on which path did the server leave them?"};
static const struct world_rule low_water = {"low_water", "bytes come back without waiting for more of the client's",
                                            "SO_RCVLOWAT: are fewer bytes than that reported?"};
static const struct world_rule keeps_waiting = {
    "keeps_waiting", "bytes come back as soon as the server has read them",
    "what does the server do between a read and its write, and what does it wait for there?"};
static const struct world_rule held_back = {
    "held_back", "bytes come back as soon as the server has read them",
    "MSG_MORE, SPLICE_F_MORE and TCP_CORK ask the kernel to wait for more: what tells it that there is no more?"};
static const struct world_rule left_over = {
    "left_over", "what did not fit into the send buffer is written once there is room",
    "what happens to the rest of a write that came back short: is it kept, and which event leads to it?"};
static const struct world_rule owed = {"owed", "what was read is written back as soon as there is room",
                                       "which event wakes the server when the send buffer has room again?"};
static const struct world_rule waits = {"queue", "every client that connects is accepted",
                                        "one edge may stand for several connections: until when is accept called?"};
static const struct world_rule waits_behind = {
    "queue_behind", "every client that connects is accepted, also behind one for which accept fails",
    "after which errors of accept does the loop end, and when is accept called again?"};
static const struct world_rule not_closed = {"not_closed",
                                             "a connection that has ended is closed, once its bytes are sent back",
                                             "which answer of read means the end, and is there a read that gets it?"};
static const struct world_rule cut = {"cut",
                                      "a connection is closed once its client has ended and all bytes are sent back",
                                      "which condition led to this close?"};
static const struct world_rule cut_by_signal = {
    "cut_by_signal", "a call that was interrupted (EINTR) is repeated, and nothing is closed for it",
    "which condition led to this close, and what does it take EINTR for?"};
static const struct world_rule level = {"edges", "EPOLLET on every connection",
                                        "epoll_ctl: which events are asked for, with EPOLL_CTL_MOD too?"};
static const struct world_rule inherited = {
    "inherited", "FD_CLOEXEC on every descriptor that the server makes",
    "which flag of the call that made it sets FD_CLOEXEC, or which fcntl does after it?"};
static const struct world_rule returned = {"returned", "echo_serve returns at the stop, and answers 0",
                                           "which error was taken for one that ends the server, or what for the stop?"};
static const struct world_rule not_begun = {"not_begun", "-errno of the call that failed",
                                            "which calls may change errno before it is returned?"};
static const struct world_rule deaf = {
    "deaf", "echo_serve returns at the stop: when stop_fd is readable, or its other end closed",
    "is the stop looked for all the time, and what means it?"};
static const struct world_rule left_open = {"left_open", "every descriptor opened since the call is closed",
                                            "which descriptors were opened, and where is each closed after the stop?"};
static const struct world_rule late = {"late", "accepted within 250 ms once a descriptor is free",
                                       "no event tells that a descriptor is free: what else could?"};
static const struct world_rule late_behind = {
    "late_behind", "accepted within 250 ms after accept failed for another client",
    "after which errors of accept does the loop end, and when is accept called again?"};

const struct world_rule *in_words(const struct world_rule *rule) {
    for (const struct world_rule *w = interface.words; w && w->rule; w++)
        if (strcmp(w->rule, rule->rule) == 0) return w;
    return rule;
}

static struct client *client_of(const struct peer *p) {
    return &story.clients[p->number - 1];
}

bool client_content(const struct client *c) {
    const struct peer *p = c->peer;
    if (c->let_go || p->state == UNBORN || p->lost_in_the_queue) return p->state != UNBORN;
    if (c->resets) return (p->rst || p->fin) && p->state == CLOSED;
    if (c->never_reads) return p->state == ACCEPTED;
    if (p->received < c->wants) return false;
    return !c->ends || (p->fin && p->state == CLOSED);
}

void rule_moved(struct peer *p, size_t size, bool in) {
    if (story.judged.turns) rule_turn(p, in ? size : 0);
    if (!p) return;
    rule_held(client_of(p));
    if (story.judged.edges && !p->edge_triggered)
        world_fail(&level, "the connection of client %d is watched without EPOLLET", p->number);
}

void rule_edges_only(void) {
    story.judged.edges = true;
    world_judge_only(&level);
}

void rule_on_exec_only(void) {
    story.judged.on_exec = true;
    world_judge_only(&inherited);
}

void rule_listener_on_exec(int listen_fd) {
    const char *call;
    if (world_inherited(&call) == listen_fd)
        world_fail(&inherited, "echo_listen -> %d: that descriptor, made by %s, is not FD_CLOEXEC", listen_fd, call);
}

static bool excused(void) {
    if (story.excused >= world_refused_memory) return false;
    story.excused++;
    return true;
}

/* After an accept that failed, the server has the whole time again. */
static void client_still_waits(void *head) {
    struct peer *p = head;
    if (p->state != QUEUED || p->rst || world_faults.descriptors == 0 || story.stopping) return;
    if (world_now_ms() < world_accept_refused_ms + ACCEPT_MS)
        world_in_ms(ACCEPT_MS + SLACK_MS, client_still_waits, p);
    else if (world_faults.network_errors > 0)
        world_fail(&late_behind, "client %d still waits in the accept queue, %d ms after accept failed for another one",
                   p->number, ACCEPT_MS);
    else
        world_fail(&late, "client %d waits in the accept queue, and a descriptor has been free for %d ms", p->number,
                   ACCEPT_MS);
}

void rule_accepts_soon(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer->state == QUEUED) world_in_ms(ACCEPT_MS + SLACK_MS, client_still_waits, c->peer);
}

/* The call that was to fail when serving began has done so. */
static bool beginning_failed(void) {
    return story.begin_error && !world_faults.failing_call;
}

/* The client has done nothing that ends its connection. */
static _Noreturn void fail_cut(int fd, const struct peer *p) {
    if (world_interrupted)
        world_fail(&cut_by_signal, "close(%d), the connection of client %d, after %s was interrupted", fd, p->number,
                   world_interrupted);
    if (p->echoed < p->read)
        world_fail(&cut, "close(%d): client %d has sent %lu byte%s; the server read %lu and wrote %lu back", fd,
                   p->number, (ul)p->sent, p->sent == 1 ? "" : "s", (ul)p->read, (ul)p->echoed);
    if (p->in.used > 0)
        world_fail(&cut, "close(%d): the server never read %zu byte%s of client %d", fd, p->in.used,
                   p->in.used == 1 ? "" : "s", p->number);
    world_fail(&cut, "close(%d): client %d has neither ended nor reset its connection", fd, p->number);
}

void rule_closing(int fd, struct peer *p) {
    if (world_faults.descriptors == 0) rule_accepts_soon();
    if (!p || story.stopping || p->rst || beginning_failed()) return;
    if (p->server_closing == CLOSE_RESETS)
        world_fail(&cut,
                   "close(%d), with SO_LINGER at 0 seconds: client %d gets a reset instead of the end of the stream",
                   fd, p->number);
    if (p->fin && p->in.used == 0 && p->echoed == p->read) return;
    if (excused()) {
        client_of(p)->let_go = true;
        return;
    }
    fail_cut(fd, p);
}

static void judge_queued(const struct peer *p) {
    if (world_accept_error)
        world_fail(&waits_behind,
                   "client %d waits in the accept queue since accept failed with %s, and no event will wake the server",
                   p->number, strerrorname_np(world_accept_error));
    world_fail(&waits, "client %d waits in the accept queue, and no event will wake the server", p->number);
}

/* The last write of this connection was short, or refused, and nothing was written since. */
static bool cut_short(const struct peer *p) {
    return p->echoed < p->read && p->short_at == p->echoed + 1;
}

static _Noreturn void fail_left_over(const struct peer *p) {
    world_fail(
        &left_over,
        "the server read %lu byte%s of client %d and wrote %lu back, then its send buffer was full; now there is "
        "room, and the server sleeps",
        (ul)p->read, p->read == 1 ? "" : "s", p->number, (ul)p->echoed);
}

static void judge_client(struct client *c) {
    struct peer *p = c->peer;
    if (client_content(c) || p->state == UNBORN) return;
    if (p->state == QUEUED && world_faults.descriptors > 0) judge_queued(p);
    if (p->state != ACCEPTED) return;
    if (p->rst)
        world_fail(&not_closed, "client %d has reset its connection, and descriptor %d was never closed", p->number,
                   p->fd);
    if (cut_short(p)) fail_left_over(p);
    if (p->echoed < p->read && p->in.used == 0)
        world_fail(&owed, "the server read %lu byte%s of client %d and wrote %lu back, and no event will wake it",
                   (ul)p->read, p->read == 1 ? "" : "s", p->number, (ul)p->echoed);
    if (p->in.used > 0 && p->in.used < p->low_water)
        world_fail(&low_water,
                   "%zu byte%s of client %d %s not been read: SO_RCVLOWAT is %zu, and no event tells of fewer",
                   p->in.used, p->in.used == 1 ? "" : "s", p->number, p->in.used == 1 ? "has" : "have", p->low_water);
    if (p->in.used > 0)
        world_fail(&unread, "%zu byte%s of client %d %s not been read, and no event will wake the server", p->in.used,
                   p->in.used == 1 ? "" : "s", p->number, p->in.used == 1 ? "has" : "have");
    if (p->fin)
        world_fail(&not_closed, "client %d has half-closed and has all its bytes, and descriptor %d was never closed",
                   p->number, p->fd);
    world_fail(&owed, "client %d has got %lu of its %lu byte%s back, and no event will wake the server", p->number,
               (ul)p->received, (ul)c->wants, c->wants == 1 ? "" : "s");
}

/* The server has read bytes of it, could write, and was never told that there is no room. */
static bool keeps(const struct peer *p) {
    bool open = p->state == ACCEPTED && !p->rst && !p->server_fin && p->server_closing == CLOSE_ENDS;
    return open && !story.stopping && p->echoed < p->read && p->out.used == 0 && !p->nospace;
}

/* Neither the server's buffers nor the kernel's keep bytes until there are more. */
void rule_sleeps(void) {
    const char *call;
    int fd = story.judged.on_exec ? world_inherited(&call) : -1;
    if (fd >= 0) world_fail(&inherited, "descriptor %d, made by %s, is not FD_CLOEXEC", fd, call);
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) {
        if (keeps(c->peer) && cut_short(c->peer)) fail_left_over(c->peer);
        if (keeps(c->peer))
            world_fail(&keeps_waiting, "the server sleeps, having read %lu byte%s of client %d and written %lu back",
                       (ul)c->peer->read, c->peer->read == 1 ? "" : "s", c->peer->number, (ul)c->peer->echoed);
        if (c->peer->held_back > 0)
            world_fail(&held_back,
                       "the server sleeps, and the kernel holds %zu byte%s for client %d back, waiting for more",
                       c->peer->held_back, c->peer->held_back == 1 ? "" : "s", c->peer->number);
    }
}

static const char *stop_said(void) {
    if (interface.stop) return interface.stop;
    return story.hung_up ? "the other end of stop_fd was closed" : "stop_fd is readable";
}

void rule_stuck(void) {
    if (story.stopping && story.judged.after_stop)
        world_fail(&deaf, "%s, and the server goes on sleeping", stop_said());
    if (story.stopping) world_leave();
    for (int i = 0; i < story.count; i++)
        if (world_now_ms() < story.clients[i].away_until_ms) return;
    for (int i = 0; i < story.count; i++) judge_client(&story.clients[i]);
}

void rule_stops_soon(void) {
    if (story.stopping && story.judged.after_stop && world_calls > story.stopped_at + STOP_CALLS)
        world_fail(&deaf, "%s, and after %d more system calls the server still serves clients", stop_said(),
                   STOP_CALLS);
    if (!story.stopping || world_calls_in_vain() <= VAIN_CALLS) return;
    if (story.judged.after_stop)
        world_fail(&deaf, "%s, and after %d system calls that moved nothing the server has not returned", stop_said(),
                   VAIN_CALLS);
    world_leave(); /* here it is not the stop that is tried */
}

/* Serving could not begin; then everything is given back all the same. */
static bool could_not_begin(int result) {
    bool no_memory = result == -ENOMEM && world_refused_memory > 0 && !story.clients[0].peer->file;
    bool refused = beginning_failed() && result == -story.begin_error;
    return no_memory || refused;
}

static void judge_answer(int result) {
    if (beginning_failed() && result < 0) {
        const char *name = strerrorname_np(-result);
        world_fail(&not_begun, "echo_serve -> -%s, though the call that failed at its beginning set errno to %s",
                   name ? name : "?", strerrorname_np(story.begin_error));
    }
    if (result < 0 || !story.stopping) {
        const char *name = result < 0 ? strerrorname_np(-result) : NULL;
        world_fail(&returned, "%s -> %s%s%s", story.listen_fd < 0 ? "echo_listen" : "echo_serve",
                   name         ? "-"
                   : result < 0 ? "?"
                                : "0",
                   name ? name : "",
                   story.stopping   ? ""
                   : interface.stop ? ", and nobody has asked for the stop"
                                    : ", and stop_fd is not readable");
    }
}

void rule_returned(int result) {
    bool begun = !could_not_begin(result);
    if (begun) judge_answer(result);
    if (begun && !story.judged.after_stop) return;
    int left = world_open_descriptors() - 1; /* the listener is one */
    if (left > 0)
        world_fail(&left_open, "%d descriptor%s still open after echo_serve", left, left == 1 ? " is" : "s are");
    world_check_memory();
}
