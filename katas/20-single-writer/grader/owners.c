/* SPDX-License-Identifier: MIT */
/* owners.c -- on which of the random bits an owner depends.
 *
 *   owners   one acquire after the other, each in a process of its own that knows nothing of the others: once with some
 *            random bytes, then with each bit of them the other way round
 *
 *   Then pairs of draws that are one, once their parts are written as numbers without leading zeros: 1 and 23, 12
 * and 3.
 *
 * The code under test could look at its callers' variables: so it runs in children of a process that was there before
 * the bytes were drawn, and is sent no more than the bytes themselves.
 *
 * Evidence: `drawn`, the random bits that acquire asked for; `tried`, the first 512 of them; `decide`, those that made
 * another owner of it; `alike`, 1 if the owner was the same again with the bytes as they are; `confused`, the bytes of
 * a part in such a pair that had one owner, or 0. */
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "world.h"

#define BITS_TRIED 512

struct owner {
    uint64_t drawn;
    size_t size;
    char value[128];
};

/* What env.random gives first. */
struct draw {
    unsigned char bytes[BITS_TRIED / 8];
};

/* Of the process that has the children: a byte there asks for one. Of its children. */
static int go[2], draws[2], answers[2];

/* The key's value after an acquire. */
static struct owner acquired(void) {
    struct draw draw;
    struct client client = {0};
    struct lease_env env = world_env(&client);
    struct lease lease;
    if (read(draws[0], &draw, sizeof draw) != sizeof draw) _exit(1);
    world_begin();
    world.given = draw.bytes, world.given_size = sizeof draw.bytes;
    world_begin_call("jobs", 0);
    client.lease_client = new_client(&env);
    lease_acquire(client.lease_client, "jobs", 1000, &lease);
    struct owner owner = {world.draws * 8, world.owner_sizes[0], ""};
    memcpy(owner.value, world.owners[0], sizeof owner.value);
    return owner;
}

static void answer(struct owner owner) {
    if (write(answers[1], &owner, sizeof owner) != sizeof owner) _exit(1);
}

/* One child after the other, until nobody asks. */
static _Noreturn void have_children(void) {
    char byte;
    int status = 0;
    close(go[1]), close(draws[1]), close(answers[0]);
    while (read(go[0], &byte, 1) == 1) {
        pid_t child = fork();
        if (child < 0) _exit(1);
        if (child == 0) {
            answer(acquired());
            _exit(0);
        }
        if (waitpid(child, &status, 0) != child) _exit(1);
        if (status != 0) answer((struct owner){0});
    }
    _exit(0);
}

static void begin(void) {
    if (pipe(go) != 0 || pipe(draws) != 0 || pipe(answers) != 0) _exit(1);
    pid_t first = fork();
    if (first < 0) _exit(1);
    if (first == 0) have_children();
    close(go[0]), close(draws[0]), close(answers[1]);
}

static void end(void) {
    int status;
    close(go[1]), close(draws[1]), close(answers[0]);
    wait(&status);
}

static struct owner owner_of(struct draw draw) {
    struct owner owner = {0};
    if (write(draws[1], &draw, sizeof draw) != sizeof draw || write(go[1], "", 1) != 1) _exit(1);
    if (read(answers[0], &owner, sizeof owner) != sizeof owner) owner.size = 0;
    return owner;
}

static bool same(const struct owner *a, const struct owner *b) {
    return a->size == b->size && memcmp(a->value, b->value, sizeof a->value) == 0;
}

/* Two parts of so many bytes each, the lowest byte first, as this machine has numbers. */
static struct owner of_parts(size_t bytes, unsigned char first, unsigned char second) {
    struct draw draw = {{0}};
    draw.bytes[0] = first, draw.bytes[bytes] = second;
    return owner_of(draw);
}

static uint64_t confused(void) {
    for (size_t bytes = 1; bytes <= 8; bytes *= 2) {
        struct owner hex[] = {of_parts(bytes, 0x1, 0x23), of_parts(bytes, 0x12, 0x3)};
        struct owner decimal[] = {of_parts(bytes, 1, 23), of_parts(bytes, 12, 3)};
        if (same(&hex[0], &hex[1]) || same(&decimal[0], &decimal[1])) return bytes;
    }
    return 0;
}

static uint64_t deciding(struct draw draw, const struct owner *plain, uint64_t bits) {
    uint64_t decide = 0;
    for (uint64_t bit = 0; bit < bits; bit++) {
        struct draw turned = draw;
        turned.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        struct owner other = owner_of(turned);
        decide += other.size && !same(plain, &other);
        if (bit % 16 == 0) evidence_progress();
    }
    return decide;
}

void owners(uint64_t seed) {
    struct draw draw;
    (void)seed; /* bytes that follow from it would be known to whoever looks for it */
    begin();
    if (getrandom(&draw, sizeof draw, 0) != sizeof draw) _exit(1);
    struct owner plain = owner_of(draw), again = owner_of(draw);
    uint64_t tried = plain.drawn < BITS_TRIED ? plain.drawn : BITS_TRIED;
    evidence_count("drawn", plain.drawn);
    evidence_count("tried", tried);
    evidence_count("decide", deciding(draw, &plain, tried));
    evidence_count("confused", confused());
    evidence_count("alike", plain.size && same(&plain, &again));
    end();
}
