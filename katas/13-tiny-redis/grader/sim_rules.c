/* SPDX-License-Identifier: MIT */
/* sim_rules.c -- what must hold, whatever the clients do. */
#include "sim.h"

#include <errno.h>
#include <string.h>

enum {
    ACCEPT_MS = 250,
    SLACK_MS = 10,
    VAIN_CALLS = 200,
    STOP_CALLS = 10000,
    TURN_BYTES = 256 * 1024,
    CHUNK = 64 * 1024,
    AHEAD_MAX = 1024 * 1024 + 2 * CHUNK,
    HELD_MAX = 6 * 1024 * 1024 /* 1 MiB owed in a buffer twice as large, 1 MiB ahead, and the keys of the life */
};
static const char OOM[] = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

typedef unsigned long ul;

static const struct world_rule unlike = {
    "answers", "each request's answer, in the order of the requests",
    "which bytes of the request had arrived when it was parsed, and which request is this the answer to?"};
static const struct world_rule unasked = {"unasked", "no answer before its request has arrived whole",
                                          "when does the parser know that a request is whole?"};
static const struct world_rule owed = {
    "owed", "every request that has arrived whole is answered",
    "which event leads to this request, and what happens to an answer that did not fit?"};
static const struct world_rule unread = {"unread", "the server reads on", "which event tells of these bytes?"};
static const struct world_rule waits = {"queue", "every client that connects is accepted",
                                        "after which errors of accept does the loop end, and when is it called again?"};
static const struct world_rule late = {"late", "accepted within 250 ms once a descriptor is free",
                                       "no event tells that a descriptor is free: what else could?"};
static const struct world_rule not_closed = {"not_closed", "a connection that is over is closed",
                                             "which answer of read means the end, and is there a read that gets it?"};
static const struct world_rule cut = {"cut", "a connection is closed when its end has come, and all is answered",
                                      "which condition led to this close?"};
static const struct world_rule held = {
    "held", "one who is owed more than 1 MiB is read no further, and its requests are put off",
    "how much is owed when the next request of a pipeline is answered?"};
static const struct world_rule starved = {"turns", "at most 256 KiB before the others get their turn",
                                          "what ends the loop when a client sends without pause?"};
static const struct world_rule busy = {"busy", "at most 400 system calls a second while there is nothing to do",
                                       "what decides how long epoll_wait waits?"};
static const struct world_rule inherited = {"inherited", "FD_CLOEXEC on every descriptor that the server makes",
                                            "which flag of the call that made it sets FD_CLOEXEC?"};
static const struct world_rule returned = {"returned", "redis_serve returns when stop_fd is readable, and answers 0",
                                           "which error was taken for one that ends the server?"};
static const struct world_rule deaf = {"deaf",
                                       "redis_serve returns when stop_fd is readable, or its other end is closed",
                                       "is stop_fd watched all the time, and which of its events mean the stop?"};
static const struct world_rule left_open = {"left_open", "every descriptor opened since the call is closed",
                                            "which descriptors were opened, and where is each closed after the stop?"};

static struct client *client_of(const struct peer *p) {
    return &story.clients[p->number - 1];
}

/* What ends a connection may be known for that before its last byte. */
static bool is_last(const struct client *c, size_t request) {
    return c->quits && request + 1 == c->count;
}

/* Whole requests that the server has read. */
static size_t whole(const struct client *c) {
    size_t n = c->done;
    while (n < c->count && c->requests[n].asked <= c->peer->read) n++;
    return n;
}

static size_t answer_begins(const struct client *c, size_t request) {
    return request ? c->requests[request - 1].answered : 0;
}

static void begin_answer(struct client *c, char first) {
    if (c->done == c->count || (c->requests[c->done].asked > c->peer->read && !is_last(c, c->done)))
        world_fail(&unasked,
                   "client %d gets an answer, and %lu of its %lu requests have arrived whole, all of them answered",
                   c->peer->number, (ul)c->done, (ul)c->count);
    size_t from = answer_begins(c, c->done);
    c->due = c->answers + from, c->due_left = c->requests[c->done].answered - from;
    if (story.memory && world_refused_memory > 0 && first == '-' && *c->due != '-')
        c->due = OOM, c->due_left = sizeof OOM - 1;
}

