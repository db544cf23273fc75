/* SPDX-License-Identifier: MIT */
#include "network.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"
#include "evidence.h"
#include "gate.h"
#include "observe.h"
#include "report_numbers.h"

#define BACKLOG 4096
#define SPARE_DESCRIPTORS 32 /* for epolls, timers, the stop socket, one of /proc's files */
#define CANNOT 98            /* the guest's "bad request": the grader's trouble, not the learner's */

static _Noreturn void cannot(const char *what) {
    fprintf(stderr, "guest: cannot %s: %s\n", what, strerror(errno));
    _exit(CANNOT);
}

static uint64_t open_descriptors(void) {
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) cannot("count descriptors");
    while (readdir(folder)) count++;
    closedir(folder);
    return count - 3; /* ".", ".." and the folder itself */
}

/* Raises the soft limit to the hard one: no privilege needed. */
static uint64_t raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) cannot("read RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) cannot("raise RLIMIT_NOFILE");
    return limit.rlim_cur;
}

void tell(struct network *n, const char *name, const uint64_t *values, size_t length) {
    if (n->facts == FACTS_MAX || length > FACT_VALUES) abort();
    struct fact *fact = &n->fact[n->facts++];
    fact->name = name;
    fact->length = length;
    memcpy(fact->values, values, length * sizeof *values);
}

void tell_report(struct network *n, const char *name, const struct load_report *report) {
    uint64_t values[REPORT_NUMBERS];
    report_numbers(report, values);
    tell(n, name, values, REPORT_NUMBERS);
}

void tell_latency(struct network *n, const char *name, const struct histogram *latency_ns) {
    n->latency_name = name;
    n->latency_ns = *latency_ns;
}

void tell_server(struct network *n, const char *name) {
    struct observed seen = observe(n->server_pid);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const uint64_t values[] = {
        (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        seen.cpu_ns,
        seen.resident_bytes,
        seen.threads,
        seen.switches,
        n->counted.calls[CALLS_DATA],
        n->counted.calls[CALLS_WAIT],
        n->counted.calls[CALLS_OTHER],
    };
    tell(n, name, values, sizeof values / sizeof *values);
}

void send_facts(const struct network *n) {
    for (size_t i = 0; i < n->facts; i++) evidence_series(n->fact[i].name, n->fact[i].values, n->fact[i].length);
}

static struct network *shared_memory(uint64_t seed) {
    void *memory = mmap(NULL, sizeof(struct network), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) cannot("share memory");
    struct network *n = memory;
    n->seed = seed;
    n->server_pid = getpid();
    network_count_into(&n->counted);
    return n;
}

/* The child's end of `stop` becomes readable to the server when the child says
 * so, and also when the child is dead. It holds its connections until the
 * server has let go of the other end. */
static _Noreturn void be_clients(struct network *n, int stop, void (*clients)(struct network *)) {
    char byte = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = SIGILL; i <= SIGSEGV; i++)
        if (i != SIGKILL) signal(i, SIG_DFL); /* a crash here is none of the learner's */
    clients(n);
    if (write(stop, &byte, 1) == 1) shutdown(stop, SHUT_WR);
    while (read(stop, &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

static void reap(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (status == 0) return;
    errno = ECHILD;
    cannot("keep the clients alive");
}

static void one(const char *name, int64_t value) {
    evidence_series(name, &(uint64_t){(uint64_t)value}, 1);
}

static _Noreturn void cannot_listen(int error) {
    char call[64], did[128];
    snprintf(call, sizeof call, "echo_listen(\"127.0.0.1\", 0, %d)", BACKLOG);
    snprintf(did, sizeof did, "answered -%d: %s", error, strerror(error));
    evidence_broken_off(call, did, "a listener", "echo_listen: which of its calls failed, and why?");
}

int network_listen(struct sockaddr_in *address) {
    int listener = echo_listen("127.0.0.1", 0, BACKLOG);
    socklen_t size = sizeof *address;
    if (listener < 0) cannot_listen(-listener);
    if (getsockname(listener, (struct sockaddr *)address, &size) != 0) cannot("ask for the listener's port");
    return listener;
}

/* At a port where one listens already. */
static int listen_again(const struct sockaddr_in *address) {
    int second = echo_listen("127.0.0.1", ntohs(address->sin_port), BACKLOG);
    if (second >= 0) close(second);
    return second;
}

struct second {
    int listener, stop, served;
    pthread_t thread;
};

static void *serve_too(void *argument) {
    struct second *s = argument;
    s->served = echo_serve(s->listener, s->stop);
    return NULL;
}

void hide_memory(bool hidden) {
    prctl(PR_SET_DUMPABLE, !hidden);
}

/* Both servers watch the same stop descriptor, which neither reads from. */
static void serve_both(int listener, struct second *s) {
    s->thread = gate_thread(serve_too, s);
    one("served", echo_serve(listener, s->stop));
    pthread_join(s->thread, NULL);
    one("second_served", s->served);
    close(s->listener);
}

static void play(uint64_t seed, void (*clients)(struct network *), bool two) {
    struct network *n = shared_memory(seed);
    uint64_t limit = raise_descriptors(), before = open_descriptors();
    n->descriptors = limit > before + SPARE_DESCRIPTORS ? limit - before - SPARE_DESCRIPTORS : 0;
    one("limit", (int64_t)limit);

    int listener = network_listen(&n->server), second = two ? network_listen(&n->second) : listener, stop[2];
    one("second_listener", listen_again(&n->server));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stop) != 0) cannot("make the stop descriptor");
    pid_t child = fork();
    if (child < 0) cannot("fork");
    if (child == 0) {
        close(listener);
        if (two) close(second);
        close(stop[0]);
        be_clients(n, stop[1], clients);
    }
    close(stop[1]);
    hide_memory(true);
    if (two)
        serve_both(listener, &(struct second){.listener = second, .stop = stop[0]});
    else
        one("served", echo_serve(listener, stop[0]));
    hide_memory(false);
    close(listener);
    close(stop[0]);
    reap(child);
    uint64_t descriptors[] = {before, open_descriptors()};
    evidence_series("descriptors", descriptors, 2);
    send_facts(n);
    if (n->latency_name) evidence_series(n->latency_name, n->latency_ns.bins, histogram_length(&n->latency_ns));
}

void network_play(uint64_t seed, void (*clients)(struct network *)) {
    play(seed, clients, false);
}

void network_play_two(uint64_t seed, void (*clients)(struct network *)) {
    play(seed, clients, true);
}
