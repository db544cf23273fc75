/* SPDX-License-Identifier: MIT */
/* sim_bytes.c -- what the server writes, byte by byte, and how many bytes it has
 * read and not yet written. */
#include "sim.h"

#include <string.h>

enum { HELD_MAX = 64 * 1024 };

typedef unsigned long ul;

/* What is wrong with bytes that the server writes. */
static const struct world_rule missing = {"missing", "every byte back, in order",
                                          "what happens to the rest of a write that came back short?"};
static const struct world_rule repeated = {"repeated", "every byte back, once",
                                           "how many of these bytes had been written before?"};
static const struct world_rule of_another = {"of_another", "each client gets its own bytes back",
                                             "whose bytes are in the buffer when it is written?"};
static const struct world_rule unlike = {"unlike", "every byte back, in order",
                                         "follow this byte from its read to its write: is it lost, or written twice?"};
static const struct world_rule nobodys = {"nobodys", "every byte back, in order",
                                          "which memory is written from, and how much of it did the read fill?"};

static const struct world_rule too_much = {"held", "at most 64 KiB of a connection's bytes in user space",
                                           "does the server read on while bytes of this connection wait to be sent?"};

enum { TELLING = 4, SEARCHED = 4000 }; /* bytes in a row that tell a place in a stream; less than its period */

static bool stream_has(int client, uint64_t at, const unsigned char *bytes, size_t size) {
    for (size_t done = 0, run; done < size; done += run) {
        const unsigned char *right = stream_at(client, at + done, &run);
        if (run > size - done) run = size - done;
        if (memcmp(bytes + done, right, run) != 0) return false;
    }
    return true;
}

/* Where `bytes` are found in a client's stream, nearest to `from` and within what it has sent. */
static bool found_in(const struct peer *p, uint64_t from, const unsigned char *bytes, size_t size, uint64_t *at) {
    for (uint64_t by = 0; by < SEARCHED; by++) {
        *at = from + by;
        if (*at + size <= p->sent && stream_has(p->number, *at, bytes, size)) return true;
        *at = from - by;
        if (by <= from && *at + size <= p->sent && stream_has(p->number, *at, bytes, size)) return true;
    }
    return false;
}

/* The server writes `bytes` to `p`, and the stream goes on otherwise at `due`. */
static _Noreturn void fail_bytes(const struct peer *p, uint64_t due, const unsigned char *bytes, size_t size) {
    uint64_t at;
    if (size >= TELLING && found_in(p, due, bytes, size, &at)) {
        if (at > due)
            world_fail(&missing, "client %d gets its byte %lu where byte %lu is due: %lu byte%s missing", p->number,
                       (ul)at, (ul)due, (ul)(at - due), at - due == 1 ? " is" : "s are");
        world_fail(&repeated, "client %d gets its byte %lu again, where byte %lu is due", p->number, (ul)at, (ul)due);
    }
    for (const struct client *o = story.clients; size >= TELLING && o < story.clients + story.count; o++)
        if (o->peer != p && found_in(o->peer, o->peer->echoed, bytes, size, &at))
            world_fail(&of_another, "client %d gets byte %lu of client %d, where its own byte %lu is due", p->number,
                       (ul)at, o->peer->number, (ul)due);
    size_t run;
    bool after_short = p->short_at == p->echoed + 1;
    world_fail(after_short      ? &missing
               : size < TELLING ? &unlike
                                : &nobodys,
               "client %d gets %d as its byte %lu, and had sent %d there%s", p->number, bytes[0], (ul)due,
               *stream_at(p->number, due, &run), after_short ? "; the write before this one came back short" : "");
}

void rule_wrote(struct peer *p, const unsigned char *bytes, size_t size) {
    /* Not `read`: bytes may be looked at, sent, and only then taken out. */
    uint64_t left = p->sent - p->echoed;
    size_t right = 0, run, most = size < left ? size : (size_t)left;
    if (!stream_has(p->number, p->echoed, bytes, most)) {
        while (bytes[right] == *stream_at(p->number, p->echoed + right, &run)) right++;
        fail_bytes(p, p->echoed + right, bytes + right, size - right < 16 ? size - right : 16);
    }
    if (size > left)
        world_fail(&repeated, "client %d gets %lu byte%s, and has sent only %lu", p->number, (ul)(p->echoed + size),
                   p->echoed + size == 1 ? "" : "s", (ul)p->sent);
}

/* More than may be held has been read and not written. Held or dropped? The
 * client reads from now on: what comes back tells. */
static void let_it_read(struct client *c) {
    world_tell(c->peer->number, "sends no more, and reads from now on");
    c->held_until = c->peer->read, c->wants = c->peer->sent;
    c->never_reads = c->reads_late = c->never_ends = false, c->away_until_ms = 0;
}

void rule_held(struct client *c) {
    const struct peer *p = c->peer;
    uint64_t held = p->user_in > p->user_out ? p->user_in - p->user_out : 0;
    if (held > HELD_MAX && !p->rst && !c->held_until) let_it_read(c);
    if (held > c->held_most) c->held_most = held;
    if (c->held_until && p->echoed >= c->held_until)
        world_fail(&too_much, "the server held %lu bytes of client %d: it had read them, and not yet written them back",
                   (ul)c->held_most, p->number);
}
