/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"
#include "service.h"

#define BACKLOG 64

#define LOOKS_MAX 2000

static _Atomic int64_t clock_ms;
static _Atomic pid_t thread_id;
static uint64_t cpu_us;

static int64_t now_ms(void *world) {
    _Atomic int64_t *clock = world;
    return atomic_load(clock);
}

static int serve(int listener, int stop_fd, void *clock) {
    atomic_store(&thread_id, gettid());
    int served = redis_serve(listener, stop_fd, now_ms, clock);
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    cpu_us = (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
    return served;
}

static struct service service = {.listener = -1, .serve = serve, .about = &clock_ms};

int server_start(int64_t now) {
    atomic_store(&clock_ms, now);
    service.listener = redis_listen("127.0.0.1", 0, BACKLOG);
    if (service.listener < 0) return service.listener;
    service_start(&service);
    return 0;
}

uint16_t server_port(void) {
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    if (getsockname(service.listener, (struct sockaddr *)&address, &size) != 0) return 0;
    return ntohs(address.sin_port);
}

uint64_t server_cpu_us(void) {
    return cpu_us;
}

/* As the kernel has it: in no call that waits a server would be asleep but in the one of its loop. */
static bool is_asleep(void) {
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)atomic_load(&thread_id));
    FILE *file = fopen(path, "r");
    if (!file) return true;
    if (!fgets(line, sizeof line, file)) line[0] = 0;
    fclose(file);
    const char *name = strrchr(line, ')');
    return !name || name[1] == 0 || name[2] == 'S';
}

/* While the server sleeps, if it ever does: else it could have asked for the time already, and take what is sent after
 * this for the earlier one's. */
void server_clock(int64_t now) {
    for (int looks = 0; looks < LOOKS_MAX && !is_asleep(); looks++) sched_yield();
    atomic_store(&clock_ms, now);
}

int server_stop(void) {
    if (service.listener < 0) return 0;
    int served = service_stop(&service);
    service.listener = -1;
    return served;
}
