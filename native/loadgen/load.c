/* SPDX-License-Identifier: MIT */
/* load.c -- loadgen.h: clients, batches, lanes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gate.h"
#include "lane.h"
#include "rng.h"
#include "stream.h"

#define PER_ADDRESS 8000
#define BATCH_MAX 500

struct load *load_new(size_t clients, struct sockaddr_in server, pid_t server_pid, uint64_t seed) {
    struct load *l = calloc(1, sizeof *l + clients * sizeof *l->client);
    if (!l) return NULL;
    struct rng rng = rng_new(seed, 1);
    l->server = server;
    l->server_pid = server_pid;
    l->clients = clients;
    unsigned own = (unsigned)getpid();
    l->address = 127u << 24 | (1 + own % 250) << 16 | own / 250 % 256 << 8 | 1;
    stream_draw(seed);
    for (size_t i = 0; i < clients; i++) {
        l->client[i].fd = -1;
        l->client[i].start = (uint32_t)rng_below(&rng, STREAM_PERIOD);
    }
    return l;
}

void load_narrow(struct load *l, size_t first, size_t count) {
    for (size_t i = first; i < first + count && i < l->clients; i++) l->client[i].narrow = true;
}

void load_give(struct load *l, size_t first, size_t count, struct client_work work) {
    for (size_t i = first; i < first + count && i < l->clients; i++) {
        struct client *c = &l->client[i];
        if (c->state != CLIENT_IDLE && c->state != CLIENT_ENDED) continue;
        if (work.bytes == 0 || c->fd < 0) continue;
        c->work = work;
        c->state = CLIENT_BUSY;
    }
}

/* Half of what the listener's queue holds, so that no connection is put off by
 * a second because its request found the queue full. */
static size_t batch_size(void) {
    unsigned long longest = 128;
    FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
    if (file && fscanf(file, "%lu", &longest) != 1) longest = 128;
    if (file) fclose(file);
    size_t half = longest / 2 ? longest / 2 : 1;
    return half < BATCH_MAX ? half : BATCH_MAX;
}

static int connect_one(struct load *l, size_t i) {
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(l->address + (uint32_t)(i / PER_ADDRESS));
    return client_connect(&l->client[i], &from, &l->server);
}

static size_t connected(const struct load *l, size_t upto) {
    size_t count = 0;
    for (size_t i = 0; i < upto; i++) count += l->client[i].fd >= 0 && l->client[i].state != CLIENT_LOST;
    return count;
}

size_t load_connect(struct load *l, size_t upto, uint32_t greeting, int *refused, struct load_report *report) {
    const struct client_work greet = {.bytes = greeting, .message = greeting, .window = greeting};
    const size_t batch = batch_size();
    *refused = 0;
    for (size_t from = 0; from < upto && *refused == 0;) {
        size_t to = from, goal = from + batch < upto ? from + batch : upto;
        for (; to < goal && *refused == 0; to++)
            if (l->client[to].fd < 0) *refused = connect_one(l, to);
        load_give(l, from, goal - from, greet);
        load_run(l, (struct load_pace){.threads = 1}, report);
        if (report->unserved.clients + report->cut.clients + report->wrong.clients > 0) break;
        from = goal;
    }
    return connected(l, upto);
}

static void merge_witness(struct load_witness *into, const struct load_witness *from) {
    uint64_t clients = into->clients + from->clients;
    if (into->clients == 0) *into = *from;
    into->clients = clients;
}

static void merge(struct load_report *into, const struct load_report *from) {
    into->clients += from->clients;
    into->messages += from->messages;
    into->bytes += from->bytes;
    merge_witness(&into->wrong, &from->wrong);
    merge_witness(&into->cut, &from->cut);
    merge_witness(&into->unended, &from->unended);
    merge_witness(&into->unserved, &from->unserved);
    histogram_merge(&into->latency_ns, &from->latency_ns);
}

static void *run_lane(void *lane) {
    lane_run(lane);
    return NULL;
}

void load_run(struct load *l, struct load_pace pace, struct load_report *report) {
    struct lane *lanes = calloc(pace.threads, sizeof *lanes);
    pthread_t *threads = calloc(pace.threads, sizeof *threads);
    if (!lanes || !threads) abort();
    for (unsigned i = 0; i < pace.threads; i++)
        lanes[i] = (struct lane){
            .load = l, .number = i, .step = pace.threads, .rate = pace.rate / pace.threads, .held = pace.held};
    for (unsigned i = 1; i < pace.threads; i++) threads[i] = gate_thread(run_lane, &lanes[i]);
    lane_run(&lanes[0]);
    uint64_t longest = 0;
    for (unsigned i = 0; i < pace.threads; i++) {
        if (i > 0) pthread_join(threads[i], NULL);
        merge(report, &lanes[i].report);
        if (lanes[i].report.ns > longest) longest = lanes[i].report.ns;
    }
    report->ns += longest;
    free(threads);
    free(lanes);
}

size_t load_open(const struct load *l) {
    size_t count = 0;
    for (size_t i = 0; i < l->clients; i++) {
        char byte;
        if (l->client[i].fd < 0) continue;
        count += recv(l->client[i].fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
    }
    return count;
}

void load_leave(struct load *l, size_t first, size_t count) {
    for (size_t i = first; i < first + count && i < l->clients; i++) client_reset(&l->client[i]);
}

void load_free(struct load *l) {
    load_leave(l, 0, l->clients);
    free(l);
}
