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
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "loadgen.h"
#include "observe.h"
#include "proxy.h"
#include "scenario.h"

enum { BACKENDS = 2, QUEUE = 4096, CONNECT_MS = 2000, CHUNK = 64 * 1024, EVENTS = 64, GREETING = 64 };

static int listener_new(struct sockaddr_in *address, int flags) {
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof *address) < 0 || listen(fd, QUEUE) < 0) abort();
    if (getsockname(fd, (struct sockaddr *)address, &(socklen_t){sizeof *address}) < 0) abort();
    return fd;
}

/* As many descriptors as we may have: a proxy needs two for each client. */
static void raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) abort();
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) abort();
}

static pid_t fork_one(void) {
    pid_t pid = fork();
    if (pid < 0) abort();
    if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

/* False: it has ended, or failed. */
static bool send_back(int fd) {
    static char bytes[CHUNK];
    ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    for (ssize_t sent = 0, n; sent < size; sent += n)
        if ((n = send(fd, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL)) <= 0) return false;
    return size > 0;
}

static _Noreturn void be_backend(int listener) {
    struct epoll_event events[EVENTS], watch = {.events = EPOLLIN, .data.fd = listener};
    int epoll = epoll_create1(0);
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &watch) < 0) _exit(1);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                watch.data.fd = accept(listener, NULL, NULL);
                if (epoll_ctl(epoll, EPOLL_CTL_ADD, watch.data.fd, &watch) < 0) _exit(1);
            } else if (!send_back(fd)) {
                close(fd);
            }
        }
    }
}

static _Noreturn void be_proxy(int listener, const struct sockaddr_in *backends) {
    struct balancer *lb = new_balancer(LB_ROUND_ROBIN, BACKENDS, 1, quiet_env());
    _exit(-proxy_serve(listener, eventfd(0, EFD_CLOEXEC), lb, backends, CONNECT_MS));
}

static void end(pid_t pid) {
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
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
    for (int i = 0; i < BACKENDS; i++) {
        int listener = listener_new(&backends[i], 0);
        pids[i] = fork_one();
        if (pids[i] == 0) be_backend(listener);
        close(listener);
    }
    int listener = listener_new(&address, SOCK_NONBLOCK);
    proxy = fork_one();
    if (proxy == 0) be_proxy(listener, backends);
    close(listener);
    measure(address, proxy, seed);
    end(proxy);
    for (int i = 0; i < BACKENDS; i++) end(pids[i]);
}
