/* SPDX-License-Identifier: MIT */
/* neighbours.c -- two proxies in one process at the same time, which share the balancer; each has clients of its own.
 *
 *   neighbours  clients (of each proxy), rounds
 *
 * Evidence: `right`, messages that came back whole; `served`, how many of the two answered 0 at their stop. */
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "proxy.h"
#include "scenario.h"
#include "service.h"

enum { PROXIES = 2, BACKENDS = 3, CONNECT_MS = 10000, MESSAGE = 5000, CLIENTS_MAX = 16 };

static struct service proxies[PROXIES];
static struct sockaddr_in addresses[PROXIES];
static HANDED_OVER struct sockaddr_in backends[BACKENDS];
static struct balancer *lb;
static _Atomic uint64_t right;

static int serve(int listener, int stop_fd, void *nothing) {
    (void)nothing;
    return proxy_serve(listener, stop_fd, lb, backends, CONNECT_MS);
}

static int connected(const struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) abort();
    (void)connect(fd, (const struct sockaddr *)address, sizeof *address); /* a refusal shows at the first answer */
    return fd;
}

static bool comes_back(int fd, const unsigned char *sent) {
    unsigned char bytes[MESSAGE];
    return recv(fd, bytes, sizeof bytes, MSG_WAITALL) == MESSAGE && memcmp(bytes, sent, MESSAGE) == 0;
}

/* Its clients all have a message under way, and no two of these are alike. */
static void clients_of(uint64_t proxy) {
    static unsigned char messages[PROXIES][CLIENTS_MAX][MESSAGE];
    uint64_t clients = scenario_param("clients");
    int fds[CLIENTS_MAX];
    for (uint64_t i = 0; i < clients; i++) fds[i] = connected(&addresses[proxy]);
    for (uint64_t round = 0; round < scenario_param("rounds"); round++) {
        for (uint64_t i = 0; i < clients; i++) {
            memset(messages[proxy][i], (int)((round * CLIENTS_MAX + i) * PROXIES + proxy), MESSAGE);
            (void)send(fds[i], messages[proxy][i], MESSAGE, MSG_NOSIGNAL); /* a failure shows at the answer */
        }
        for (uint64_t i = 0; i < clients; i++)
            if (comes_back(fds[i], messages[proxy][i])) atomic_fetch_add(&right, 1);
        evidence_progress();
    }
    for (uint64_t i = 0; i < clients; i++) close(fds[i]);
}

void neighbours(uint64_t seed) {
    pid_t pids[BACKENDS];
    uint64_t served = 0;
    (void)seed; /* the same work every time */
    if (scenario_param("clients") > CLIENTS_MAX) abort();
    for (int i = 0; i < BACKENDS; i++) pids[i] = echo_backend_new(&backends[i]);
    lb = new_balancer(LB_LEAST_CONNECTIONS, BACKENDS, 1, quiet_env());
    for (int i = 0; i < PROXIES; i++) {
        proxies[i] = (struct service){.listener = listener_new(&addresses[i], SOCK_NONBLOCK), .serve = serve};
        service_start(&proxies[i]);
    }
    crew_join(crew_start(PROXIES, clients_of));
    for (int i = 0; i < PROXIES; i++) served += service_stop(&proxies[i]) == 0;
    for (int i = 0; i < BACKENDS; i++) process_end(pids[i]);
    lb_free(lb);
    evidence_count("right", right);
    evidence_count("served", served);
}