void rule_wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    struct client *c = client_of(p);
    for (size_t at = 0; at < size;) {
        if (!c->due) begin_answer(c, (char)bytes[at]);
        size_t same = size - at < c->due_left ? size - at : c->due_left;
        if (memcmp(bytes + at, c->due, same) != 0) {
            while (*c->due == (char)bytes[at]) c->due++, at++;
            world_fail(&unlike, "client %d, answer %lu: byte %d (0x%02x), where 0x%02x is due", p->number,
                       (ul)c->done + 1, bytes[at], bytes[at], (unsigned char)*c->due);
        }
        c->due += same, c->due_left -= same, at += same;
        if (c->due_left == 0) c->due = NULL, c->done++;
    }
    c->answered = p->echoed + size;
}

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

void rule_moved(struct peer *p, size_t size, bool in) {
    if (size > 0) story.moved_ms = world_now_ms(), story.moved_calls = world_calls;
    if (!story.turns) return;
    if (p != run.peer) run.peer = p, run.bytes = run.calls = 0, run.since = world_calls;
    if (!p) return;
    run.calls++, run.bytes += in ? size : 0;
    if (run.bytes > TURN_BYTES + CHUNK && others_ready(p))
        world_fail(&starved, "%lu KiB in %lu calls on the connection of client %d, while another waits to be read",
                   (ul)(run.bytes >> 10), (ul)run.calls, p->number);
}

void rule_on_exec_only(void) {
    story.on_exec = true;
    world_judge_only(&inherited);
}

static bool excused(void) {
    if (story.excused >= world_refused_memory) return false;
    story.excused++;
    return true;
}

static bool beginning_failed(void) {
    return story.begin_error && !world_faults.failing_call;
}

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

void rule_closing(int fd, struct peer *p) {
    if (world_faults.descriptors == 0) rule_accepts_soon();
    if (!p || story.stopping || p->rst || beginning_failed()) return;
    struct client *c = client_of(p);
    bool over = c->quits && c->done == c->count;
    bool ended = p->fin && p->in.used == 0 && c->done == whole(c) && !c->due;
    if (over || ended) return;
    if (excused()) {
        c->let_go = true;
        return;
    }
    if (world_interrupted)
        world_fail(&cut, "close(%d), the connection of client %d, after %s was interrupted", fd, p->number,
                   world_interrupted);
    world_fail(&cut, "close(%d): client %d has had %lu answers to %lu requests that arrived whole, and %s", fd,
               p->number, (ul)c->done, (ul)whole(c),
               p->fin ? "has half-closed" : "has neither ended nor reset its connection");
}

static void judge_client(struct client *c) {
    struct peer *p = c->peer;
    if (client_content(c) || p->state == UNBORN) return;
    if (p->state == QUEUED && world_faults.descriptors > 0)
        world_fail(&waits, "client %d waits in the accept queue, and no event will wake the server", p->number);
    if (p->state != ACCEPTED) return;
    if (p->rst)
        world_fail(&not_closed, "client %d has reset its connection, and descriptor %d was never closed", p->number,
                   p->fd);
    if (whole(c) > c->done || c->due)
        world_fail(&owed, "the server read %lu requests of client %d and has answered %lu, and no event will wake it",
                   (ul)whole(c), p->number, (ul)c->done);
    if (p->in.used > 0)
        world_fail(&unread, "%zu bytes of client %d have not been read, and no event will wake the server", p->in.used,
                   p->number);
    world_fail(&not_closed, "client %d is done, and descriptor %d was never closed", p->number, p->fd);
}

