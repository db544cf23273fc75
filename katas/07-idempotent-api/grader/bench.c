/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  transfers (of each process), processes
 *
 * The processes work at the same time, each with a handle of its own, on the
 * same accounts. Of five requests one is a retry of an earlier one. Now and then,
 * after a request that chance chooses, another connection has to find it committed.
 *
 * Evidence: `opened`; `failed`, requests that did not get what they ought to,
 * by process; `rows` in transfers, and `moved`, what bob has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

#define FAILED_MAX 250
#define LOOKED_AT 256 /* one transfer in so many */

static struct api_response response;

#define KEY_SIZE 48
static void key_text(char key[KEY_SIZE], uint64_t process, uint64_t number) {
    snprintf(key, KEY_SIZE, "7f9c24e8-3b12-%llu-%08llu", (unsigned long long)process, (unsigned long long)number);
}

static bool pay(struct api *api, uint64_t process, uint64_t number, bool retry) {
    static const char body[] = "from=alice&to=bob&amount=1";
    char key[KEY_SIZE];
    key_text(key, process, number);
    struct api_request request = {"POST", "/transfers", key, body, sizeof body - 1, NOW_MS + (int64_t)number};
    return api_handle(api, &request, &response) == 0 && response.status == 201 && response.replayed == retry;
}

static bool is_committed(uint64_t process, uint64_t number) {
    char key[KEY_SIZE];
    key_text(key, process, number);
    return bank_transfers(key) == 1;
}

/* The answer is how many requests failed, up to a limit. */
static int work(uint64_t seed, uint64_t process, uint64_t transfers) {
    struct rng rng = rng_new(seed, process);
    struct api *api = NULL;
    int failed = 0;
    if (api_open(BANK_FILE, &api) != 0) return FAILED_MAX;
    for (uint64_t i = 0; i < transfers && failed < FAILED_MAX; i++) {
        failed += !pay(api, process, i, false);
        if (rng_below(&rng, LOOKED_AT) == 0) failed += !is_committed(process, i);
        if (i % 4 == 3) failed += !pay(api, process, i - 2, true);
    }
    api_close(api);
    return failed;
}

static bool make_bank(uint64_t *opened) {
    struct api *api = NULL;
    bank_remove();
    int code = api_open(BANK_FILE, &api);
    bool filled = code == 0 && bank_fill();
    api_close(api);
    *opened = code != 0 ? 1000 + (uint64_t)code : !filled;
    return filled;
}

void bench(uint64_t seed) {
    uint64_t opened, failed[16] = {0}, processes = scenario_param("processes"), transfers = scenario_param("transfers");
    pid_t children[16];
    bool ready = make_bank(&opened);
    for (uint64_t i = 0; i < processes && ready; i++) {
        children[i] = fork();
        if (children[i] < 0) abort();
        if (children[i] == 0) _exit(work(seed, i, transfers));
    }
    for (uint64_t i = 0; i < processes && ready; i++) {
        int status;
        waitpid(children[i], &status, 0);
        failed[i] = WIFEXITED(status) ? (uint64_t)WEXITSTATUS(status) : FAILED_MAX;
        evidence_progress();
    }
    evidence_count("opened", opened);
    evidence_series("failed", failed, processes);
    evidence_count("rows", (uint64_t)bank_number("SELECT count(*) FROM transfers"));
    evidence_count("moved", (uint64_t)bank_number("SELECT balance FROM accounts WHERE name = 'bob'"));
}
