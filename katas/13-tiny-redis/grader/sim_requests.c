/* SPDX-License-Identifier: MIT */
/* sim_requests.c -- what clients ask, and the answers that are due. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *more(void *old, size_t *room, size_t needed, size_t each) {
    if (needed <= *room) return old;
    *room = needed * 2;
    void *larger = realloc(old, *room * each);
    if (!larger) abort();
    return larger;
}

void ask(struct client *c, const char *request, size_t size, const char *answer, size_t answer_size) {
    c->asks = more(c->asks, &c->room, c->asks_size + size, 1);
    c->answers = more(c->answers, &c->answers_room, c->answers_size + answer_size, 1);
    c->requests = more(c->requests, &c->requests_room, c->count + 1, sizeof *c->requests);
    memcpy(c->asks + c->asks_size, request, size);
    memcpy(c->answers + c->answers_size, answer, answer_size);
    c->asks_size += size, c->answers_size += answer_size;
    c->requests[c->count++] = (struct ends){c->asks_size, c->answers_size};
}

void ask_text(struct client *c, const char *request, const char *answer) {
    ask(c, request, strlen(request), answer, strlen(answer));
}

static char request[1 << 17];

void ask_words(struct client *c, const char *answer, size_t answer_size, int count, ...) {
    va_list words;
    size_t at = (size_t)snprintf(request, sizeof request, "*%d\r\n", count);
    va_start(words, count);
    for (int i = 0; i < count; i++) {
        const char *word = va_arg(words, const char *);
        size_t size = va_arg(words, size_t);
        at += (size_t)snprintf(request + at, sizeof request - at, "$%zu\r\n", size);
        memcpy(request + at, word, size);
        memcpy(request + at + size, "\r\n", 2);
        at += size + 2;
    }
    va_end(words);
    ask(c, request, at, answer, answer_size);
}

static size_t as_bulk(char *to, const char *bytes, size_t size) {
    int head = sprintf(to, "$%zu\r\n", size);
    memcpy(to + head, bytes, size);
    memcpy(to + head + (int)size, "\r\n", 2);
    return (size_t)head + size + 2;
}

/* Any bytes, line ends among them, so that a parser that looks for those is seen. */
static void random_bytes(char *to, size_t size) {
    static const char some[] = "ab*$:+-\r\n\0z9 ";
    for (size_t i = 0; i < size; i++) to[i] = some[world_choose(sizeof some - 1)];
}

static void ask_echo(struct client *c, size_t most) {
    char bytes[4096], answer[5000];
    size_t size = world_choose((unsigned)most + 1);
    random_bytes(bytes, size);
    ask_words(c, answer, as_bulk(answer, bytes, size), 2, "ECHO", (size_t)4, bytes, size);
}

static void ask_set(struct client *c, const char *key, size_t most) {
    c->value_size = world_choose((unsigned)most + 1);
    random_bytes(c->value, c->value_size);
    ask_words(c, "+OK\r\n", 5, 3, "set", (size_t)3, key, strlen(key), c->value, (size_t)c->value_size);
}

static void ask_get(struct client *c, const char *key) {
    char answer[5000];
    size_t size = as_bulk(answer, c->value, c->value_size);
    ask_words(c, answer, size, 2, "GET", (size_t)3, key, strlen(key));
}

static void ask_count(struct client *c, const char *key) {
    char line[64], answer[32];
    int size = snprintf(answer, sizeof answer, ":%lu\r\n", (unsigned long)++c->counter);
    int line_size = snprintf(line, sizeof line, "  incr   n%s\r\n", key); /* a line of words */
    ask(c, line, (size_t)line_size, answer, (size_t)size);
}

void ask_any(struct client *c, size_t most) {
    char key[16];
    sprintf(key, "k%d", c->peer->number);
    if (c->count == 0) {
        ask_set(c, key, most);
        return;
    }
    switch (world_choose(7)) {
    case 0:
        ask_text(c, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
        break;
    case 1:
        ask_echo(c, most);
        break;
    case 2:
        ask_set(c, key, most);
        break;
    case 3:
        ask_count(c, key);
        break;
    case 4:
        ask_text(c, "PING\n", "+PONG\r\n");
        break;
    case 5:
        ask_text(c, "*2\r\n$3\r\nGET\r\n$7\r\nnothing\r\n", "$-1\r\n");
        break;
    default:
        ask_get(c, key);
    }
}
