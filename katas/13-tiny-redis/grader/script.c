/* SPDX-License-Identifier: MIT */
/* script.c -- for scripted requests: bytes in, answers in words. A text lives until
 * the next call of the function that returned it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

const char *script_start(int64_t now_ms);
const char *script_ask(const void *bytes, size_t size, int32_t answers, int32_t sorted);
const char *script_closed(void);
void script_clock(int64_t now_ms);
const char *script_stop(void);

static char *text;
static size_t text_size, text_room;

static void add(const char *bytes, size_t size) {
    if (text_room - text_size < size * 4 + 1) {
        text_room = text_room * 2 + size * 4 + 1024;
        text = realloc(text, text_room);
        if (!text) abort();
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char b = (unsigned char)bytes[i];
        bool plain = b >= ' ' && b <= '~' && b != '\\';
        const char *form = b == '\r' ? "\\r" : b == '\n' ? "\\n" : plain ? "%c" : "\\x%02x";
        text_size += (size_t)snprintf(text + text_size, 5, form, b);
    }
}

/* The bulk strings of an array, in the order of their bytes: an order that the contract leaves open. */
struct part {
    const char *at;
    size_t size;
};

static int by_bytes(const void *a, const void *b) {
    const struct part *x = a, *y = b;
    int order = memcmp(x->at, y->at, x->size < y->size ? x->size : y->size);
    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

#define PARTS_MAX 256

static void add_sorted(const char *at, size_t size) {
    struct part parts[PARTS_MAX];
    const char *end = at + size, *line = memchr(at, '\n', size);
    int count = 0;
    if (*at != '*' || !line) {
        add(at, size);
        return;
    }
    add(at, (size_t)(++line - at));
    while (line < end && count < PARTS_MAX) {
        const char *bytes = memchr(line, '\n', (size_t)(end - line));
        size_t n = bytes ? (size_t)strtoul(line + 1, NULL, 10) : 0;
        size_t whole = bytes ? (size_t)(bytes + 1 - line) + n + 2 : (size_t)(end - line);
        parts[count++] = (struct part){line, whole};
        line += whole;
    }
    qsort(parts, (size_t)count, sizeof *parts, by_bytes);
    for (int i = 0; i < count; i++) add(parts[i].at, parts[i].size);
}

/* "ok", or what redis_listen said. */
const char *script_start(int64_t now_ms) {
    static char said[64];
    (void)script_stop(); /* of a script that was broken off */
    int result = server_start(now_ms);
    if (result == 0) talk_connect();
    snprintf(said, sizeof said, result == 0 ? "ok" : "redis_listen -> -%s", result ? strerrorname_np(-result) : "");
    return said;
}

/* Sends bytes, and waits for so many answers: "+OK\r\n", its line end written as here, and so on. */
const char *script_ask(const void *bytes, size_t size, int32_t answers, int32_t sorted) {
    const char *answer;
    text_size = 0;
    add("", 0);
    text[0] = '\0';
    talk_send(bytes, size);
    for (int32_t i = 0; i < answers; i++) {
        size_t n = talk_answer(&answer);
        if (n == 0) {
            add("(the connection is over)", 24);
            break;
        }
        sorted ? add_sorted(answer, n) : add(answer, n);
    }
    return text;
}

const char *script_closed(void) {
    bool clean = talk_is_closed();
    talk_connect();
    return clean ? "closed" : "more bytes, then closed";
}

void script_clock(int64_t now_ms) {
    server_clock(now_ms);
}

/* What redis_serve said. */
const char *script_stop(void) {
    static char said[32];
    talk_close();
    snprintf(said, sizeof said, "%d", server_stop());
    return said;
}
