/* SPDX-License-Identifier: MIT */
/* sim_rules.c -- what must hold, whatever the clients do. */
#include "sim.h"

#include <errno.h>
#include <string.h>

enum {
    HELD_MAX = 64 * 1024,
    TURN_BYTES = 256 * 1024,
    TURN_CALLS = 64,
    CHUNK = 64 * 1024,
    ACCEPT_MS = 250,
    SLACK_MS = 10,
    STOP_CALLS = 10000, /* far more than a turn of everybody takes */
    VAIN_CALLS = 200    /* fewer than the kernel takes for spinning */
};

typedef unsigned long ul;

static const struct world_rule differs = {"bytes", "every byte back, in order",
                                          "what happens to the rest of a write that came back short?"};
static const struct world_rule unread = {
    "unread", "reading goes on until there is nothing left to read",
    "the edge that told of these bytes is used up: on which path did the server leave them?"};
static const struct world_rule low_water = {"low_water", "bytes come back without waiting for more of the client's",
                                            "SO_RCVLOWAT: who is told of bytes that are fewer?"};
static const struct world_rule keeps_waiting = {
    "keeps_waiting", "bytes come back as soon as the server has read them",
    "what is done between a read and its write, and what does the server wait for meanwhile?"};
static const struct world_rule held_back = {
    "held_back", "bytes come back as soon as the server has read them",
    "MSG_MORE, SPLICE_F_MORE and TCP_CORK ask the kernel to wait for more: what tells it that there is no more?"};
static const struct world_rule owed = {"owed", "what was read is written back as soon as there is room",
                                       "who wakes the server when the send buffer has room again?"};
static const struct world_rule waits = {"queue", "every client that connects is accepted",
                                        "one edge may stand for several connections: until when is accept called?"};
static const struct world_rule not_closed = {"not_closed",
                                             "a connection that has ended is closed, once its bytes are out",
                                             "which answer of read means the end, and is it asked for?"};
static const struct world_rule cut = {"cut", "a connection is closed when the client has ended and has got everything",
                                      "why was this connection closed?"};
static const struct world_rule too_much = {"held", "at most 64 KiB of a connection's bytes in user space",
                                           "who should learn to wait when a client does not read?"};
static const struct world_rule starved = {"turns", "at most 256 KiB or 64 calls before the others get their turn",
                                          "what ends the loop when the client sends without pause?"};
static const struct world_rule passed_over = {"passed_over",
                                              "between two turns of a connection, one of each other that is ready",
                                              "who is next: in which order do those go on who were cut short, and when "
                                              "is the listener looked at?"};
static const struct world_rule level = {"edges", "EPOLLET on every connection",
                                        "epoll_ctl: which events are asked for?"};
static const struct world_rule returned = {"returned", "echo_serve returns when stop_fd is readable, and answers 0",
                                           "which error was taken for the end?"};
static const struct world_rule not_begun = {"not_begun", "-errno of the call that failed",
                                            "what does errno hold when it is looked at?"};
static const struct world_rule deaf = {"deaf",
                                       "echo_serve returns when stop_fd is readable, or its other end is closed",
                                       "is stop_fd watched all the time, and which of its events mean the stop?"};
static const struct world_rule left_open = {"left_open", "every descriptor opened since the call is closed",
                                            "what was opened, and where is it closed after the stop?"};
static const struct world_rule late = {"late", "accepted within 250 ms once a descriptor is free",
                                       "no event tells that a descriptor is free: what else could?"};

static struct client *client_of(const struct peer *p) {
    return &story.clients[p->number - 1];
}

bool client_content(const struct client *c) {
    const struct peer *p = c->peer;
    if (c->let_go || p->state == UNBORN) return c->let_go;
    if (c->resets) return (p->rst || p->fin) && p->state == CLOSED;
    if (c->never_reads) return p->state == ACCEPTED;
    if (p->received < c->wants) return false;
    return !c->ends || (p->fin && p->state == CLOSED);
}

void rule_wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    /* Not `read`: bytes may be looked at, sent, and only then taken out. */
    if (p->echoed + size > p->sent)
        world_fail(&differs, "client %d is sent %lu bytes, and has itself sent %lu", p->number, (ul)(p->echoed + size),
                   (ul)p->sent);
    for (size_t done = 0, run; done < size; done += run) {
        const unsigned char *right = stream_at(p->number, p->echoed + done, &run);
        if (run > size - done) run = size - done;
        if (memcmp(bytes + done, right, run) == 0) continue;
        size_t at = 0;
        while (bytes[done + at] == right[at]) at++;
        world_fail(&differs, "the echo to client %d differs at byte %lu: bytes are lost, repeated or another's",
                   p->number, (ul)(p->echoed + done + at));
    }
}

