/* SPDX-License-Identifier: MIT */
/* churn.c -- many short lives of handles, for the sanitizers.
 *
 *   churn  lives, requests (of each)
 *
 * Everything that a request points to lies in a block of its exact size, and is
 * freed when the call returns; a body of no bytes is NULL. Lives begin with calls
 * of api_open that fail, and have two handles that take turns.
 *
 * Evidence: `opened`; `answered`, requests that got an answer; `opened_nothing`,
 * calls of api_open that ought to fail and did not; the rows `left`: connections
 * that were still open, with the statements that they had, after api_open had
 * failed (`closed` 0), and after api_close (1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"
#include "graders_own.h"
#include "rng.h"
#include "scenario.h"

#define GARBAGE_FILE "garbage.db"
#define LONG 6000

static struct rng rng;
static HANDED_OVER char long_body[LONG], long_path[LONG];

static void prepare(void) {
    FILE *file = fopen(GARBAGE_FILE, "w");
    for (int i = 0; file && i < 1000; i++) fputs("no database", file);
    if (file) fclose(file);
    memset(long_body, 'x', LONG - 1), memset(long_path, 'x', LONG - 1);
    memcpy(long_body, "amount=1&from=alice&to=", 23), memcpy(long_path, "/accounts/", 10);
}

static char *copy(const void *bytes, size_t size) {
    char *block = malloc(size > 0 ? size : 1);
    if (!block) abort();
    return memcpy(block, bytes, size);
}

static const char *pick(const char *const *from, size_t count) {
    return from[rng_below(&rng, count)];
}
#define PICK(list) pick(list, sizeof(list) / sizeof *(list))

/* A key: short, of 255 bytes, longer, or none. */
static char *some_key(void) {
    char key[301];
    memset(key, 'k', sizeof key);
    size_t size = (size_t[]){0, 3, 255, 256, 300}[rng_below(&rng, 5)];
    if (size == 3) snprintf(key, sizeof key, "%03d", (int)rng_below(&rng, 20));
    key[size] = '\0';
    return rng_below(&rng, 8) == 0 ? NULL : copy(key, size + 1);
}

static const char *some_body(char buffer[256]) {
    static const char *const fixed[] = {"",
                                        "",
                                        long_body,
                                        "from",
                                        "from=",
                                        "&",
                                        "=",
                                        "%",
                                        "from=%4",
                                        "from=alice&to=bob&amount=%",
                                        "from=alice&to=bob&amount=1%3",
                                        "from=alice&to=bob&amount=",
                                        "from=alice&to=bob&amount=99999999999999999999999999",
                                        "from=alice&to=nobody&amount=5",
                                        "from=carol&to=bob&amount=5",
                                        "amount=7&to=%62ob&from=al%69ce"};
    if (rng_below(&rng, 2) == 0) return PICK(fixed);
    snprintf(buffer, 256, "from=alice&to=bob&amount=%d", 1 + (int)rng_below(&rng, 3));
    return buffer;
}

EVIDENCE_ROW(kept, closed, connections, statements);
static struct kept kept[2] = {{.closed = 0}, {.closed = 1}};

static void note_left(bool closed) {
    struct left left = connections_left();
    kept[closed].connections += left.connections, kept[closed].statements += left.statements;
}

static bool opens(const char *path) {
    struct api *api = NULL;
    bool opened = api_open(path, &api) == 0 || api != NULL;
    if (!opened) note_left(false);
    return opened;
}

static bool request_something(struct api *api) {
    static const char *const methods[] = {"POST", "POST", "POST", "GET", "DELETE"};
    static const char *const paths[] = {"/transfers", "/transfers", "/transfers", "/accounts/alice", "/accounts/",
                                        "/accounts",  "/",          "",           long_path};
    char buffer[256];
    const char *method = PICK(methods), *path = PICK(paths), *body = some_body(buffer);
    size_t size = strlen(body);
    char *blocks[4] = {copy(method, strlen(method) + 1), copy(path, strlen(path) + 1), some_key(),
                       size > 0 ? copy(body, size) : NULL};
    struct api_request request = {blocks[0], blocks[1], blocks[2], blocks[3], size, NOW_MS};
    struct api_response *response = malloc(sizeof *response);
    if (!response) abort();
    request.now_ms += (int64_t)rng_below(&rng, 4) * 50000000;
    int code = api_handle(api, &request, response);
    bool answered = code == 0 && response->status >= 200 && response->body_size <= sizeof response->body;
    for (int i = 0; i < 4; i++) free(blocks[i]);
    free(response);
    return answered;
}

void churn(uint64_t seed) {
    uint64_t opened = 0, answered = 0, opened_nothing = 0;
    rng = rng_new(seed, 0);
    prepare();
    bank_remove();
    calls_begin();
    for (uint64_t life = 0; life < scenario_param("lives") && opened == 0; life++) {
        struct api *apis[2] = {NULL, NULL};
        opened_nothing += (uint64_t)opens("no/such/folder/bank.db") + opens(GARBAGE_FILE);
        for (int i = 0; i < 2 && opened == 0; i++) opened = (uint64_t)api_open(BANK_FILE, &apis[i]);
        if (opened != 0) break;
        calls_end();
        if (life == 0 && !bank_fill()) opened = 1;
        calls_begin();
        for (uint64_t i = 0; i < scenario_param("requests") && opened == 0; i++)
            answered += request_something(apis[i % 2]);
        api_close(apis[0]), api_close(apis[1]);
        api_close(NULL);
        note_left(true);
        evidence_progress();
    }
    calls_end();
    evidence_rows("left", kept, kept, 2);
    evidence_count("opened", opened);
    evidence_count("answered", answered);
    evidence_count("opened_nothing", opened_nothing);
}
