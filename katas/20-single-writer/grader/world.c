/* SPDX-License-Identifier: MIT */
/* world.c -- what a client's env does: requests that are lost, late, or answered oddly, and pauses in them. */
#include "world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graders_own.h"

#define WORDS_MAX 16
#define WORD_BYTES_MAX 1024
#define REQUESTS_MAX 6
#define CALLS_MAX 64
#define SOMEBODY_LIVES_MS "60000"

_Thread_local struct world world;

/* One for each thread that there has been. */
static GRADERS_OWN struct call calls[CALLS_MAX];

struct call *world_call(void) {
    uintptr_t me = (uintptr_t)pthread_self();
    for (struct call *call = calls; call < calls + CALLS_MAX; call++) {
        uintptr_t owner = __atomic_load_n(&call->owner, __ATOMIC_RELAXED);
        if (owner == me || (owner == 0 && own_swap(&call->owner, 0, me) == 0)) return call;
    }
    abort();
}

void world_watch_tokens(void) {
    own(world_call()->watches_tokens) = true;
}

/* A request as it was sent. */
struct request {
    size_t argc, sizes[WORDS_MAX];
    char words[WORDS_MAX][WORD_BYTES_MAX];
    const char *name;
    int acquires;
};
static _Thread_local struct request late, unanswered;

void world_note(const char *what) {
    struct call *call = world_call();
    char more[sizeof call->notes];
    size_t used = strlen(call->notes);
    if (strstr(call->notes, what)) return;
    snprintf(more, sizeof more - used, "; %s", what);
    own_write(call->notes + used, more, strlen(more) + 1);
}

void world_begin_call(const char *name, int acquires) {
    struct call *call = world_call();
    world.name = name;
    own(call->acquires) = acquires;
    own(call->asked_to_take) = own(call->took) = false;
    own(call->requests) = own(call->numbers) = 0;
    own(call->notes[0]) = 0;
    unanswered.argc = 0;
}

void world_begin(void) {
    memset(&world, 0, sizeof world);
    late.argc = unanswered.argc = 0;
    own(world_call()->acquires) = -1;
    own(world_call()->watches_tokens) = false;
    redis_begin();
}

uint64_t client_now_ns(const struct client *client) {
    return client->offset_ns + redis_now_us() * (uint64_t)(1000000 + client->ppm) / 1000;
}

static uint64_t draw_number(void) {
    return world.number = world.store ? store_number(world.store) : world.number + 1;
}

/* Another process, elsewhere, takes the lease if it can. */
static void somebody_takes(void) {
    const char *argv[] = {"SET", world.name, "somebody", "NX", "PX", SOMEBODY_LIVES_MS};
    size_t sizes[6];
    struct redis_reply reply;
    for (int i = 0; i < 6; i++) sizes[i] = strlen(argv[i]);
    redis_command(6, argv, sizes, &reply);
    if (reply.kind == REPLY_STATUS) (void)draw_number(); /* its own */
}

static void happens(uint64_t pause_us, enum event event) {
    redis_pass(pause_us);
    if (event == EVENT_TAKEN) somebody_takes();
    if (event == EVENT_RESTART) redis_restart();
}

static void keep_request(struct request *request, size_t argc, const char *const *argv, const size_t *sizes) {
    request->argc = argc < WORDS_MAX ? argc : WORDS_MAX;
    request->acquires = world_call()->acquires;
    request->name = world.name;
    for (size_t i = 0; i < request->argc; i++) {
        request->sizes[i] = sizes[i] < WORD_BYTES_MAX ? sizes[i] : WORD_BYTES_MAX;
        memcpy(request->words[i], argv[i], request->sizes[i]);
    }
}

static bool same_request(const struct request *request, size_t argc, const char *const *argv, const size_t *sizes) {
    if (request->argc == 0 || request->argc != argc) return false;
    for (size_t i = 0; i < argc; i++)
        if (request->sizes[i] != sizes[i] || memcmp(request->words[i], argv[i], sizes[i])) return false;
    return true;
}

/* The value that has come into the key is lease number `lease`'s owner. */
static void keep_owner(int lease, const char *value, size_t size) {
    for (int i = 0; i < LEASES_MAX; i++)
        if (i != lease && world.owner_sizes[i] == size && memcmp(world.owners[i], value, size) == 0)
            world_note("the key's value is that of an earlier lease");
    if (size >= sizeof world.owners[0]) size = sizeof world.owners[0] - 1;
    memcpy(world.owners[lease], value, size);
    world.owner_sizes[lease] = size;
}