/* A run is what happens on one connection between two events for others. */
static struct {
    struct peer *peer;
    uint64_t bytes, calls, since;
} run;

static bool others_ready(const struct peer *p) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer != p && c->peer->state == ACCEPTED && c->peer->ready_since && c->peer->ready_since <= run.since)
            return true;
    return false;
}

/* Some leave is given: a read may go past the limit by what it brings. */
static void judge_turn(struct peer *p, size_t size, bool in) {
    if (p != run.peer) run.peer = p, run.bytes = run.calls = 0, run.since = world_calls;
    if (!p) return;
    run.calls++, run.bytes += in ? size : 0;
    if (run.calls > TURN_CALLS + 4 && run.bytes > TURN_BYTES + CHUNK && others_ready(p))
        world_fail(&starved, "%lu KiB in %lu calls on the connection of client %d, while another waits to be read",
                   (ul)(run.bytes >> 10), (ul)run.calls, p->number);
}

/* Could the server do something for it at once? */
static bool servable(const struct peer *p) {
    return p->state == QUEUED || (p->state == ACCEPTED && p->ready_since && !p->nospace);
}

/* Between two turns of a client's each of the others has one, at most. */
static void judge_turns(const struct peer *served, size_t size) {
    const uint64_t turns = (uint64_t)story.count + 1;
    for (struct client *c = story.clients; c < story.clients + story.count; c++) {
        if (c->peer == served || c->passed.as != c->peer->state || !servable(c->peer))
            c->passed.as = c->peer->state, c->passed.bytes = c->passed.calls = 0;
        c->passed.bytes += size, c->passed.calls++;
        if (c->passed.bytes <= turns * (TURN_BYTES + CHUNK) || c->passed.calls <= turns * (TURN_CALLS + 4)) continue;
        world_fail(&passed_over, "%lu KiB in %lu calls on the connections of others, while client %d waits to be %s",
                   (ul)(c->passed.bytes >> 10), (ul)c->passed.calls, c->peer->number,
                   c->peer->state == QUEUED ? "accepted" : "read");
    }
}

void rule_moved(struct peer *p, size_t size, bool in) {
    if (story.judged.turns) judge_turn(p, size, in);
    if (story.judged.turns && p) judge_turns(p, in ? size : 0);
    if (!p) return;
    if (p->user_in > p->user_out + HELD_MAX)
        world_fail(&too_much, "%lu bytes of client %d are held by the server: read, and not yet written",
                   (ul)(p->user_in - p->user_out), p->number);
    if (story.judged.edges && !p->edge_triggered)
        world_fail(&level, "the connection of client %d is watched without EPOLLET", p->number);
}

static bool excused(void) {
    if (story.excused >= world_refused_memory) return false;
    story.excused++;
    return true;
}

