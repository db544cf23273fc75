/* SPDX-License-Identifier: MIT */
/* network_unusual.c -- a few clients that send little, and are timed; then
 * ordinary clients together with others: some read slowly or never, some
 * half-close, reset, stream without waiting, or send nothing. Afterwards the
 * clients that left connect again, and all are served once more.
 *
 * Evidence besides network.h's: reports `little`, `connect`, `crowd`, `again`; `crowded`
 * (clients of each kind, in the order below). */
#include "network.h"

#include "scenario.h"

#define KIB 1024u
#define GREETING 64
#define THREADS 2
#define LITTLE 8
#define LITTLE_MESSAGES 12

struct kind {
    size_t clients;
    struct client_work work;
};

static const struct kind kinds[] = {
    {200, {.bytes = 30 * 1000, .message = 1000, .window = 1000}},                    /* one message at a time */
    {20, {.bytes = 20 * 16 * KIB, .message = 16 * KIB, .window = 16 * KIB}},         /* large ones */
    {40, {.bytes = 256 * KIB, .message = KIB, .window = 128 * KIB}},                 /* streams */
    {20, {.bytes = 512 * KIB, .message = KIB, .window = 512 * KIB, .sip = 8 * KIB}}, /* slow readers */
    {60, {.bytes = 96 * KIB, .message = KIB, .window = 96 * KIB, .end = CLIENT_HALF_CLOSES}},
    {60, {.bytes = 64 * KIB, .message = KIB, .window = 64 * KIB, .end = CLIENT_RESETS}},
    {8, {.bytes = 16384 * KIB, .message = KIB, .window = 16384 * KIB, .end = CLIENT_NEVER_READS}},
    {92, {0}}, /* silent */
};
#define SLOW_FROM 260
#define SLOW 20
#define SILENT 92
#define NEVER 8
#define KINDS (sizeof kinds / sizeof *kinds)

/* One message of a few bytes at a time: nothing else comes to the server that
 * could push them on. */
static void little(struct network *n) {
    static struct load_report report;
    struct load *load = load_new(LITTLE, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    load_connect(load, LITTLE, 1, &refused, &report);
    for (size_t i = 0; i < LITTLE; i++) {
        uint32_t message = (uint32_t)(1 + 5 * i);
        load_give(load, i, 1,
                  (struct client_work){.bytes = LITTLE_MESSAGES * message, .message = message, .window = message});
    }
    load_run(load, (struct load_pace){.threads = 1}, &report);
    tell_report(n, "little", &report);
    load_free(load);
}

static size_t all_clients(void) {
    size_t count = 0;
    for (size_t i = 0; i < KINDS; i++) count += kinds[i].clients;
    return count;
}

static void crowd(struct network *n, struct load *load) {
    static struct load_report report;
    uint64_t counts[KINDS];
    size_t first = 0;
    for (size_t i = 0; i < KINDS; first += kinds[i++].clients) {
        load_give(load, first, kinds[i].clients, kinds[i].work);
        counts[i] = kinds[i].clients;
    }
    load_run(load, (struct load_pace){.threads = THREADS}, &report);
    tell_report(n, "crowd", &report);
    tell(n, "crowded", counts, KINDS);
}

static void clients(struct network *n) {
    static struct load_report connecting, again;
    const struct client_work echo = {.bytes = 20 * KIB, .message = KIB, .window = KIB};
    size_t count = all_clients();
    struct load *load = load_new(count, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    little(n);
    load_narrow(load, SLOW_FROM, SLOW);
    load_narrow(load, count - SILENT - NEVER, NEVER);
    load_connect(load, count, GREETING, &refused, &connecting);
    tell_report(n, "connect", &connecting);
    crowd(n, load);
    load_leave(load, count - SILENT - NEVER, NEVER);
    load_connect(load, count, GREETING, &refused, &again);
    load_give(load, 0, count, echo);
    load_run(load, (struct load_pace){.threads = THREADS}, &again);
    tell_report(n, "again", &again);
    load_free(load);
}

void unusual(uint64_t seed) {
    network_play(seed, clients);
}
