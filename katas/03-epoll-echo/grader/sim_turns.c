/* SPDX-License-Identifier: MIT */
/* sim_turns.c -- how long a turn of one connection is, and which connection has the next. */
#include "sim.h"

enum { TURN_BYTES = 256 * 1024, TURN_CALLS = 64, CHUNK = 64 * 1024 };

typedef unsigned long ul;

static const struct world_rule starved = {"turns", "at most 256 KiB or 64 calls before the others get their turn",
                                          "what ends the loop when the client sends without pause?"};
static const struct world_rule passed_over = {
    "passed_over", "between two turns of a connection, each other one that is ready has a turn",
    "in which order do connections go on whose turn was cut short, and when is accept called meanwhile?"};

/* A run is what happens on one connection between two events for others. */
static struct {
    struct peer *peer;
    uint64_t bytes, calls, since;
} run;

static bool others_ready(const struct peer *p) {
    for (struct client *c = story.clients; c < story.clients + story.count; c++)
        if (c->peer != p && c->peer->state == ACCEPTED && c->peer->ready_since && c->peer->ready_since <= run.since)
            return true;
    return false;
}

/* Some leave is given: a read may go past the limit by what it brings. */
static void judge_turn(struct peer *p, size_t size) {
    if (p != run.peer) run.peer = p, run.bytes = run.calls = 0, run.since = world_calls;
    if (!p) return;
    run.calls++, run.bytes += size;
    if (run.calls > TURN_CALLS + 4 && run.bytes > TURN_BYTES + CHUNK && others_ready(p))
        world_fail(&starved, "%lu KiB in %lu calls on the connection of client %d, while another waits to be read",
                   (ul)(run.bytes >> 10), (ul)run.calls, p->number);
}

/* Could the server do something for it at once? */
static bool servable(const struct peer *p) {
    return p->state == QUEUED || (p->state == ACCEPTED && p->ready_since && !p->nospace);
}

/* Between two turns of a client's each of the others has one, at most. */
static void judge_turns(const struct peer *served, size_t size) {
    const uint64_t turns = (uint64_t)story.count + 1;
    for (struct client *c = story.clients; c < story.clients + story.count; c++) {
        if (c->peer == served || c->passed.as != c->peer->state || !servable(c->peer))
            c->passed.as = c->peer->state, c->passed.bytes = c->passed.calls = 0;
        c->passed.bytes += size, c->passed.calls++;
        if (c->passed.bytes <= turns * (TURN_BYTES + CHUNK) || c->passed.calls <= turns * (TURN_CALLS + 4)) continue;
        world_fail(&passed_over, "%lu KiB in %lu calls on the connections of others, while client %d waits to be %s",
                   (ul)(c->passed.bytes >> 10), (ul)c->passed.calls, c->peer->number,
                   c->peer->state == QUEUED ? "accepted" : "read");
    }
}

void rule_turn(struct peer *p, size_t size) {
    judge_turn(p, size);
    if (p) judge_turns(p, size);
}
