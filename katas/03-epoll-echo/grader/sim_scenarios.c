/* SPDX-License-Identifier: MIT */
/* sim_scenarios.c -- lives of a server: which clients connect, and what goes wrong. */
#include "sim.h"

#include <errno.h>

enum { AWAY_MS = 65000, LONG_AWAY_MS = 700000, MANY_BYTES = 200000, MANY_DESCRIPTORS = 1500 };

struct client *client_talker(size_t most) {
    struct client *c = client_new(any_size(256), any_size(256));
    c->wants = any_size(most), c->piece = any_size(128), c->in_step = world_choose(2);
    return c;
}

void life_one(void) {
    clients_begin();
    client_new(256, 256)->wants = 1 + world_choose(64);
    story.judged.echo_alone = true;
    clients_serve();
}

/* Now and then all that there can be, in the queue at once. */
void life_crowd(void) {
    clients_begin();
    bool together = world_choose(6) == 5;
    for (unsigned n = together ? MAX_PEERS : 2 + world_choose(10); n > 0; n--) {
        struct client *c = client_new(128, 128);
        c->wants = 1 + world_choose(32), c->together = together;
    }
    if (world_choose(4) == 3) story.input_closes_at = 1 + world_choose(16);
    clients_serve();
}

void life_bytes(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) client_talker(1500);
    clients_serve();
}

/* More bytes than a read takes, and the end of the stream behind them, when the
 * server looks for the first time: one event tells of both. */
static void end_before_the_bytes(void) {
    struct client *c = client_new(MANY_BYTES, world_choose(2) ? RING_BYTES : 1024 + any_size(100000));
    c->wants = 65000 + 1000 * world_choose(130), c->at_once = c->ends = c->ends_early = true;
}

void life_endings(void) {
    clients_begin();
    if (world_choose(8) == 7) end_before_the_bytes();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(400);
        c->wants -= world_choose(2) ? c->wants : 0; /* one that ends without a word */
        c->ends = true, c->ends_early = world_choose(2);
    }
    clients_serve();
}

/* Half-closes, reads nothing, and resets: what is owed meets EPIPE, at the first
 * write and without a warning. */
static void gone_after_its_end(void) {
    size_t bytes = 64 + any_size(2000);
    struct client *c = client_new(bytes, world_choose(2) ? RING_BYTES : 32 + any_size(512));
    c->wants = bytes, c->at_once = world_choose(2), c->ends = c->ends_early = c->never_reads = true;
    c->resets = c->ends_first = true, c->resets_at = bytes;
}

void life_resets(void) {
    clients_begin();
    if (world_choose(6) == 5) gone_after_its_end();
    for (unsigned n = 2 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(300);
        c->ends = world_choose(2), c->ends_early = world_choose(2);
        c->resets = world_choose(2), c->resets_at = world_choose((unsigned)c->wants + 1);
        c->lost_by = world_choose(3) < 2 ? 0 : world_choose(2) ? EHOSTUNREACH : ETIMEDOUT;
    }
    world_faults.network_errors = world_choose(4) == 3 ? 3 : 0;
    clients_serve();
}

/* Time alone ends no connection. */
static void comes_back(void *client) {
    const struct client *c = client;
    if (c->away_until_ms == 0) return; /* it is back already */
    world_tell(c->peer->number, "is back after %lu s", (unsigned long)c->away_until_ms / 1000);
    world_progress();
}

static void stay_away(struct client *c) {
    uint64_t ms = world_choose(8) == 7 ? LONG_AWAY_MS : AWAY_MS;
    c->away_until_ms = world_now_ms() + ms;
    world_in_ms(ms, comes_back, c);
}

/* Two hundred thousand bytes for a client that does not read them yet; or so few that
 * all are on their way when it half-closes. */
void life_slow(void) {
    clients_begin();
    struct client *c = client_new(1024 + any_size(16384), 1024 + any_size(32768));
    c->wants = 200000, c->reads_late = world_choose(2), c->never_reads = !c->reads_late;
    if (c->reads_late && world_choose(3) == 2) c->wants = 20000, c->ends = c->ends_early = true;
    if (c->reads_late && world_choose(2)) stay_away(c);
    for (unsigned n = 1 + world_choose(2); n > 0; n--) client_talker(300);
    clients_serve();
}

/* Reads that come back short, reads that never do, and half a mebibyte that is
 * there before the first read, and of which no further edge will tell. */
static struct client *flooder(void) {
    unsigned kind = world_choose(8);
    size_t in_bytes = kind == 7 ? 100000 : kind == 6 ? 512000 : 2048 + any_size(14000);
    struct client *c = client_new(in_bytes, RING_BYTES);
    c->floods = true;
    c->wants = kind == 7 ? 200000 + 14000 * world_choose(256) : kind == 6 ? 512000 : 400000 + 4000 * world_choose(256);
    return c;
}

/* One whose receive buffer is never empty, one of whose half a mebibyte a single
 * edge tells, and one that connects later. */
