/* SPDX-License-Identifier: MIT */
/* sim_handler.c -- the handler: slow in virtual time, and its answers' memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { POISON = 0xee };

static const struct world_rule handed_over = {"handed_over", "each request handed over once, whole, on a worker",
                                              "what does a request need before a worker may have it?"};

unsigned char answer_byte(const struct request *r, size_t at) {
    return (unsigned char)('A' + (at * 7 + (size_t)r->number * 3 + (size_t)r->client) % 26);
}

static struct request *request_of(const struct http_request *request) {
    int client, number, used = 0;
    if (sscanf(request->target, "/%d/%d%n", &client, &number, &used) == 2 && !request->target[used])
        if (client >= 1 && client <= story.count && number >= 0 && number < story.clients[client - 1].count)
            return &story.clients[client - 1].requests[number];
    world_fail(&handed_over, "the handler got the target '%.60s', which no client has asked for", request->target);
}

static struct request *by_answer(const void *body) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        for (struct request *r = c->requests; r < c->requests + c->count; r++)
            if (r->answer == body) return r;
    return NULL;
}

static void release(void *body) {
    struct request *r = by_answer(body);
    if (!r) world_fail(&released_once, "release() was called with a pointer that is no answer's body");
    if (r->released++)
        world_fail(&released_once, "the body of request %d of client %d is released twice", r->number + 1, r->client);
    if (!r->returned) world_fail(&released_once, "a body is released before its handler has returned");
    memset(r->answer, POISON, r->answer_size + 1);
}

static bool over(const void *about) {
    const struct request *r = about;
    return !r->held && world_now_ms() >= r->until_ms;
}

static void ring(void *request) {
    (void)request;
    world_progress();
}

static void judge_request(const struct request *r, const struct http_request *request) {
    const struct client *c = &story.clients[r->client - 1];
    if (world_thread() == 0)
        world_fail(&loop_waits, "the handler of client %d's request %d runs on the loop's thread", r->client,
                   r->number + 1);
    if (r->begun) world_fail(&handed_over, "request %d of client %d was handed over twice", r->number + 1, r->client);
    if (r->bad || !r->complete_ms)
        world_fail(&handed_over, "request %d of client %d was handed over%s", r->number + 1, r->client,
                   r->bad ? ", which is malformed" : " before the server had read all of it");
    if (story.stopping && story.waits > 1 && c->read_after_stop < r->ends)
        world_fail(&stop_rule, "request %d of client %d was begun, and its last bytes were read after the stop",
                   r->number + 1, r->client);
    if (strcmp(request->method, r->is_post ? "POST" : "GET") != 0)
        world_fail(&handed_over, "the handler got the method '%.20s'", request->method);
}

static void answer(struct request *r, struct http_response *response) {
    if (response->status != 200 || response->body || response->body_size || response->release)
        world_fail(&handed_over, "the response is not as new when its handler begins");
    r->answer = malloc(r->answer_size + 1);
    if (!r->answer) abort();
    for (size_t i = 0; i < r->answer_size; i++) r->answer[i] = answer_byte(r, i);
    response->body = r->answer, response->body_size = r->answer_size, response->release = release;
}

void handler(const struct http_request *request, struct http_response *response, void *world) {
    struct request *r = request_of(request);
    if (world != &story) world_fail(&handed_over, "the handler did not get http_serve's `world`");
    judge_request(r, request);
    r->begun = true;
    story.running++;
    world_tell(0, "(worker %d: the handler of client %d's request %d begins)", world_thread(), r->client,
               r->number + 1);
    world_progress();
    r->until_ms = world_now_ms() + r->ms;
    if (r->ms) world_in_ms(r->ms, ring, r);
    if (r->ms || r->held) world_thread_waits(over, r);
    answer(r, response);
    r->returned = true;
    story.running--;
    world_tell(0, "(worker %d: it ends)", world_thread());
}

int handlers_held(void) {
    int count = 0;
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        for (struct request *r = c->requests; r < c->requests + c->count; r++)
            count += r->held && r->begun && !r->returned;
    return count;
}

static void let_go(void *nothing) {
    int held = handlers_held();
    (void)nothing;
    story.letting_go = false;
    rule_workers();
    int which = (int)world_choose((unsigned)held);
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        for (struct request *r = c->requests; r < c->requests + c->count; r++)
            if (r->held && r->begun && !r->returned && which-- == 0) r->held = false;
    world_progress();
}

void handler_let_go(void) {
    if (handlers_held() == 0 || story.letting_go) return;
    story.letting_go = true;
    world_in_ms(SLACK_MS + 1, let_go, NULL);
}
