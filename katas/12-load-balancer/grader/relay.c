/* SPDX-License-Identifier: MIT */
/* relay.c -- what a message costs the proxy: real backends on loopback, and a load of clients. Of the lab and its
 * peers.
 *
 *   relay  clients, messages (of each), size
 *
 * The proxy is a process of its own, and so is each backend, which sends back what it gets. Each client has one
 * message under way; its answer is compared byte by byte.
 *
 * Evidence: `connected`, clients that were served before the clock began; `messages`, answers that came back whole;
 * `cpu_ns` of the proxy's, for these. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "loadgen.h"
#include "observe.h"
#include "proxy.h"
#include "scenario.h"

enum { BACKENDS = 2, CONNECT_MS = 2000, GREETING = 64 };

/* As many descriptors as we may have: a proxy needs two for each client. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) abort();
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) abort();
}

static _Noreturn void be_proxy(int listener, const struct sockaddr_in *backends) {
    struct balancer *lb = new_balancer(LB_ROUND_ROBIN, BACKENDS, 1, quiet_env());
    _exit(-proxy_serve(listener, eventfd(0, EFD_CLOEXEC), lb, backends, CONNECT_MS));
}

static void measure(struct sockaddr_in address, pid_t proxy, uint64_t seed) {
    static struct load_report greetings, answers;
    uint64_t clients = scenario_param("clients");
    uint32_t size = (uint32_t)scenario_param("size");
    struct load *load = load_new(clients, address, proxy, seed);
    int refused;
    if (!load) abort();
    evidence_count("connected", load_connect(load, clients, GREETING, &refused, &greetings));
    uint64_t before = observe(proxy).cpu_ns;
    load_give(load, 0, clients,
              (struct client_work){.bytes = scenario_param("messages") * size, .message = size, .window = size});
    load_run(load, (struct load_pace){.threads = 1}, &answers);
    evidence_count("cpu_ns", observe(proxy).cpu_ns - before);
    evidence_count("messages", answers.messages);
    load_free(load);
}

void relay(uint64_t seed) {
    struct sockaddr_in address, backends[BACKENDS];
    pid_t proxy, pids[BACKENDS];
    raise_descriptors();
    for (int i = 0; i < BACKENDS; i++) pids[i] = echo_backend_new(&backends[i]);
    int listener = listener_new(&address, SOCK_NONBLOCK);
    proxy = process_new();
    if (proxy == 0) be_proxy(listener, backends);
    close(listener);
    measure(address, proxy, seed);
    process_end(proxy);
    for (int i = 0; i < BACKENDS; i++) process_end(pids[i]);
}
