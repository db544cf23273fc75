/* SPDX-License-Identifier: MIT */
/* sim_lives.c -- lives of a proxy: who connects, which backends answer, and what goes wrong. */
#include "sim.h"

#include <errno.h>

enum { MANY_DESCRIPTORS = 1500, OFTEN = 4 };

/* ---- what a backend is about, once it is connected to */

static void talks(struct side *s) {
    side_talks(s, 300);
}

/* All of it fits. */
static void talks_plainly(struct side *s) {
    s->peer->in.size = s->peer->out.size = 256;
    s->wants = 1 + world_choose(64);
}

static void talks_and_ends(struct side *s) {
    side_talks(s, 300);
    s->wants -= world_choose(3) == 2 ? s->wants : 0; /* one that ends without a word */
    s->ends = world_choose(4) > 0, s->ends_late = world_choose(2);
}

/* Anywhere in its stream, or behind its end. */
static uint64_t any_place(const struct side *s) {
    return s->ends && world_choose(3) == 2 ? s->wants + 1 : world_choose((unsigned)s->wants + 1);
}

static void talks_and_fails(struct side *s) {
    talks_and_ends(s);
    s->resets = world_choose(2), s->resets_at = any_place(s);
    s->lost_by = world_choose(3) < 2 ? 0 : world_choose(2) ? EHOSTUNREACH : ETIMEDOUT;
}

static int any_refusal(void) {
    static const int errors[] = {ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT};
    return errors[world_choose(3)];
}

/* Half of all connects are refused. */
static void refuses(struct side *s) {
    talks(s);
    if (world_choose(2)) s->fate = REFUSES, s->error = any_refusal();
}

static void never_there(struct side *s) {
    s->fate = REFUSES, s->error = any_refusal();
}

/* ---- lives */

static void life_one(void) {
    sides_begin();
    struct side *c = client_new(256, 256);
    c->wants = 1 + world_choose(64);
    if (world_choose(2)) side_rests(c, 100); /* a proxy that waits for its first byte would sleep meanwhile */
    story.plan = talks_plainly, story.one_alone = true;
    sides_serve();
}

static void talkers(unsigned least, unsigned more, size_t most) {
    for (unsigned n = least + world_choose(more); n > 0; n--) client_talker(most);
}

static void life_bytes(void) {
    sides_begin();
    talkers(1, 3, 1500);
    story.plan = talks, story.without_input = world_choose(4) == 3;
    sides_serve();
}

/* More than a read takes, and the end behind it, when the proxy looks for the first time. */
static void end_before_the_bytes(void) {
    struct side *c = client_new(200000, 1024);
    c->wants = 65000 + 1000 * world_choose(130), c->at_once = c->ends = true;
}

static void life_endings(void) {
    sides_begin();
    if (world_choose(8) == 7) end_before_the_bytes();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct side *c = client_talker(400);
        c->ends = world_choose(4) > 0, c->ends_late = world_choose(2);
        if (story.clients == 1 && n == 1 && world_choose(3) == 2) c->wants = 0;
    }
    story.plan = talks_and_ends;
    sides_serve();
}

static void life_resets(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct side *c = client_talker(300);
        c->ends = world_choose(2), c->ends_late = world_choose(2);
        c->resets = world_choose(3) == 2, c->resets_at = any_place(c);
        c->lost_by = world_choose(3) < 2 ? 0 : ETIMEDOUT;
    }
    story.plan = talks_and_fails;
    world_faults.network_errors = world_choose(4) == 3 ? 3 : 0;
    sides_serve();
}

/* The backend is gone when the proxy looks: its answer lies there, the reset behind it, and what is written now fails.
 */
static void answers_and_dies(struct side *s) {
    s->peer->in.size = 1024 + any_size(4096);
    s->wants = 1 + any_size(s->peer->in.size - 1), s->at_once = world_choose(2);
    s->resets = true, s->resets_at = s->wants;
}

/* A client that asks for more meanwhile, or reads late, or only when all the others have what they want. */
static void life_dying(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(2); n > 0; n--) {
        struct side *c = client_new(any_size(256), 16 + any_size(512));
        side_talks(c, 600);
        c->reads_late = world_choose(2);
    }
    story.plan = answers_and_dies;
    sides_serve();
}

static void life_refusals(void) {
    sides_begin();
    talkers(1, 3, 200);
    story.plan = refuses, story.unreachable = world_choose(2) ? OFTEN : 0;
    sides_serve();
}

