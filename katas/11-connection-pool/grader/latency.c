/* SPDX-License-Identifier: MIT */
/* latency.c -- a pool in front of a database with so many cores, for the lab.
 *
 *   latency  clients, requests (each), size, cores, service_us, think_us
 *
 * The database is simulated: a query needs one of `cores` cores for `service_us` on average
 * (exponentially), and each query that is connected beyond that slows all of them down a
 * little (see OVERHEAD). A client thinks for `think_us` on average between two requests.
 *
 * Evidence: `latency_us` of each request, from the acquire to the release; `waited_us`, of it the
 * time until there was a connection; `run_us`, the time of all. */
#include "driver.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "crew.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

#define OVERHEAD 0.01 /* of its time that a query takes longer for each one that waits for a core */

static struct {
    uint64_t seed, requests, cores, running;
    double service_us, think_us;
    struct conn_pool *pool;
    uint64_t *latency_us, *waited_us;
    pthread_mutex_t lock;
    pthread_cond_t core_free;
    uint64_t queued;
} l = {.lock = PTHREAD_MUTEX_INITIALIZER, .core_free = PTHREAD_COND_INITIALIZER};

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void pass_us(double us) {
    nanosleep(&(struct timespec){(time_t)(us / 1e6), (long)(us * 1e3) % 1000000000}, NULL);
}

static double exponential(struct rng *rng, double mean) {
    return -mean * log(((double)(rng_next(rng) >> 11) + 1) / 9007199254740993.0);
}

static void query(struct rng *rng) {
    pthread_mutex_lock(&l.lock);
    l.queued++;
    while (l.running == l.cores) pthread_cond_wait(&l.core_free, &l.lock);
    l.queued--, l.running++;
    double slower = 1 + OVERHEAD * (double)l.queued;
    pthread_mutex_unlock(&l.lock);
    pass_us(exponential(rng, l.service_us) * slower);
    pthread_mutex_lock(&l.lock);
    l.running--;
    pthread_cond_signal(&l.core_free);
    pthread_mutex_unlock(&l.lock);
}

static void *open_one(void *world) {
    (void)world;
    return malloc(1);
}

static void close_one(void *world, void *connection) {
    (void)world;
    free(connection);
}

static bool is_alive(void *world, void *connection) {
    (void)world;
    return connection;
}

static void request_all(uint64_t me) {
    struct rng rng = rng_new(l.seed, me);
    for (uint64_t i = me * l.requests; i < (me + 1) * l.requests; i++) {
        void *connection;
        pass_us(exponential(&rng, l.think_us));
        uint64_t begun = now_us();
        if (acquire(l.pool, &connection) != CONN_OK) continue;
        l.waited_us[i] = now_us() - begun;
        query(&rng);
        conn_release(l.pool, connection, false);
        l.latency_us[i] = now_us() - begun;
    }
}

void latency(uint64_t seed) {
    uint64_t clients = scenario_param("clients"), all = clients * scenario_param("requests");
    l.seed = seed, l.requests = scenario_param("requests"), l.cores = scenario_param("cores");
    l.service_us = (double)scenario_param("service_us"), l.think_us = (double)scenario_param("think_us");
    l.latency_us = calloc(all, sizeof *l.latency_us);
    l.waited_us = calloc(all, sizeof *l.waited_us);
    l.pool = new_pool((struct pool_limits){scenario_param("size"), 0, SIZE_MAX, UINT64_MAX, 0, 0},
                      (struct pool_env){open_one, close_one, is_alive, NULL});
    uint64_t begun = now_us();
    crew_join(crew_start(clients, request_all));
    evidence_count("run_us", now_us() - begun);
    evidence_series("latency_us", l.latency_us, all);
    evidence_series("waited_us", l.waited_us, all);
    conn_pool_free(l.pool);
    free(l.latency_us), free(l.waited_us);
}
