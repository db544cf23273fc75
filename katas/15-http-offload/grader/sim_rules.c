/* SPDX-License-Identifier: MIT */
/* sim_rules.c -- when a connection may end, what the loop may wait for, and what is left at the end. */
#include <errno.h>
#include <string.h>

#include "sim.h"

const struct world_rule loop_waits = {"loop_waits", "the loop waits for events alone, and a handler runs on a worker",
                                      "what does the loop hold or wait for while a handler runs?"};
const struct world_rule released_once = {"released_once",
                                         "release() exactly once for each body, when nobody needs it any more",
                                         "who owns the body when its client is gone, or its answer was sent?"};
const struct world_rule times = {"times", "a slow or silent client is ended when its time is over, and not before",
                                 "which moment does the time begin at, and what wakes the loop at its end?"};
const struct world_rule stop_rule = {"stop",
                                     "at the stop, what was read is answered, nothing is begun, all is given back",
                                     "what does the loop still wait for, once stop_fd is readable?"};
const struct world_rule harm = {"harm", "a connection ends only for a reason of its own",
                                "which condition leads to this close, and is it about this very connection?"};
static const struct world_rule unanswered = {
    "unanswered", "every request that was sent is answered",
    "where does the server sleep, and which event could still tell it of this?"};
static const struct world_rule lingers = {"lingers",
                                          "after the last answer the client ends first, or idle_timeout_ms goes by",
                                          "what does a close do to bytes that were not read?"};
static const struct world_rule under_way = {"under_way", "at most 64 requests of a connection under way",
                                            "what keeps a client from having the server work for it without reading?"};
static const struct world_rule several = {
    "several", "as many handlers at once as there are workers",
    "what keeps a worker from its next request while another one runs a handler?"};
static const struct world_rule on_exec = {"on_exec", "descriptors that are closed on exec",
                                          "which flag, of which call?"};

/* The first wait after stop_fd became readable tells of it, in any place among its events: what these bring may be
 * begun, and nothing that is read after the second. */
static void note_wait(void) {
    memory_turn();
    if (!story.stopping || ++story.waits > 2) return;
    for (struct client *c = story.clients; c < story.clients + story.count; c++) c->read_after_stop = c->peer->read;
}

void rule_moved(struct peer *p, size_t size, bool in) {
    if (!p) note_wait();
    if (!p) return;
    struct client *c = &story.clients[p->number - 1];
    if (size > 0) c->moved_ms = world_now_ms(), c->moved_turn = story.turns;
    if (!in) return;
    int open = 0;
    for (struct request *r = c->requests; r < c->requests + c->count; r++) {
        if (!r->read_began_ms && p->read > r->begins) r->read_began_ms = world_now_ms();
        if (!r->complete_ms && p->read >= r->ends) r->complete_ms = world_now_ms();
        if (p->read >= r->body_begins && p->read - size < r->body_begins) r->head_came_with = p->read - r->body_begins;
        open += r->begun && !r->status;
    }
    if (open > 64)
        world_fail_at(c->peer->number, &under_way,
                      "%d requests of client %d were handed over, and not one of them is answered wholly", open,
                      p->number);
}

/* The one of which the server has read a part. */
static const struct request *half_read(const struct client *c) {
    for (const struct request *r = c->requests; r < c->requests + c->count; r++)
        if (r->read_began_ms && !r->complete_ms) return r;
    return NULL;
}

/* Requests that were read and are not answered. */
int owed(const struct client *c) {
    int count = 0;
    for (const struct request *r = c->requests; r < c->requests + c->count && !c->ended_by_server; r++)
        count += r->complete_ms && !r->status;
    return count;
}

static bool is_full(const struct client *c) {
    return c->in_body || c->peer->nospace;
}

static uint64_t since(uint64_t ms) {
    return world_now_ms() - ms;
}

static bool idle_is_over(const struct client *c) {
    bool nothing = owed(c) == 0 && !half_read(c), full = owed(c) > 0 && is_full(c);
    return (nothing || full) && since(c->moved_ms) + EARLY_MS >= story.limits.idle_timeout_ms;
}

