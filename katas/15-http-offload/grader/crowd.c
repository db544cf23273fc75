/* SPDX-License-Identifier: MIT */
/* crowd.c -- two servers of one process on real sockets, many clients, real threads.
 *
 *   crowd  clients, rounds, pipelined
 *
 * Each client is a thread with a connection; now and then it leaves in the middle of an answer and comes back.
 * Evidence: `right` answers, `left` (times that a client went away), `begun` handlers, `released` bodies,
 * `served` and `second_served` (http_serve's answers, negated), `descriptors` before and after. */
#include <dirent.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crew.h"
#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "load.h"
#include "scenario.h"

enum { LEAVES_EVERY = 7 };

static struct running servers[2];
static struct door doors[2];
static GRADERS_OWN _Atomic uint64_t begun, right, left_early;

static uint64_t open_descriptors(void) {
    uint64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) abort();
    while (readdir(folder)) count++;
    closedir(folder);
    return count - 3;
}

static void client(uint64_t number) {
    uint64_t rounds = scenario_param("rounds");
    unsigned pipelined = (unsigned)scenario_param("pipelined");
    int fd = server_connect(&doors[number % 2]);
    for (uint64_t round = 1; round <= rounds; round++) {
        ask(fd, round % 3 ? 0 : 20, pipelined);
        if (round % LEAVES_EVERY == 0) {
            if (number % 2) setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
            close(fd);
            fd = server_connect(&doors[number % 2]);
            own_fetch_add(&left_early, 1);
            continue;
        }
        own_fetch_add(&right, hear(fd, pipelined));
        evidence_progress();
    }
    close(fd);
}

void crowd(uint64_t seed) {
    uint64_t before = open_descriptors();
    (void)seed;
    for (int i = 0; i < 2; i++) {
        servers[i] = (struct running){.limits = {3, 4096, 4096, 4096, 60000, 60000}, .handler = say, .world = &begun};
        server_start(&servers[i], &doors[i], AF_INET);
    }
    crew_join(crew_start(scenario_param("clients"), client));
    uint64_t served = (uint64_t)-server_stop(&servers[0]), second = (uint64_t)-server_stop(&servers[1]);
    evidence_count("right", right);
    evidence_count("left", left_early);
    evidence_count("begun", begun);
    evidence_count("released", bodies_released());
    evidence_count("served", served);
    evidence_count("second_served", second);
    evidence_series("descriptors", (uint64_t[]){before, open_descriptors()}, 2);
}
