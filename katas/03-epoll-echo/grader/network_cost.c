/* SPDX-License-Identifier: MIT */
/* network_cost.c -- system calls per message; steps per message beside few and
 * beside many connections that say nothing.
 *
 *   message_cost  clients, messages (of each, of each size), few, many
 *
 * Evidence besides network.h's: reports `small` (64 bytes), `large` (16 KiB) and
 * `crowd` (the first message of those who connect last), and the server
 * `before_small`, `after_small`, `before_large`, `after_large`; `crowds`
 * (connections, few and many) and for each message beside them `steps_few` and
 * `steps_many`. */
#include "network.h"

#include <time.h>

#include "scenario.h"

#define ALONE 25          /* messages, one at a time */
#define SETTLE_NS 2000000 /* until the server waits again */

static bool is_lost(const struct load_report *r) {
    return r->wrong.clients + r->cut.clients + r->unserved.clients > 0;
}

/* Round by round: the messages of all clients are there before the server sees one. */
static void work(struct network *n, struct load *load, uint32_t message, const char *name) {
    static struct load_report report;
    report = (struct load_report){0};
    for (uint64_t left = scenario_param("messages"); left > 0 && !is_lost(&report); left--) {
        load_give(load, 0, scenario_param("clients"),
                  (struct client_work){.bytes = message, .message = message, .window = message});
        load_run(load, (struct load_pace){.threads = 1, .held = true}, &report);
    }
    tell_report(n, name, &report);
}

static uint64_t settled_steps(struct network *n) {
    nanosleep(&(struct timespec){0, SETTLE_NS}, NULL);
    return n->counted.steps;
}

/* Only the first client sends. Message by message, so that one
 * in which a timer rang is an exception. */
static void speak_alone(struct network *n, struct load *load, const char *name) {
    static struct load_report report;
    uint64_t steps[ALONE], before = settled_steps(n);
    for (int i = 0; i < ALONE; i++) {
        load_give(load, 0, 1, (struct client_work){.bytes = 64, .message = 64, .window = 64});
        load_run(load, (struct load_pace){.threads = 1}, &report);
        uint64_t now = settled_steps(n);
        steps[i] = now - before, before = now;
    }
    tell(n, name, steps, ALONE);
}

static void clients(struct network *n) {
    static struct load_report report;
    uint64_t count = scenario_param("clients"), few = scenario_param("few"), wanted = scenario_param("many");
    uint64_t many = wanted < n->descriptors ? wanted : n->descriptors;
    struct load *load = load_new(many > count ? many : count, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    load_connect(load, few, 64, &refused, &report);
    speak_alone(n, load, "steps_few");
    load_connect(load, count, 64, &refused, &report);
    tell_report(n, "connect", &report);
    tell_server(n, "before_small");
    work(n, load, 64, "small");
    tell_server(n, "after_small");
    work(n, load, 16 * 1024, "warm"); /* the kernel's buffers grow to the size of what they hold */
    tell_server(n, "before_large");
    work(n, load, 16 * 1024, "large");
    tell_server(n, "after_large");
    report = (struct load_report){0};
    many = load_connect(load, many, 64, &refused, &report);
    tell_report(n, "crowd", &report);
    tell(n, "crowds", (uint64_t[]){few, many}, 2);
    speak_alone(n, load, "steps_many");
    load_free(load);
}

void message_cost(uint64_t seed) {
    network_play(seed, clients);
}
