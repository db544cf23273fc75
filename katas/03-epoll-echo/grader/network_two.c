/* SPDX-License-Identifier: MIT */
/* network_two.c -- two servers in one process, each with a listener and a
 * thread of its own, and clients of both that are busy at the same time.
 *
 *   two_servers  clients (of each server), messages (of each client)
 *
 * Half of the clients read slowly, so that something is owed to them. Evidence
 * besides network.h's: reports `connect` (of both), `first`, `other`. */
#include "network.h"

#include <pthread.h>

#include "gate.h"
#include "scenario.h"

#define GREETING 64
#define KIB 1024u

struct side {
    struct load *load;
    struct load_report report;
};

static void prepare(struct side *side, struct network *n, struct sockaddr_in server, struct load_report *connecting) {
    size_t count = scenario_param("clients");
    uint64_t messages = scenario_param("messages");
    int refused;
    side->load = load_new(count, server, n->server_pid, n->seed);
    if (!side->load) return;
    load_narrow(side->load, 0, count / 2);
    load_connect(side->load, count, GREETING, &refused, connecting);
    load_give(side->load, 0, count / 2,
              (struct client_work){.bytes = 64 * KIB, .message = KIB, .window = 64 * KIB, .sip = 4 * KIB});
    load_give(side->load, count / 2, count - count / 2,
              (struct client_work){.bytes = messages * KIB, .message = KIB, .window = KIB});
}

static void *run(void *argument) {
    struct side *side = argument;
    load_run(side->load, (struct load_pace){.threads = 1}, &side->report);
    return NULL;
}

static void clients(struct network *n) {
    static struct side first, other;
    static struct load_report connecting;
    prepare(&first, n, n->server, &connecting);
    prepare(&other, n, n->second, &connecting);
    if (!first.load || !other.load) return;
    tell_report(n, "connect", &connecting);
    pthread_t thread = gate_thread(run, &other);
    run(&first);
    pthread_join(thread, NULL);
    tell_report(n, "first", &first.report);
    tell_report(n, "other", &other.report);
    load_free(first.load);
    load_free(other.load);
}

void two_servers(uint64_t seed) {
    network_play_two(seed, clients);
}
