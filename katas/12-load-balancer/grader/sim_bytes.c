/* SPDX-License-Identifier: MIT */
/* sim_bytes.c -- what the proxy writes, byte by byte; how much it holds; how long a turn is. */
#include "sim.h"

enum { HELD_MAX = 64 * 1024, TURN_BYTES = 256 * 1024, TURN_CALLS = 64, CHUNK = 64 * 1024 };

typedef unsigned long ul;

static const struct world_rule unlike = {"unlike", "each side gets the bytes that the other one has sent, in order",
                                         "follow this byte from its read to its write: is it lost, or written twice?"};
static const struct world_rule missing = {"missing", "each side gets every byte that the other one has sent, in order",
                                          "what happens to the rest of a write that came back short?"};
static const struct world_rule too_many = {"too_many", "each side gets the bytes that the other one has sent, once",
                                           "how many of these bytes had been written before?"};
static const struct world_rule mixed_up = {
    "mixed_up", "who is joined with whom never changes",
    "which pair does this descriptor belong to, and whose bytes are in the buffer?"};
static const struct world_rule too_much = {
    "held", "at most 64 KiB of what one side has sent in user space",
    "does the proxy read on from a side whose bytes the other one does not take?"};
static const struct world_rule starved = {"turns", "at most 256 KiB or 64 calls before the others get their turn",
                                          "what ends the loop when a side sends without pause?"};

/* The first byte of a stream says whose it is. */
static struct side *sender_of(struct side *to, unsigned char first) {
    struct side *from = first >= 1 && first <= story.count ? &story.sides[first - 1] : NULL;
    if (!from || is_client(from) == is_client(to) || from->peer->sent == 0)
        world_fail(&mixed_up, "%s %d gets %d as its first byte, with which nobody's stream begins", kind(to),
                   to->peer->number, first);
    if (from->other)
        world_fail(&mixed_up, "%s %d gets the stream of %s %d, who is joined with %d", kind(to), to->peer->number,
                   kind(from), from->peer->number, from->other->peer->number);
    if (is_client(to))
        join(to, from);
    else
        join(from, to);
    return from;
}

void rule_wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    struct side *to = side_of(p), *from = to->other ? to->other : sender_of(to, bytes[0]);
    for (size_t i = 0; i < size; i++) {
        uint64_t at = p->echoed + i;
        if (at >= from->peer->sent)
            world_fail(&too_many, "%s %d gets %lu byte%s, and %s %d has sent %lu", kind(to), p->number,
                       (ul)(p->echoed + size), p->echoed + size == 1 ? "" : "s", kind(from), from->peer->number,
                       (ul)from->peer->sent);
        unsigned char due = stream_byte(from->peer->number, at);
        if (bytes[i] == due) continue;
        bool after_short = i == 0 && p->short_at == p->echoed + 1;
        world_fail(after_short ? &missing : &unlike,
                   "%s %d gets %d as byte %lu of its stream, and %s %d had sent %d there%s", kind(to), p->number,
                   bytes[i], (ul)at, kind(from), from->peer->number, due,
                   after_short ? "; the write before this one came back short" : "");
    }
}

/* As far as they could be passed on. */
static void judge_held(const struct side *from) {
    if (!from || from->peer->rst || (from->other && from->other->peer->rst)) return;
    uint64_t out = from->other ? from->other->peer->user_out : 0;
    if (from->peer->user_in > out + HELD_MAX)
        world_fail(&too_much, "the proxy holds %lu bytes of %s %d: it has read them, and not written them",
                   (ul)(from->peer->user_in - out), kind(from), from->peer->number);
}

/* A run is what happens on one pair between two waits. */
static struct {
    const struct side *side;
    uint64_t bytes, calls, since;
} run;

/* The proxy could do something for it at once. */
static bool is_servable(const struct side *s) {
    const struct peer *p = s->peer;
    return p->state == ACCEPTED && p->ready_since && p->ready_since <= run.since && s->other &&
           s->other->peer->out.used == 0 && !s->other->peer->nospace;
}

static void judge_turn(const struct side *s, size_t size) {
    if (!s || (s != run.side && s->other != run.side)) run.side = s, run.bytes = run.calls = 0, run.since = world_calls;
    if (!s) return;
    run.calls++, run.bytes += size;
    if (run.bytes <= TURN_BYTES + CHUNK || run.calls <= TURN_CALLS + 4) return;
    for (const struct side *o = story.sides; o < story.sides + story.count; o++)
        if (o != s && o != s->other && is_servable(o))
            world_fail(&starved, "%lu KiB in %lu calls for %s %d and its other side, while %s %d waits to be read",
                       (ul)(run.bytes >> 10), (ul)run.calls, kind(s), s->peer->number, kind(o), o->peer->number);
}

void rule_moved(struct peer *p, size_t size, bool in) {
    struct side *s = p ? side_of(p) : NULL;
    if (story.turns) judge_turn(s, in ? size : 0);
    if (s && in) judge_held(s);
}
