/* SPDX-License-Identifier: MIT */
/* owners.c -- on which of the random bits an owner depends.
 *
 *   owners   one acquire after the other, each in a process of its own that knows nothing of the others: once with the
 *            random bytes as they are, then with each bit of them the other way round
 *
 *   Then pairs of draws that are one, once their parts are written as numbers without leading zeros: 1 and 23, 12
 * and 3.
 *
 * Evidence: `drawn`, the random bits that acquire asked for; `tried`, the first 512 of them; `decide`, those that made
 * another owner of it; `alike`, 1 if the owner was the same again with the bytes as they are; `confused`, the bytes of
 * a part in such a pair that had one owner, or 0. */
#include <string.h>
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

/* What the random bytes are like: a bit that is the other way round, or -1; the first ones, or NULL. */
struct draw {
    int64_t flip;
    const unsigned char *given;
    size_t given_size;
};

/* The key's value after an acquire. */
static struct owner acquired(struct draw draw) {
    struct client client = {0};
    struct lease_env env = world_env(&client);
    struct lease lease;
    world_begin();
    world.flip = draw.flip, world.given = draw.given, world.given_size = draw.given_size;
    world_begin_call("jobs", 0);
    client.lease_client = new_client(&env);
    lease_acquire(client.lease_client, "jobs", 1000, &lease);
    struct owner owner = {world.draws * 8, world.owner_sizes[0], ""};
    memcpy(owner.value, world.owners[0], sizeof owner.value);
    return owner;
}

/* The same in a process of its own. */
static struct owner alone_acquired(struct draw draw) {
    struct owner owner = {0};
    int ends[2], status;
    if (pipe(ends) != 0) _exit(1);
    pid_t child = fork();
    if (child < 0) _exit(1);
    if (child == 0) {
        owner = acquired(draw);
        _exit(write(ends[1], &owner, sizeof owner) != sizeof owner);
    }
    close(ends[1]);
    if (read(ends[0], &owner, sizeof owner) != sizeof owner) owner.size = 0;
    close(ends[0]);
    waitpid(child, &status, 0);
    return owner;
}

static bool same(const struct owner *a, const struct owner *b) {
    return a->size == b->size && memcmp(a->value, b->value, sizeof a->value) == 0;
}

/* Two parts of so many bytes each, the lowest byte first, as this machine has numbers. */
static struct owner of_parts(size_t bytes, unsigned char first, unsigned char second) {
    unsigned char given[16] = {0};
    given[0] = first, given[bytes] = second;
    return alone_acquired((struct draw){-1, given, sizeof given});
}

static uint64_t confused(void) {
    for (size_t bytes = 1; bytes <= 8; bytes *= 2) {
        struct owner hex[] = {of_parts(bytes, 0x1, 0x23), of_parts(bytes, 0x12, 0x3)};
        struct owner decimal[] = {of_parts(bytes, 1, 23), of_parts(bytes, 12, 3)};
        if (same(&hex[0], &hex[1]) || same(&decimal[0], &decimal[1])) return bytes;
    }
    return 0;
}

void owners(uint64_t seed) {
    (void)seed;
    struct owner plain = alone_acquired((struct draw){.flip = -1}), again = alone_acquired((struct draw){.flip = -1});
    uint64_t tried = plain.drawn < BITS_TRIED ? plain.drawn : BITS_TRIED, decide = 0;
    for (uint64_t bit = 0; bit < tried; bit++) {
        struct owner other = alone_acquired((struct draw){.flip = (int64_t)bit});
        decide += other.size && !same(&plain, &other);
        if (bit % 16 == 0) evidence_progress();
    }
    evidence_count("drawn", plain.drawn);
    evidence_count("tried", tried);
    evidence_count("decide", decide);
    evidence_count("confused", confused());
    evidence_count("alike", plain.size && same(&plain, &again));
}