static void life_nobody(void) {
    sides_begin();
    talkers(1, 3, 200);
    story.plan = never_there, story.unreachable = world_choose(2) ? 2 : 0, story.down = world_choose(3) == 2;
    sides_serve();
}

/* ---- time */

static void answers_in(struct side *s, uint64_t ms) {
    s->answers_ms = world_now_ms() + ms;
    goes_on_in(s, ms);
}

/* Never, or as late as it can be. */
static void silent_or_late(struct side *s) {
    talks(s);
    unsigned kind = world_choose(3);
    if (kind == 1) s->fate = SILENT;
    if (kind == 2) answers_in(s, story.timeout_ms - 5 < 600000 ? story.timeout_ms - 5 : 600000);
    if (kind == 2 && world_choose(4) == 3) s->fate = REFUSES, s->error = ECONNREFUSED;
}

static void late(struct side *s) {
    talks(s);
    if (world_choose(2)) answers_in(s, 20000 + world_choose(600) * 1000);
}

static void life_timeouts(void) {
    static const uint64_t short_ones[] = {50, 300, 1000, 4000, 30000},
                          long_ones[] = {3000000000, UINT64_MAX, UINT64_MAX / 2};
    sides_begin();
    talkers(1, 3, 200);
    bool is_long = world_choose(4) == 3;
    story.timeout_ms = is_long ? long_ones[world_choose(3)] : short_ones[world_choose(5)];
    story.plan = is_long ? late : silent_or_late;
    sides_serve();
}

/* The client is gone, or has ended, before its backend answers. */
static void some_time(struct side *s) {
    talks_and_ends(s);
    if (world_choose(2)) answers_in(s, 200 + world_choose(1000));
    if (world_choose(4) == 3) s->fate = world_choose(2) ? SILENT : REFUSES, s->error = ECONNREFUSED;
}

static void life_leaving(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct side *c = client_talker(200);
        if (world_choose(2)) c->wants = story.clients == 1 && n == 1 ? world_choose(2) : 1;
        c->resets = world_choose(2), c->resets_at = world_choose((unsigned)c->wants + 1);
        c->ends = world_choose(2);
    }
    story.plan = some_time, story.timeout_ms = 2000;
    sides_serve();
}

/* After some of its bytes, for longer than anybody waits. */
static void rests(struct side *s) {
    static const uint64_t long_ms[] = {40000, 600000, 3 * 3600000};
    s->rests = 1 + world_choose(3), s->rest_ms = long_ms[world_choose(3)];
}

static void talks_and_rests(struct side *s) {
    talks_and_ends(s);
    rests(s);
}

static void life_quiet(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct side *c = client_talker(300);
        c->ends = world_choose(2);
        rests(c);
    }
    story.plan = talks_and_rests;
    sides_serve();
}

/* ---- much */

static bool is_flooded;

static void sends_much(struct side *s) {
    s->peer->in.size = 1024 + any_size(32768), s->peer->out.size = 1024 + any_size(32768);
    s->wants = is_flooded ? 200000 : 1 + any_size(200);
}

static void reads_nothing(struct side *s) {
    s->peer->out.size = 1024 + any_size(16384);
    s->never_reads = world_choose(2), s->reads_late = true;
    s->wants = 1 + any_size(200);
}

/* One side is as fast as can be, the other one does not read: until all others are content, or never. */
static void life_slow(void) {
    sides_begin();
    is_flooded = world_choose(2);
    struct side *c = client_new(1024 + any_size(16384), 1024 + any_size(16384));
    c->wants = is_flooded ? 1 + any_size(200) : 200000;
    c->reads_late = is_flooded, c->never_reads = is_flooded && world_choose(2);
    for (unsigned n = world_choose(3); n > 0; n--) side_talks(client_new(any_size(256), 1024 + any_size(4096)), 300);
    story.plan = is_flooded ? sends_much : reads_nothing;
    sides_serve();
}

static void takes_all(struct side *s) {
    s->peer->in.size = s->peer->out.size = RING_BYTES - 1;
    s->wants = 1 + any_size(100), s->floods = true;
}

static void life_flood(void) {
    sides_begin();
    story.turns = true;
    struct side *c = client_new(2048 + any_size(14000), RING_BYTES);
    c->floods = true, c->wants = 400000 + 4000 * world_choose(256);
    talkers(1, 2, 100);
    story.plan = takes_all;
    sides_serve();
}