static void two_floods(void) {
    struct client *endless = client_new(RING_BYTES - 1, RING_BYTES), *once = client_new(512000, RING_BYTES);
    endless->floods = once->floods = true;
    endless->wants = 10000000, once->wants = 512000;
    client_talker(100)->comes_after = RING_BYTES + world_choose(RING_BYTES);
}

/* More than a turn, and the end of the stream behind it, when the server looks for the first time. */
static void flood_with_an_end(void) {
    struct client *c = client_new(RING_BYTES - 1, RING_BYTES);
    c->wants = 512000, c->at_once = c->ends = c->ends_early = true;
}

void life_flood(void) {
    clients_begin();
    story.judged.turns = true;
    unsigned kind = world_choose(12);
    if (kind == 11) {
        two_floods();
        clients_serve();
        return;
    }
    kind == 10 ? flood_with_an_end() : flooder();
    for (unsigned n = 1 + world_choose(2); n > 0; n--) client_talker(100);
    clients_serve();
}

void life_interrupts(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(300);
        c->ends = world_choose(2);
    }
    world_faults.interrupts = 4 + world_choose(12);
    clients_serve();
}

/* Another part of the process closes descriptors. */
static void another_closes(void *argument) {
    (void)argument;
    world_tell(0, "(elsewhere in the process, descriptors are closed)");
    world_faults.descriptors += MAX_PEERS;
    rule_accepts_soon();
}

void life_few_descriptors(void) {
    clients_begin();
    unsigned connections = 1 + world_choose(3), room = 5 + 3 * connections;
    bool come_and_go = world_choose(2);
    for (unsigned n = room + 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_new(64, 64);
        c->wants = 1 + world_choose(16), c->ends = come_and_go;
    }
    if (world_choose(4) == 3) story.clients[0].ends = false, client_ticks(&story.clients[0], 20);
    world_faults.descriptors = (int)room;
    world_faults.full_errno = world_choose(2) ? ENFILE : EMFILE;
    world_faults.accept_failures = world_choose(3) == 2 ? 4 : 0;
    world_in_ms(300 + 10 * world_choose(100), another_closes, NULL);
    clients_serve();
}

/* A call that makes or fills an interest list fails: the first one, or the next. */
static void beginning_fails(void) {
    bool making = world_choose(2);
    world_faults.failing_after = making ? 0 : world_choose(2);
    world_faults.failing_call = making ? interface.make : interface.watch;
    world_faults.failing_errno = story.begin_error = making ? EMFILE : interface.watch_errno;
}

/* Large pieces: a turn of theirs is a few hundred calls at most. */
static void endless(void) {
    struct client *c = client_new(4096 + any_size(14000), RING_BYTES);
    c->wants = 400, c->never_ends = true;
}

void life_stop(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(400);
        c->ends = world_choose(2), c->never_reads = world_choose(4) == 3;
    }
    story.judged.after_stop = true, story.judged.stop_comes_early = world_choose(2);
    story.judged.twice = world_choose(2), story.without_input = world_choose(4) == 3;
    if (world_choose(8) == 7) beginning_fails();
    if (!story.judged.twice && world_choose(4) == 3) endless();
    clients_serve();
}

void life_memory(void) {
    clients_begin();
    for (unsigned n = 2 + world_choose(4); n > 0; n--) client_talker(400)->ends = true;
    if (world_choose(3) < 2)
        world_faults.refused_memory = 2 + world_choose(4);
    else
        world_faults.refused_watches = 2;
    clients_serve();
}

void life_edges(void) {
    clients_begin();
    client_talker(300), client_talker(300);
    rule_edges_only();
    clients_serve();
}

/* Here a server makes all its descriptors: spare ones, pipes for bytes that wait, and so on. */
void life_on_exec(void) {
    clients_begin();
    unsigned connections = 1 + world_choose(4);
    for (unsigned n = connections; n > 0; n--) client_talker(400)->ends = world_choose(2);
    if (world_choose(2)) world_faults.descriptors = (int)(5 + 3 * connections);
    rule_on_exec_only();
    clients_serve();
}

/* Sends without pause, and resets while the server has it down for another turn. */
static void flood_with_a_reset(void) {
    struct client *c = flooder();
    c->resets = true, c->resets_at = c->wants - 1000 * world_choose(60);
}

/* Everything at once; now and then in a process that has many descriptors open. */
void life_mixed(void) {
    clients_begin();
    if (world_choose(8) == 7) flood_with_a_reset();
    world_faults.first_descriptor = world_choose(2) ? MANY_DESCRIPTORS : 0;
    for (unsigned n = 2 + world_choose(5); n > 0; n--) {
        struct client *c = client_talker(400);
        c->ends = world_choose(2), c->ends_early = world_choose(2);
        c->resets = world_choose(4) == 3, c->resets_at = world_choose((unsigned)c->wants + 1);
    }
    world_faults.interrupts = world_choose(2) ? 10 : 0;
    world_faults.refused_memory = world_choose(4) == 3 ? 8 : 0;
    story.judged.after_stop = true, story.judged.stop_comes_early = world_choose(3) == 2;
    clients_serve();
}