static void carry_out(int acquires, size_t argc, const char *const *argv, const size_t *sizes,
                      struct redis_reply *reply) {
    size_t size;
    uint64_t left_us;
    bool was_there = world.name && redis_value(world.name, &size, &left_us);
    redis_command(argc, argv, sizes, reply);
    const char *value = world.name ? redis_value(world.name, &size, &left_us) : NULL;
    if (acquires < 0 || was_there || !value) return;
    own(world_call()->took) = true;
    keep_owner(acquires, value, size);
}

void world_arrive(void) {
    const char *argv[WORDS_MAX];
    struct redis_reply reply;
    world_begin_call(late.name, -1);
    for (size_t i = 0; i < late.argc; i++) argv[i] = late.words[i];
    if (late.argc) carry_out(late.acquires, late.argc, argv, late.sizes, &reply);
    late.argc = 0;
}

static bool is(const char *name, const char *const *argv, const size_t *sizes) {
    return redis_word(argv[0], sizes[0], name);
}

static bool changes(size_t argc, const char *const *argv, const size_t *sizes) {
    static const char *const changing[] = {"SET", "DEL", "UNLINK", "PEXPIRE", "EVAL", "EVALSHA"};
    if (argc > 1 && is("EVALSHA", argv, sizes) && !redis_knows(argv[1], sizes[1])) return false;
    for (size_t i = 0; argc && i < sizeof changing / sizeof *changing; i++)
        if (is(changing[i], argv, sizes)) return true;
    return false;
}

/* The plan for this step, once. */
static struct plan take_plan(enum step step) {
    struct plan plan = world.plans[step];
    world.plans[step] = (struct plan){0};
    return plan;
}

static int planned(enum step step, size_t argc, const char *const *argv, const size_t *sizes,
                   struct redis_reply *reply) {
    struct plan plan = take_plan(step);
    happens(plan.pause_us, plan.event);
    if (plan.fault == FAULT_LATE) keep_request(&late, argc, argv, sizes);
    if (plan.fault == FAULT_NONE || plan.fault == FAULT_REPLY_LOST || plan.fault == FAULT_ODD)
        carry_out(world_call()->acquires, argc, argv, sizes, reply);
    if (plan.fault == FAULT_ERROR) redis_answer(reply, REPLY_ERROR, "LOADING Redis is loading the dataset in memory");
    /* Of a kind that the request does not bring about. */
    if (plan.fault == FAULT_ODD) redis_answer(reply, reply->kind == REPLY_ARRAY ? REPLY_BULK : REPLY_ARRAY, "");
    happens(plan.pause_after_us, plan.event_after);
    if (plan.fault == FAULT_NONE || plan.fault == FAULT_ERROR || plan.fault == FAULT_ODD) return 0;
    keep_request(&unanswered, argc, argv, sizes);
    memset(reply, 0xff, sizeof *reply);
    return -EIO;
}

static int ask(void *unused, size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *reply) {
    (void)unused;
    struct call *call = world_call();
    if (++own(call->requests) > REQUESTS_MAX) {
        world_note("more than 6 requests");
        return -EIO;
    }
    if (world.forgets) redis_restart();
    if (same_request(&unanswered, argc, argv, sizes)) world_note("sends again what was answered with -EIO");
    if (!changes(argc, argv, sizes)) {
        redis_command(argc, argv, sizes, reply);
        return 0;
    }
    bool takes = call->acquires >= 0 && !call->asked_to_take;
    own(call->asked_to_take) = true;
    return planned(takes ? STEP_TAKE : STEP_CHANGE, argc, argv, sizes, reply);
}

static int number(void *unused, uint64_t *number) {
    (void)unused;
    struct plan plan = take_plan(STEP_NUMBER);
    struct call *call = world_call();
    own(call->numbers)++;
    if (call->watches_tokens && !call->took) world_note("draws a number before Redis has set the key");
    happens(plan.pause_us, plan.event);
    if (plan.fault != FAULT_REQUEST_LOST) own(call->own_number) = draw_number();
    happens(plan.pause_after_us, plan.event_after);
    *number = plan.fault == FAULT_NONE ? call->own_number : UINT64_MAX;
    return plan.fault == FAULT_NONE ? 0 : -EIO;
}

static uint64_t now_ns(void *client) {
    return client_now_ns(client);
}

/* splitmix64 of the byte's place, except for those that are given. */
static unsigned char random_byte(uint64_t at) {
    if (at < world.given_size) return world.given[at];
    uint64_t z = (at + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (unsigned char)(z >> 56);
}

static bool fill(void *unused, void *bytes, size_t size) {
    (void)unused;
    if (world.no_random) return false;
    for (size_t i = 0; i < size; i++) ((unsigned char *)bytes)[i] = random_byte(world.draws++);
    return true;
}

struct lease_env world_env(struct client *client) {
    return (struct lease_env){ask, number, now_ns, fill, client};
}