/* Whoever asked in vain meanwhile has all the time again. */
static void client_still_waits(void *head) {
    struct peer *p = head;
    if (p->state != QUEUED || p->rst || world_faults.descriptors == 0 || story.stopping) return;
    if (world_now_ms() < world_accept_refused_ms + ACCEPT_MS)
        world_in_ms(ACCEPT_MS + SLACK_MS, client_still_waits, p);
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

void rule_closing(int fd, struct peer *p) {
    if (world_faults.descriptors == 0) rule_accepts_soon();
    if (!p || story.stopping || p->rst || beginning_failed()) return;
    if (p->server_closing == CLOSE_RESETS)
        world_fail(&cut,
                   "close(%d), with SO_LINGER at 0 seconds: client %d gets a reset, and not the end of the stream", fd,
                   p->number);
    if (p->fin && p->in.used == 0 && p->echoed == p->read) return;
    if (excused()) {
        client_of(p)->let_go = true;
        return;
    }
    if (p->echoed < p->read)
        world_fail(&cut, "close(%d): client %d has sent %lu bytes; %lu were read and %lu written back", fd, p->number,
                   (ul)p->sent, (ul)p->read, (ul)p->echoed);
    if (p->in.used > 0)
        world_fail(&cut, "close(%d): %zu bytes of client %d were never read", fd, p->in.used, p->number);
    world_fail(&cut, "close(%d): client %d is connected, and has not ended", fd, p->number);
}

static void judge_client(struct client *c) {
    struct peer *p = c->peer;
    if (client_content(c) || p->state == UNBORN) return;
    if (p->state == QUEUED && world_faults.descriptors > 0)
        world_fail(&waits, "client %d waits in the accept queue, and nothing will wake the server", p->number);
    if (p->state != ACCEPTED) return;
    if (p->rst)
        world_fail(&not_closed, "client %d has reset its connection, and descriptor %d was never closed", p->number,
                   p->fd);
    if (p->echoed < p->read && p->in.used == 0)
        world_fail(
            &owed,
            "%lu of %lu bytes of client %d were written back, there is room for more, and nothing will wake the server",
            (ul)p->echoed, (ul)p->read, p->number);
    if (p->in.used > 0 && p->in.used < p->low_water)
        world_fail(&low_water, "%zu byte%s of client %d stay unread: SO_RCVLOWAT is %zu, and no event tells of fewer",
                   p->in.used, p->in.used == 1 ? "" : "s", p->number, p->low_water);
    if (p->in.used > 0)
        world_fail(&unread, "%zu bytes of client %d sit unread, and nothing will wake the server", p->in.used,
                   p->number);
    if (p->fin)
        world_fail(&not_closed, "client %d has half-closed and got everything, and descriptor %d was never closed",
                   p->number, p->fd);
    world_fail(&owed, "client %d has got %lu of %lu bytes, and nothing will wake the server", p->number,
               (ul)p->received, (ul)c->wants);
}

/* Has read, could write, and was never told that there is no room. */
static bool keeps(const struct peer *p) {
    bool open = p->state == ACCEPTED && !p->rst && !p->server_fin && p->server_closing == CLOSE_ENDS;
    return open && !story.stopping && p->echoed < p->read && p->out.used == 0 && !p->nospace;
}

/* Neither the server's buffers nor the kernel's keep bytes until there are more. */
void rule_sleeps(void) {
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) {
        if (keeps(c->peer))
            world_fail(&keeps_waiting, "the server sleeps with %lu byte%s that client %d has sent, and could send back",
                       (ul)(c->peer->read - c->peer->echoed), c->peer->read - c->peer->echoed == 1 ? "" : "s",
                       c->peer->number);
        if (c->peer->held_back > 0)
            world_fail(&held_back,
                       "the server sleeps, and the kernel holds %zu byte%s for client %d back, waiting for more",
                       c->peer->held_back, c->peer->held_back == 1 ? "" : "s", c->peer->number);
    }
}

static const char *stop_said(void) {
    return story.hung_up ? "the other end of stop_fd was closed" : "stop_fd is readable";
}

void rule_stuck(void) {
    if (story.stopping && story.judged.after_stop) world_fail(&deaf, "%s, and the server sleeps on", stop_said());
    if (story.stopping) world_leave();
    for (int i = 0; i < story.count; i++)
        if (world_now_ms() < story.clients[i].away_until_ms) return;
    for (int i = 0; i < story.count; i++) judge_client(&story.clients[i]);
}

void rule_stops_soon(void) {
    if (story.stopping && story.judged.after_stop && world_calls > story.stopped_at + STOP_CALLS)
        world_fail(&deaf, "%s %d system calls ago, and clients are served on", stop_said(), STOP_CALLS);
    if (story.stopping && story.judged.after_stop && world_calls_in_vain() > VAIN_CALLS)
        world_fail(&deaf, "%s, and after %d system calls that moved nothing the server has not returned", stop_said(),
                   VAIN_CALLS);
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
        world_fail(&not_begun, "echo_serve -> -%s, after -%s of a call that it begins with", name ? name : "?",
                   strerrorname_np(story.begin_error));
    }
    if (result < 0 || !story.stopping) {
        const char *name = result < 0 ? strerrorname_np(-result) : NULL;
        world_fail(&returned, "%s -> %s%s%s", story.listen_fd < 0 ? "echo_listen" : "echo_serve",
                   name         ? "-"
                   : result < 0 ? "?"
                                : "0",
                   name ? name : "", story.stopping ? "" : ", and stop_fd is not readable");
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