/* The server has read a whole request, and could answer. */
static bool keeps(const struct client *c) {
    const struct peer *p = c->peer;
    bool open = p->state == ACCEPTED && !p->rst && !p->server_fin;
    return open && !story.stopping && (whole(c) > c->done || c->due) && p->out.used == 0 && !p->nospace;
}

static void judge_bounds(const struct client *c) {
    uint64_t from = c->done ? c->requests[c->done - 1].asked : 0,
             ahead = c->peer->read > from ? c->peer->read - from : 0;
    if (c->reads_late && ahead > AHEAD_MAX)
        world_fail(&held, "client %d reads nothing, and the server has read %lu KiB of its requests ahead",
                   c->peer->number, (ul)(ahead >> 10));
    if (world_held_bytes() > HELD_MAX)
        world_fail(&held,
                   "the server sleeps with %lu KiB of memory, while client %d, who is owed answers, reads nothing",
                   (ul)(world_held_bytes() >> 10), c->peer->number);
}

void rule_sleeps(void) {
    const char *call;
    int fd = story.on_exec ? world_inherited(&call) : -1;
    if (fd >= 0) world_fail(&inherited, "descriptor %d, made by %s, is not FD_CLOEXEC", fd, call);
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) {
        if (keeps(c))
            world_fail(&owed, "the server sleeps, having read %lu requests of client %d and answered %lu", (ul)whole(c),
                       c->peer->number, (ul)c->done);
        if (c->peer->held_back > 0)
            world_fail(&owed,
                       "the server sleeps, and the kernel holds %zu bytes for client %d back (MSG_MORE, TCP_CORK)",
                       c->peer->held_back, c->peer->number);
        if (story.bounded && c->reads_late) judge_bounds(c);
    }
}

void rule_stuck(void) {
    if (story.stopping && story.ending)
        world_fail(&deaf, "%s, and the server goes on sleeping",
                   story.hung_up ? "the other end of stop_fd was closed" : "stop_fd is readable");
    if (story.stopping) world_leave();
    for (int i = 0; i < story.count; i++)
        if (world_now_ms() < story.clients[i].not_before_ms) return;
    for (int i = 0; i < story.count; i++) judge_client(&story.clients[i]);
}

void rule_step(void) {
    uint64_t quiet_ms = world_now_ms() - story.moved_ms, calls = world_calls - story.moved_calls;
    if (story.idle && quiet_ms > 500 && calls > quiet_ms * 4 / 10 + 20)
        world_fail(&busy, "%lu system calls in %lu ms without anything to do", (ul)calls, (ul)quiet_ms);
    if (!story.stopping) return;
    bool vain = world_calls_in_vain() > VAIN_CALLS, long_ago = world_calls > story.stopped_at + STOP_CALLS;
    if (story.ending && (vain || long_ago))
        world_fail(&deaf, "stop_fd is readable, and after %lu more system calls the server has not returned",
                   (ul)(world_calls - story.stopped_at));
    if (vain) world_leave();
}

static bool could_not_begin(int result) {
    bool no_memory = result == -ENOMEM && world_refused_memory > 0 && !story.clients[0].peer->file;
    return no_memory || (beginning_failed() && result == -story.begin_error);
}

void rule_returned(int result) {
    bool begun = !could_not_begin(result);
    const char *name = result < 0 ? strerrorname_np(-result) : NULL;
    if (begun && beginning_failed())
        world_fail(&returned, "redis_serve -> %d, though the call that failed at its beginning set errno to %s", result,
                   strerrorname_np(story.begin_error));
    if (begun && (result < 0 || !story.stopping))
        world_fail(&returned, "%s -> %s%s%s", story.listen_fd < 0 ? "redis_listen" : "redis_serve", name ? "-" : "",
                   name ? name : "0", story.stopping ? "" : ", and stop_fd is not readable");
    if (begun && !story.ending) return;
    int left = world_open_descriptors() - 1; /* the listener is one */
    if (left > 0) world_fail(&left_open, "%d descriptors are still open after redis_serve", left);
    world_check_memory();
}
