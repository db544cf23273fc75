/* SPDX-License-Identifier: MIT */
/* sim_requests.c -- requests as text, each with its number in its target. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

static void add_text(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_text(struct client *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    c->length += (size_t)vsnprintf(c->text + c->length, TEXT_MAX - c->length, format, arguments);
    va_end(arguments);
}

static struct request *begin(struct client *c) {
    struct request *r = &c->requests[c->count];
    *r = (struct request){.client = c->peer->number, .number = c->count++, .begins = c->length};
    r->answer_size = world_choose(4) ? any_size(200) - 1 : any_size(6000);
    return r;
}

static struct request *end(struct client *c, struct request *r) {
    r->ends = c->length;
    c->stops_at = c->length;
    return r;
}

static void add_body(struct client *c, size_t size) {
    for (size_t i = 0; i < size; i++) c->text[c->length++] = (char)('a' + (size_t)(c->peer->number + i) % 26);
}

struct request *add_get(struct client *c) {
    struct request *r = begin(c);
    add_text(c, "GET /%d/%d HTTP/1.1\r\nHost: sim\r\n\r\n", r->client, r->number);
    return end(c, r);
}

struct request *add_post(struct client *c, size_t body) {
    struct request *r = begin(c);
    r->is_post = true;
    add_text(c, "POST /%d/%d HTTP/1.1\r\nHost: sim\r\nContent-Length: %zu\r\n\r\n", r->client, r->number, body);
    add_body(c, body);
    return end(c, r);
}

struct request *add_chunked(struct client *c, size_t body) {
    struct request *r = begin(c);
    r->is_post = true;
    add_text(c, "POST /%d/%d HTTP/1.1\r\nHost: sim\r\nTransfer-Encoding: chunked\r\n\r\n", r->client, r->number);
    for (size_t left = body, now; left > 0; left -= now) {
        now = left < 100 ? left : 1 + world_choose(100);
        add_text(c, "%zx\r\n", now);
        add_body(c, now);
        add_text(c, "\r\n");
    }
    add_text(c, "0\r\n\r\n");
    return end(c, r);
}

struct request *add_expecting(struct client *c, size_t body) {
    struct request *r = begin(c);
    r->is_post = r->expects = true, r->waits = world_choose(3) < 2;
    add_text(c, "POST /%d/%d HTTP/1.1\r\nHost: sim\r\nExpect: 100-continue\r\nContent-Length: %zu\r\n\r\n", r->client,
             r->number, body);
    r->body_begins = c->length;
    add_body(c, body);
    return end(c, r);
}

struct request *add_bad(struct client *c) {
    struct request *r = begin(c);
    r->bad = true;
    add_text(c, "GET /%d/%d HTTP/1.1\r\nHost : sim\r\n\r\n", r->client, r->number);
    return end(c, r);
}

struct request *add_closing(struct client *c) {
    struct request *r = begin(c);
    r->closes = true;
    add_text(c, "GET /%d/%d HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n", r->client, r->number);
    return end(c, r);
}