/* Closed for no reason of the client's or the clock's: for want of memory, or wrongly. */
static bool excused(struct client *c) {
    return c->let_go = memory_excuses(c);
}

static void judge_last(struct client *c) {
    if (c->peer->fin || since(c->last_ms) + EARLY_MS >= story.limits.idle_timeout_ms || excused(c)) return;
    world_fail_at(c->peer->number, &lingers,
                  "the connection is closed %lu ms after its last answer, and client %d has not ended its side",
                  (unsigned long)since(c->last_ms), c->peer->number);
}

static void judge_answered(struct client *c, size_t read) {
    for (const struct request *r = c->requests; r < c->requests + c->count; r++) {
        if (r->ends > read) break;
        if (!r->status && (idle_is_over(c) || excused(c))) return;
        if (!r->status)
            world_fail_at(r->client, story.stopping ? &stop_rule : &unanswered,
                          "client %d's connection is closed, and its request %d is not answered%s", r->client,
                          r->number + 1, c->in_body ? " wholly" : "");
        if (r->bad || r->closes) break;
    }
}

static void judge_reason(struct client *c) {
    const char *what = half_read(c) ? "in the middle of a request"
                       : owed(c)    ? "while an answer is due"
                                    : "while it is quiet";
    if (excused(c)) return;
    if (story.may_lack_memory)
        world_fail_at(c->peer->number, &costs_one, "client %d's connection is closed %s; %s", c->peer->number, what,
                      memory_told());
    world_fail_at(c->peer->number, half_read(c) ? &harm : &times,
                  "client %d's connection is closed %s, %lu ms after its last byte", c->peer->number, what,
                  (unsigned long)since(c->moved_ms));
}

void rule_closing(int fd, struct peer *p) {
    if (!p) return;
    struct client *c = &story.clients[p->number - 1];
    (void)fd;
    if (p->rst || p->state != ACCEPTED) return;
    if (idle_is_over(c))
        c->let_go = true;
    else if (story.stopping)
        judge_answered(c, c->read_at_stop);
    else if (c->ended_by_server)
        judge_last(c);
    else if (p->fin && !story.may_lack_memory) /* where memory lacks, clients end after the server alone */
        judge_answered(c, p->sent);
    else
        judge_reason(c);
}

static void judge_lateness(const struct client *c) {
    const struct request *r = half_read(c);
    const struct http_limits *l = &story.limits;
    int number = c->peer->number;
    if (c->peer->state != ACCEPTED || client_gone(c) || c->peer->fin) return;
    if (c->ended_by_server && since(c->last_ms) > l->idle_timeout_ms + SLACK_MS)
        world_fail_at(number, &times,
                      "client %d has had its last answer for %lu ms, and its connection is open; idle_timeout_ms is %u",
                      number, (unsigned long)since(c->last_ms), l->idle_timeout_ms);
    if (c->ended_by_server) return;
    if (r && since(r->read_began_ms) > l->request_timeout_ms + SLACK_MS && owed(c) == 0 && !c->peer->nospace)
        world_fail_at(number, &times,
                      "no 408 %lu ms after the first byte of a request that is not complete; request_timeout_ms is %u",
                      (unsigned long)since(r->read_began_ms), l->request_timeout_ms);
    /* At the stop it may begin anew. */
    uint64_t quiet_ms = since(story.stopping && story.stopped_ms > c->moved_ms ? story.stopped_ms : c->moved_ms);
    if (!r && (owed(c) == 0 || c->peer->nospace) && quiet_ms > l->idle_timeout_ms + SLACK_MS)
        world_fail_at(
            number, &times,
            "client %d is still connected %lu ms after the last byte in either direction; idle_timeout_ms is %u",
            number, (unsigned long)since(c->moved_ms), l->idle_timeout_ms);
}

void rule_workers(void) {
    if (story.stopping || story.may_lack_memory || (size_t)story.running >= story.limits.workers) return;
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) {
        const struct request *r = &c->requests[c->answered];
        bool begun = r->begun || r->bad || c->ended_by_server || is_full(c) || c->head_size > 0;
        if (c->answered == c->count || client_gone(c) || begun || !r->complete_ms) continue;
        if (since(r->complete_ms) > SLACK_MS)
            world_fail_at(r->client, &several,
                          "request %d of client %d was read %lu ms ago and no handler has begun; %d run on %zu workers",
                          r->number + 1, r->client, (unsigned long)since(r->complete_ms), story.running,
                          story.limits.workers);
    }
}

