/* SPDX-License-Identifier: MIT */
/* network_held.c -- thousands of connections, held at once.
 *
 *   held  clients, quiet_ms
 *
 * All connect and send a message; then all are silent for a while; then one in
 * ten is busy; then all are. Evidence besides network.h's: `machine` (wanted,
 * possible, connected, errno of the first that was refused), `open` (after
 * connecting, at the end), reports `connect`, `tenth`, `all`, and the server
 * at `start`, `quiet`, `woken`. */
#include "network.h"

#include <time.h>

#include "scenario.h"

#define GREETING 64
#define MESSAGE 64
#define BUSY_MESSAGES 10
#define STAY 100 /* connections that are open when the server stops */
#define THREADS 2
#define SETTLE_MS 100 /* whatever a server does after the last echo is done by then */

static void pause_ms(uint64_t ms) {
    nanosleep(&(struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000}, NULL);
}

static void work(struct network *n, struct load *load, size_t clients, uint64_t messages, const char *name) {
    const struct client_work echo = {.bytes = messages * MESSAGE, .message = MESSAGE, .window = MESSAGE};
    static struct load_report report;
    report = (struct load_report){0};
    load_give(load, 0, clients, echo);
    load_run(load, (struct load_pace){.threads = THREADS}, &report);
    tell_report(n, name, &report);
}

static void clients(struct network *n) {
    static struct load_report report;
    uint64_t wanted = scenario_param("clients"), possible = wanted < n->descriptors ? wanted : n->descriptors;
    struct load *load = load_new(possible, n->server, n->server_pid, n->seed);
    if (!load) return;
    int refused;
    tell_server(n, "start");
    uint64_t connected = load_connect(load, possible, GREETING, &refused, &report);
    tell_report(n, "connect", &report);
    tell(n, "machine", (uint64_t[]){wanted, possible, connected, (uint64_t)refused}, 4);
    uint64_t open = load_open(load);
    pause_ms(SETTLE_MS);
    tell_server(n, "quiet");
    pause_ms(scenario_param("quiet_ms"));
    tell_server(n, "woken");
    work(n, load, connected / 10, BUSY_MESSAGES, "tenth");
    work(n, load, connected, 1, "all");
    tell(n, "open", (uint64_t[]){open, load_open(load)}, 2);
    load_leave(load, STAY, possible);
}

void held(uint64_t seed) {
    network_play(seed, clients);
}
