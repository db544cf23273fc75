/* SPDX-License-Identifier: MIT */
/* sim_answers.c -- what the server writes, read as a client reads it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim.h"

const struct world_rule in_order = {"in_order", "each connection's answers in the order of its requests, each whole",
                                    "which of a connection's requests may be answered now, and where is that known?"};
static const struct world_rule well_formed = {"well_formed",
                                              "HTTP/1.1 answers with a Content-Length and one empty line",
                                              "which bytes are behind the last answer?"};
static const struct world_rule invites = {"invites", "100 Continue where a body is due, and none of it has come",
                                          "which bytes are there already when a head is complete?"};
const struct world_rule queue_bound = {"queue_bound", "503 while queue_max requests wait, and at no other time",
                                       "what is counted when a request is handed over, and when a worker takes it?"};

/* The value of a field, or NULL. */
static const char *field(const struct client *c, const char *name) {
    const char *found = strcasestr(c->head, name);
    if (!found) return NULL;
    found += strlen(name);
    return found + strspn(found, " ");
}

static struct request *due_request(struct client *c) {
    if (c->answered == c->count)
        world_fail_at(c->peer->number, &in_order, "%d answers, and the client has sent %d requests", c->answered + 1,
                      c->count);
    return &c->requests[c->answered];
}

static void judge_full(struct client *c, const struct request *r) {
    if (!field(c, "\r\nRetry-After:")) world_fail_at(r->client, &queue_bound, "a 503 without Retry-After");
    if (memory_excuses(c)) return; /* for its answer, it may be */
    if (story.may_lack_memory)
        world_fail_at(r->client, &costs_one, "503 for request %d; %s", r->number + 1, memory_told());
    if (r->begun) world_fail_at(r->client, &in_order, "503 for request %d, which a worker has begun", r->number + 1);
    if (!story.may_be_full || (size_t)r->client <= story.limits.workers + story.limits.queue_max)
        world_fail_at(r->client, &queue_bound, "503 for request %d, with fewer than queue_max (%zu) that wait",
                      r->number + 1, story.limits.queue_max);
}

static void judge_late(const struct client *c, const struct request *r) {
    uint64_t since = r->read_began_ms;
    if (!since || r->complete_ms || world_now_ms() < since + story.limits.request_timeout_ms)
        world_fail_at(r->client, &times, "408 %lu ms after a request's first byte was read%s; request_timeout_ms is %u",
                      (unsigned long)(since ? world_now_ms() - since : 0),
                      r->complete_ms ? ", and it was complete" : "", story.limits.request_timeout_ms);
    (void)c;
}

static void judge_status(struct client *c, struct request *r) {
    int status = c->head_status;
    bool last = status >= 400 && status != 503;
    if (r->bad ? status != 400 : status == 400 || (status != 200 && status != 503 && status != 408))
        world_fail_at(r->client, &in_order, "%d for request %d, which is %s", status, r->number + 1,
                      r->bad ? "malformed" : "well-formed");
    if (status == 200 && !r->returned)
        world_fail_at(r->client, &in_order,
                      "an answer while request %d of client %d is due, whose handler has not returned", r->number + 1,
                      r->client);
    if (status == 200 && c->body_size != r->answer_size)
        world_fail_at(r->client, &in_order, "an answer of %zu bytes, where request %d's has %zu", c->body_size,
                      r->number + 1, r->answer_size);
    if (status == 503) judge_full(c, r);
    if (status == 200 && story.may_be_full && (size_t)r->client > story.limits.workers + story.limits.queue_max)
        world_fail_at(r->client, &queue_bound, "200 for a request that came while %zu were with workers and %zu waited",
                      story.limits.workers, story.limits.queue_max);
    if (status == 408) judge_late(c, r);
    bool must = last || r->closes,
         may = must || story.stopping || c->peer->fin || (status == 503 && story.may_lack_memory);
    if (c->head_closes ? !may : must)
        world_fail_at(r->client, &well_formed, "an answer %s Connection: close, and the connection %s",
                      c->head_closes ? "with" : "without", c->head_closes ? "is not to end" : "ends after it");
}

static void whole(struct client *c) {
    struct request *r = due_request(c);
    r->status = c->head_status;
    c->answered++;
    if (c->head_closes) c->ended_by_server = true, c->last_ms = world_now_ms();
    c->head_size = c->body_seen = 0, c->in_body = false;
}

static void interim(struct client *c) {
    struct request *r = due_request(c);
    if (!r->expects || r->invited) world_fail_at(r->client, &well_formed, "a 100 that no request expects now");
    if (r->head_came_with)
        world_fail_at(
            r->client, &invites,
            "a 100 for request %d, and the read that brought the end of its head brought %zu bytes of its body",
            r->number + 1, r->head_came_with);
    r->invited = true;
    c->head_size = 0;
}

static void head_is_whole(struct client *c) {
    c->head[c->head_size] = 0;
    if (memcmp(c->head, "HTTP/1.1 ", 9) != 0 || c->head_size < 15)
        world_fail_at(c->peer->number, &well_formed, "an answer that begins '%.30s'", c->head);
    c->head_status = atoi(c->head + 9);
    if (c->head_status == 100) {
        interim(c);
        return;
    }
    const char *length = field(c, "\r\nContent-Length:"), *connection = field(c, "\r\nConnection:");
    if (!length || !isdigit((unsigned char)*length))
        world_fail_at(c->peer->number, &well_formed, "an answer without Content-Length");
    c->body_size = strtoul(length, NULL, 10), c->head_closes = connection && !strncasecmp(connection, "close", 5);
    struct request *r = due_request(c);
    judge_status(c, r);
    c->in_body = true;
    if (c->body_size == 0) whole(c);
}

static void head_byte(struct client *c, unsigned char byte) {
    if (c->ended_by_server) world_fail_at(c->peer->number, &in_order, "bytes behind the last answer");
    if (c->head_size + 1 == HEAD_MAX)
        world_fail_at(c->peer->number, &well_formed, "a head of more than %d bytes", HEAD_MAX);
    c->head[c->head_size++] = (char)byte;
    if (c->head_size >= 4 && !memcmp(c->head + c->head_size - 4, "\r\n\r\n", 4)) head_is_whole(c);
}

static void body_byte(struct client *c, unsigned char byte) {
    const struct request *r = &c->requests[c->answered];
    if (c->head_status == 200 && byte != answer_byte(r, c->body_seen))
        world_fail_at(r->client, &in_order, "byte %zu of the answer to request %d is not the handler's%s", c->body_seen,
                      r->number + 1, r->released ? ": its body was released before" : "");
    if (++c->body_seen == c->body_size) whole(c);
}

void rule_wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    struct client *c = &story.clients[p->number - 1];
    for (size_t i = 0; i < size; i++) c->in_body ? body_byte(c, bytes[i]) : head_byte(c, bytes[i]);
    c->moved_ms = world_now_ms(), c->moved_turn = story.turns;
}
