/* SPDX-License-Identifier: MIT */
/* wine_clients.c -- real clients of the server in Wine.
 *
 *   one_byte
 *   in_wine clients=N stream_kib=N
 *
 * one_byte: one client, one byte, and no end. in_wine: a crowd in which some half-close, some
 * reset, some read nothing, and one sends a long stream; the rest is there still at the stop. Then
 * echo_serve is called again, for one client. What went wrong ends the run.
 *
 * Evidence: rows `events`, what the program told; `waited`, how the wait for an event ended that did not
 * come, or 0; `stops`, how many were asked for; `exit_code`, that of a program that has gone; reports
 * `one`, `crowd`, `again`; `refused`, the errno of a client that could not connect; `left`, connections
 * that were open after the stop. */
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "evidence.h"
#include "loadgen.h"
#include "report_numbers.h"
#include "scenario.h"
#include "wine_server.h"

enum { EVENTS_MAX = 8, GREETING = 16, OF_EACH = 8, CLOSE_LOOKS = 30, LOOK_MS = 100 };

EVIDENCE_ROW(event, what, number, more);

struct run {
    uint64_t seed;
    pid_t server;
    struct sockaddr_in address;
    struct event events[EVENTS_MAX];
    size_t count;
    enum wine_wait waited;
    int refused;
    size_t stops, left;
    struct load_report one, crowd, again;
};

/* Did the program tell this, and that its call went well? */
static bool told(struct run *r, uint32_t what) {
    struct wine_event event;
    r->waited = wine_await(&event);
    if (r->waited != WINE_CAME || r->count == EVENTS_MAX) return false;
    r->events[r->count++] = (struct event){event.what, event.number, event.more};
    if (event.what == LISTENED) r->address.sin_port = htons((uint16_t)event.more);
    return event.what == what && event.number == 0;
}

static bool stops(struct run *r) {
    r->stops++;
    wine_ask('s');
    return told(r, SERVED);
}

static bool is_clean(const struct load_report *r) {
    return r->wrong.clients + r->cut.clients + r->unended.clients + r->unserved.clients == 0;
}

static struct load *clients(const struct run *r, size_t count) {
    struct load *load = load_new(count, r->address, r->server, r->seed);
    if (!load) abort();
    return load;
}

static void give(struct load *load, size_t group, enum client_end end) {
    const struct client_work work = {.bytes = 6000, .message = 1500, .window = 3000, .end = end};
    load_give(load, group * OF_EACH, OF_EACH, work);
}

enum { HALF_CLOSES, RESETS, NEVER_READ, STREAMS, REST };

static void give_work(struct load *load, size_t all) {
    const struct client_work small = {.bytes = 400, .message = 100, .window = 100};
    give(load, HALF_CLOSES, CLIENT_HALF_CLOSES);
    give(load, RESETS, CLIENT_RESETS);
    give(load, NEVER_READ, CLIENT_NEVER_READS);
    load_give(load, REST * OF_EACH, all - REST * OF_EACH, small);
}

/* In parts, after each of which the deadline begins anew: Wine makes each request cost. */
static void stream(struct run *r, struct load *load, uint64_t kib) {
    const struct client_work part = {.bytes = 65536, .message = 8192, .window = 65536};
    for (; kib >= 64 && is_clean(&r->crowd); kib -= 64) {
        load_give(load, STREAMS * OF_EACH, 1, part);
        load_run(load, (struct load_pace){.threads = 1}, &r->crowd);
        evidence_progress();
    }
}

/* Closing takes a moment in Wine, which another process does. */
static size_t left_open(const struct load *load) {
    const struct timespec moment = {.tv_nsec = LOOK_MS * 1000000L};
    size_t left = load_open(load);
    for (int look = 0; left > 0 && look < CLOSE_LOOKS; look++, left = load_open(load)) nanosleep(&moment, NULL);
    return left;
}

static bool serves_crowd(struct run *r, struct load *load, size_t all) {
    load_connect(load, all, GREETING, &r->refused, &r->crowd);
    if (r->refused != 0 || !is_clean(&r->crowd)) return false;
    evidence_progress();
    give_work(load, all);
    load_run(load, (struct load_pace){.threads = 1}, &r->crowd);
    stream(r, load, scenario_param("stream_kib"));
    return is_clean(&r->crowd);
}

static bool first_life(struct run *r) {
    size_t all = scenario_param("clients");
    struct load *load = clients(r, all);
    bool well = serves_crowd(r, load, all) && stops(r);
    if (well) r->left = left_open(load);
    load_free(load);
    return well && r->left == 0;
}

static void second_life(struct run *r) {
    const struct client_work ends = {.bytes = 1, .message = 1, .window = 1, .end = CLIENT_HALF_CLOSES};
    struct load *load = clients(r, 1);
    load_connect(load, 1, 1, &r->refused, &r->again);
    load_give(load, 0, 1, ends);
    load_run(load, (struct load_pace){.threads = 1}, &r->again);
    load_free(load);
    if (r->refused == 0 && is_clean(&r->again)) stops(r);
}

static void tell_report(const char *name, const struct load_report *report) {
    uint64_t numbers[REPORT_NUMBERS];
    report_numbers(report, numbers);
    evidence_series(name, numbers, REPORT_NUMBERS);
}

static struct run *begin(uint64_t seed) {
    static struct run r = {.address = {.sin_family = AF_INET}};
    r.seed = seed, r.server = wine_start();
    r.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return &r;
}

static void end(struct run *r) {
    bool has_done_all = r->count > LIVES;
    if (r->waited == WINE_CAME && !has_done_all && wine_has_told()) told(r, SERVED); /* clients see its end only */
    int code = wine_end(has_done_all || r->waited == WINE_GONE);
    evidence_rows("events", event, r->events, r->count);
    evidence_count("waited", r->waited);
    evidence_count("exit_code", (uint64_t)(int64_t)code);
    evidence_count("stops", r->stops);
    evidence_count("refused", (uint64_t)r->refused);
    evidence_count("left", r->left);
    tell_report("one", &r->one);
    tell_report("crowd", &r->crowd);
    tell_report("again", &r->again);
}

static void one_byte(uint64_t seed) {
    struct run *r = begin(seed);
    if (told(r, LISTENED)) {
        struct load *load = clients(r, 1);
        load_connect(load, 1, 1, &r->refused, &r->one);
        load_free(load);
    }
    end(r);
}

static void in_wine(uint64_t seed) {
    struct run *r = begin(seed);
    if (told(r, LISTENED) && first_life(r)) second_life(r);
    end(r);
}

const struct scenario scenarios[] = {{"one_byte", one_byte}, {"in_wine", in_wine}, {NULL, NULL}};
