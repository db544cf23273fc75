/* SPDX-License-Identifier: MIT */
/* network_bench.c -- a fixed number of messages, timed from outside, and the
 * same measured in detail for the comparison of servers.
 *
 *   bench    clients, messages (each), size
 *   compare  clients, busy, messages (of each busy one), size, rate, threads
 *
 * Evidence of both besides network.h's: reports `connect`, `echo`. Of `bench`:
 * the latter's `latency_ns`. Of `compare`: `machine` as in network_held.c, and
 * the server at `start`, `quiet`, `done`. `rate` is of an open loop, in messages per second; 0: closed. */
#include "network.h"

#include "scenario.h"

#define GREETING 64

static struct load_report connecting, echoing;

static void bench_clients(struct network *n) {
    uint64_t count = scenario_param("clients");
    uint32_t size = (uint32_t)scenario_param("size");
    struct load *load = load_new(count, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    load_connect(load, count, GREETING, &refused, &connecting);
    tell_report(n, "connect", &connecting);
    load_give(load, 0, count,
              (struct client_work){.bytes = scenario_param("messages") * size, .message = size, .window = size});
    load_run(load, (struct load_pace){.threads = 1}, &echoing);
    tell_report(n, "echo", &echoing);
    tell_latency(n, "latency_ns", &echoing.latency_ns);
    load_free(load);
}

void bench(uint64_t seed) {
    network_play(seed, bench_clients);
}

static void compare_clients(struct network *n) {
    uint64_t wanted = scenario_param("clients"), possible = wanted < n->descriptors ? wanted : n->descriptors;
    uint32_t size = (uint32_t)scenario_param("size");
    double rate = (double)scenario_param("rate");
    struct load *load = load_new(possible, n->server, n->server_pid, n->seed);
    int refused;
    if (!load) return;
    tell_server(n, "start");
    uint64_t connected = load_connect(load, possible, GREETING, &refused, &connecting);
    tell(n, "machine", (uint64_t[]){wanted, possible, connected, (uint64_t)refused}, 4);
    tell_report(n, "connect", &connecting);
    tell_server(n, "quiet");
    load_give(load, 0, scenario_param("busy"),
              (struct client_work){
                  .bytes = scenario_param("messages") * size, .message = size, .window = rate > 0 ? UINT32_MAX : size});
    load_run(load, (struct load_pace){.threads = (unsigned)scenario_param("threads"), .rate = rate}, &echoing);
    tell_server(n, "done");
    tell_report(n, "echo", &echoing);
    load_free(load);
}

void compare(uint64_t seed) {
    network_play(seed, compare_clients);
}
