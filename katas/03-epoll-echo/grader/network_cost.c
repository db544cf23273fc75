/* SPDX-License-Identifier: MIT */
/* network_cost.c -- system calls per message.
 *
 *   message_cost  clients, messages (of each, of each size)
 *
 * Evidence besides network.h's: reports `small` (64 bytes) and `large` (16
 * KiB), and the server `before_small`, `after_small`, `before_large`,
 * `after_large`. */
#include "network.h"

#include "scenario.h"

static void work(struct network *n, struct load *load, uint32_t message, const char *name) {
    static struct load_report report;
    report = (struct load_report){0};
    const struct client_work echo = {
        .bytes = scenario_param("messages") * message, .message = message, .window = message};
    load_give(load, 0, scenario_param("clients"), echo);
    load_run(load, (struct load_pace){.threads = 1}, &report);
    tell_report(n, name, &report);
}

static void clients(struct network *n) {
    static struct load_report report;
    uint64_t count = scenario_param("clients");
    struct load *load = load_new(count, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    load_connect(load, count, 64, &refused, &report);
    tell_report(n, "connect", &report);
    tell_server(n, "before_small");
    work(n, load, 64, "small");
    tell_server(n, "after_small");
    work(n, load, 16 * 1024, "warm"); /* the kernel's buffers grow to the size of what they hold */
    tell_server(n, "before_large");
    work(n, load, 16 * 1024, "large");
    tell_server(n, "after_large");
    load_free(load);
}

void message_cost(uint64_t seed) {
    network_play(seed, clients);
}