/* ---- the machine */

static void life_interrupts(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct side *c = client_talker(300);
        c->ends = world_choose(2);
    }
    story.plan = talks_and_ends;
    world_faults.interrupts = 4 + world_choose(12);
    sides_serve();
}

/* Another part of the process closes descriptors. */
static void another_closes(void *unused) {
    (void)unused;
    world_tell(0, "(elsewhere in the process, descriptors are closed)");
    world_faults.descriptors += 4 * MAX_PEERS;
    rule_accepts_soon();
}

static void life_few_descriptors(void) {
    sides_begin();
    bool come_and_go = world_choose(2);
    for (unsigned n = 6 + world_choose(5); n > 0; n--) {
        struct side *c = client_new(64, 64);
        c->wants = 1 + world_choose(16), c->ends = come_and_go;
    }
    story.plan = talks_and_ends;
    world_faults.descriptors = (int)(9 + world_choose(4));
    world_faults.full_errno = world_choose(2) ? ENFILE : EMFILE;
    world_faults.accept_failures = world_choose(3) == 2 ? 4 : 0;
    world_in_ms(300 + 10 * world_choose(100), another_closes, NULL);
    sides_serve();
}

static void beginning_fails(void) {
    bool making = world_choose(2);
    world_faults.failing_after = making ? 0 : world_choose(2);
    world_faults.failing_call = making ? "epoll_create1" : "epoll_ctl";
    world_faults.failing_errno = story.begin_error = making ? EMFILE : ENOSPC;
}

static void anything(struct side *s) {
    talks_and_fails(s);
    if (world_choose(4) == 3) s->fate = world_choose(2) ? SILENT : REFUSES, s->error = ECONNREFUSED;
}

static void life_stop(void) {
    sides_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct side *c = client_talker(400);
        c->ends = world_choose(2), c->never_reads = world_choose(4) == 3;
    }
    story.plan = anything;
    story.after_stop = true, story.stop_comes_early = world_choose(2);
    if (world_choose(8) == 7)
        beginning_fails();
    else
        story.twice = world_choose(2);
    sides_serve();
}

static void life_memory(void) {
    sides_begin();
    for (unsigned n = 2 + world_choose(3); n > 0; n--) client_talker(400)->ends = true;
    story.plan = talks_and_ends;
    if (world_choose(3) < 2)
        world_faults.refused_memory = 2 + world_choose(4);
    else
        world_faults.refused_watches = 2;
    story.after_stop = true;
    sides_serve();
}

static void life_on_exec(void) {
    sides_begin();
    talkers(1, 4, 400);
    story.plan = talks_and_ends;
    if (world_choose(2)) world_faults.descriptors = 12;
    rule_on_exec_only();
    sides_serve();
}

/* Everything at once; now and then in a process that has many descriptors open. */
static void life_mixed(void) {
    sides_begin();
    world_faults.first_descriptor = world_choose(2) ? MANY_DESCRIPTORS : 0;
    for (unsigned n = 2 + world_choose(4); n > 0; n--) {
        struct side *c = client_talker(400);
        c->ends = world_choose(2), c->ends_late = world_choose(2);
        c->resets = world_choose(4) == 3, c->resets_at = world_choose((unsigned)c->wants + 1);
    }
    story.plan = anything, story.timeout_ms = 200;
    world_faults.interrupts = world_choose(2) ? 10 : 0;
    world_faults.refused_memory = world_choose(4) == 3 ? 8 : 0;
    story.after_stop = true, story.stop_comes_early = world_choose(3) == 2;
    sides_serve();
}

const struct world_scenario world_scenarios[] = {{"one", life_one},
                                                 {"bytes", life_bytes},
                                                 {"endings", life_endings},
                                                 {"resets", life_resets},
                                                 {"dying", life_dying},
                                                 {"refusals", life_refusals},
                                                 {"nobody", life_nobody},
                                                 {"timeouts", life_timeouts},
                                                 {"leaving", life_leaving},
                                                 {"quiet", life_quiet},
                                                 {"slow", life_slow},
                                                 {"flood", life_flood},
                                                 {"interrupts", life_interrupts},
                                                 {"few_descriptors", life_few_descriptors},
                                                 {"stop", life_stop},
                                                 {"memory", life_memory},
                                                 {"on_exec", life_on_exec},
                                                 {"mixed", life_mixed},
                                                 {0}};