static void judge_loop(void) {
    const char *call = world_waits_in();
    bool anybody = !story.stopping && world_queued() > 0;
    for (const struct client *c = story.clients; c < story.clients + story.count; c++)
        anybody |= c->peer->state == ACCEPTED;
    if (call && story.running > 0 && anybody)
        world_fail(&loop_waits, "the loop waits in %s while %d handler%s", call, story.running,
                   story.running == 1 ? " runs" : "s run");
}

void rule_sleeps(void) {
    const char *call;
    judge_loop();
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) judge_lateness(c);
    if (world_inherited(&call) >= 0)
        world_fail(&on_exec, "a descriptor of %s is inherited by programs that the process starts", call);
    if (story.listener_waits && world_queued() > 0 && since(story.opened_ms) > SLACK_MS)
        world_fail(&unanswered, "a client waits to be accepted, %lu ms after descriptors became free",
                   (unsigned long)since(story.opened_ms));
}

void rule_stuck(void) {
    for (const struct client *c = story.clients; c < story.clients + story.count; c++) {
        int number = c->peer->number;
        if (client_content(c)) continue;
        if (c->peer->state == QUEUED)
            world_fail_at(number, &unanswered, "client %d waits to be accepted, and the server sleeps", number);
        if (c->ended_by_server && !c->peer->server_fin && c->peer->state != CLOSED)
            world_fail_at(number, &lingers, "client %d has its last answer, and the server does not end its side",
                          number);
        if (c->peer->sent > c->peer->read)
            world_fail_at(number, &unanswered, "the server sleeps, and %lu bytes of client %d are not read",
                          (unsigned long)(c->peer->sent - c->peer->read), number);
        const struct request *r = &c->requests[c->answered];
        if (c->answered < c->count)
            world_fail_at(number, &unanswered, "the server sleeps, and request %d of client %d is not answered%s",
                          r->number + 1, number,
                          r->returned               ? ", whose handler has returned"
                          : r->waits && !r->invited ? ", whose client waits for 100 Continue"
                                                    : "");
        world_fail_at(number, &unanswered, "the server sleeps, and client %d's connection is not ended", number);
    }
    world_fail(&stop_rule,
               story.stopping ? "the server sleeps, and http_serve does not return" : "the server sleeps for ever");
}

static void judge_bodies(void) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        for (struct request *r = c->requests; r < c->requests + c->count; r++) {
            if (r->begun && !r->returned)
                world_fail(&stop_rule, "http_serve returned while the handler of client %d's request %d runs",
                           r->client, r->number + 1);
            if (r->returned && r->released == 0)
                world_fail(&released_once, "the body of the answer to client %d's request %d was never released",
                           r->client, r->number + 1);
        }
}

static bool anybody_served(void) {
    for (const struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer->state == ACCEPTED || c->peer->state == CLOSED) return true;
    return false;
}

void rule_returned(int answer) {
    if (world_faults.failing_call) story.error_due = 0; /* this server does not make that call */
    bool could_not_begin = story.may_lack_memory && world_refused_memory > 0 && answer == -ENOMEM && !anybody_served();
    if (!could_not_begin && answer != -story.error_due)
        world_fail(&stop_rule, "http_serve answered %d; %d is due", answer, -story.error_due);
    if (!story.stopping && !story.error_due && !could_not_begin)
        world_fail(&stop_rule, "http_serve returned, and nobody has stopped it");
    if (world_threads_alive() > 0)
        world_fail(&stop_rule, "%d threads run on when http_serve has returned", world_threads_alive());
    judge_bodies();
    int left = world_open_descriptors() - story.descriptors;
    if (left != 0)
        world_fail(&stop_rule, "%d descriptor%s left open when http_serve has returned", left,
                   left == 1 ? " is" : "s are");
    world_check_memory();
}
