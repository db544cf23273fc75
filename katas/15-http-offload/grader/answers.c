/* SPDX-License-Identifier: MIT */
/* answers.c -- a client's reading of HTTP/1.1 answers, strict, in words. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "driver.h"

int receive_all(int fd, struct received *r) {
    for (r->size = 0; r->size < sizeof r->bytes;) {
        ssize_t n = recv(fd, r->bytes + r->size, sizeof r->bytes - r->size, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return 0;
        if (n == 0) return 1;
        r->size += (size_t)n;
    }
    return 1;
}

struct reply {
    int status;
    long length; /* -1: not told */
    bool closes, allows, retry;
    const char *body;
    size_t body_size;
};

static void read_field(struct reply *reply, const char *line, size_t size) {
    char text[256] = "";
    memcpy(text, line, size < sizeof text ? size : sizeof text - 1);
    if (!strncasecmp(text, "Content-Length:", 15)) reply->length = strtol(text + 15, NULL, 10);
    if (!strncasecmp(text, "Connection:", 11)) reply->closes = strcasestr(text, "close") != NULL;
    if (!strncasecmp(text, "Allow:", 6)) reply->allows = true;
    if (!strncasecmp(text, "Retry-After:", 12))
        reply->retry = isdigit((unsigned char)text[12 + strspn(text + 12, " ")]);
}

/* How many bytes it took; 0: this is no whole answer. */
static size_t read_reply(struct reply *reply, const char *at, size_t size, bool head) {
    const char *end = memmem(at, size, "\r\n\r\n", 4);
    *reply = (struct reply){.length = -1};
    if (!end || size < 13 || memcmp(at, "HTTP/1.1 ", 9) != 0 || at[12] != ' ') return 0;
    reply->status = atoi(at + 9);
    const char *line = (const char *)memmem(at, size, "\r\n", 2) + 2;
    while (line < end + 2) {
        const char *stop = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        read_field(reply, line, (size_t)(stop - line));
        line = stop + 2;
    }
    bool none = head || reply->status < 200 || reply->status == 204 || reply->status == 304;
    reply->body = end + 4;
    reply->body_size = none || reply->length < 0 ? 0 : (size_t)reply->length;
    size_t taken = (size_t)(reply->body - at);
    return reply->body_size > size - taken ? 0 : taken + reply->body_size;
}

static void add(char *told, size_t room, const char *text, size_t size) {
    size_t used = strlen(told);
    for (size_t i = 0; i < size && used + 5 < room; i++) {
        unsigned char b = (unsigned char)text[i];
        if (b < 32 || b > 126)
            used += (size_t)sprintf(told + used, "\\x%02x", b);
        else
            told[used++] = (char)b;
    }
    told[used] = 0;
}

static void add_text(char *told, size_t room, const char *text) {
    if (told[0]) add(told, room, ", ", 2);
    add(told, room, text, strlen(text));
}

static void tell_reply(char *told, size_t room, const struct reply *reply, bool head, int status) {
    char text[64];
    snprintf(text, sizeof text, "%d", status);
    add_text(told, room, text);
    bool silent = reply->status < 200 || reply->status == 204 || reply->status == 304;
    if (!silent && reply->length < 0) add(told, room, " without Content-Length", 23);
    if (reply->status == 204 && reply->length >= 0) add(told, room, " with Content-Length", 20);
    if (reply->status == 405 && !reply->allows) add(told, room, " without Allow", 14);
    if (reply->status == 503 && !reply->retry) add(told, room, " without Retry-After", 20);
    snprintf(text, sizeof text, " length %ld", reply->length);
    if (head && reply->status < 400) add(told, room, text, strlen(text));
    if (reply->status < 300 && reply->body_size > 0) {
        add(told, room, " <", 2);
        add(told, room, reply->body, reply->body_size < 80 ? reply->body_size : 80);
        add(told, room, ">", 1);
    }
    if (reply->closes) add(told, room, " close", 6);
}

void tell_answers(char *told, size_t room, const struct received *r, uint64_t heads, int first, int other) {
    struct reply reply;
    int request = 0;
    told[0] = 0;
    for (size_t at = 0; at < r->size;) {
        bool head = request < 64 && heads >> request & 1;
        size_t taken = read_reply(&reply, r->bytes + at, r->size - at, head);
        if (taken == 0) {
            add_text(told, room, "no answer but ");
            add(told, room, r->bytes + at, r->size - at < 60 ? r->size - at : 60);
            return;
        }
        tell_reply(told, room, &reply, head, other && reply.status == other ? first : reply.status);
        request += reply.status >= 200;
        at += taken;
    }
}
