/* SPDX-License-Identifier: MIT */
/* sim_lives.c -- lives of a server: which clients connect, and what goes wrong. */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BIG = 32 * 1024, BIG_ANSWERS = 300, BEHIND = 160, BEHIND_BYTES = 16 * 1024, MANY_DESCRIPTORS = 1500 };

static void life_one(void) {
    clients_begin();
    struct client *c = client_new(256, 256);
    ask_text(c, "*1\r\n$4\r\nPING\r\n", "+PONG\r\n");
    clients_serve();
}

/* Split at any byte, pipelined, several at a time. */
static void life_split(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(3); n > 0; n--) {
        struct client *c = client_talker(1 + world_choose(12));
        if (world_choose(2)) c->piece = 1 + world_choose(3);
    }
    clients_serve();
}

/* The last request ends the connection, and what was asked before it is answered. */
static void add_last(struct client *c) {
    static const char *const last[][2] = {
        {"*1\r\n$4\r\nQUIT\r\n", "+OK\r\n"},
        {"quit\r\n", "+OK\r\n"},
        {"*1\r\n+4\r\n", "-ERR Protocol error: expected '$', got '+'\r\n"},
        {"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*1025\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*1\r\n$65537\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"set k \"a\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
    };
    const char *const *which = last[world_choose(sizeof last / sizeof *last)];
    ask_text(c, which[0], which[1]);
    c->quits = true;
}

static void life_endings(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(world_choose(8));
        if (world_choose(2)) {
            add_last(c);
            continue;
        }
        c->ends = true, c->ends_early = world_choose(2);
    }
    clients_serve();
}

/* Half-closes, reads nothing, and resets: its answers meet EPIPE, at the first write and without a warning. */
static void gone_after_its_end(void) {
    struct client *c = client_new(4096, 32 + any_size(512));
    for (int n = 0; n < 6; n++) ask_any(c, 40);
    c->at_once = c->never_reads = c->resets = true, c->resets_at = c->asks_size;
}

static void life_resets(void) {
    clients_begin();
    if (world_choose(2)) gone_after_its_end();
    for (unsigned n = 2 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(1 + world_choose(6));
        c->resets = world_choose(2), c->resets_at = world_choose((unsigned)c->asks_size + 1);
        c->ends = !c->resets && world_choose(2), c->ends_early = world_choose(2);
        if (c->resets) c->never_reads = world_choose(2), c->in_step = false;
    }
    clients_serve();
}

/* Asks for much and reads nothing, until everybody else is content; megabytes of requests come behind. */
static void life_slow(void) {
    static char big[BIG], answer[BIG + 32];
    clients_begin();
    story.bounded = true;
    struct client *c = client_new(RING_BYTES, 4096 + any_size(100000));
    memset(big, 'b', BIG);
    ask_words(c, "+OK\r\n", 5, 3, "SET", (size_t)3, "big", (size_t)3, big, (size_t)BIG);
    int head = snprintf(answer, sizeof answer, "$%d\r\n", BIG);
    memcpy(answer + head, big, BIG), memcpy(answer + head + BIG, "\r\n", 2);
    for (int i = 0; i < BIG_ANSWERS; i++)
        ask_words(c, answer, (size_t)head + BIG + 2, 2, "GET", (size_t)3, "big", (size_t)3);
    head = snprintf(answer, sizeof answer, "$%d\r\n", BEHIND_BYTES);
    memcpy(answer + head, big, BEHIND_BYTES), memcpy(answer + head + BEHIND_BYTES, "\r\n", 2);
    for (int i = 0; i < BEHIND; i++)
        ask_words(c, answer, (size_t)head + BEHIND_BYTES + 2, 2, "ECHO", (size_t)4, big, (size_t)BEHIND_BYTES);
    c->reads_late = true, c->ends = world_choose(2), c->ends_early = true;
    for (unsigned n = 1 + world_choose(2); n > 0; n--) client_talker(6);
    clients_serve();
}

static void life_flood(void) {
    static char bytes[1000], answer[1100];
    clients_begin();
    story.turns = true;
    struct client *c = client_new(RING_BYTES - 1, RING_BYTES);
    memset(bytes, 'f', sizeof bytes);
    int head = snprintf(answer, sizeof answer, "$1000\r\n");
    memcpy(answer + head, bytes, 1000), memcpy(answer + head + 1000, "\r\n", 2);
    for (unsigned n = 1500 + world_choose(500); n > 0; n--)
        ask_words(c, answer, (size_t)head + 1002, 2, "ECHO", (size_t)4, bytes, (size_t)1000);
    c->floods = true;
    for (unsigned n = 1 + world_choose(2); n > 0; n--) client_talker(5);
    clients_serve();
}

static void life_interrupts(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) client_talker(6)->ends = world_choose(2);
    world_faults.interrupts = 4 + world_choose(12);
    world_faults.network_errors = world_choose(4) == 3 ? 3 : 0;
    clients_serve();
}

static void another_closes(void *argument) {
    (void)argument;
    world_tell(0, "(elsewhere in the process, descriptors are closed)");
    world_faults.descriptors += MAX_PEERS;
    rule_accepts_soon();
}

static void life_few_descriptors(void) {
    clients_begin();
    unsigned room = 5 + 3 * (1 + world_choose(3));
    bool come_and_go = world_choose(2);
    for (unsigned n = room + 1 + world_choose(4); n > 0; n--) client_talker(1)->ends = come_and_go;
    world_faults.descriptors = (int)room;
    world_faults.full_errno = world_choose(2) ? ENFILE : EMFILE;
    world_faults.accept_failures = world_choose(3) == 2 ? 4 : 0;
    world_in_ms(300 + 10 * world_choose(100), another_closes, NULL);
    clients_serve();
}

static void beginning_fails(void) {
    world_faults.failing_after = world_choose(2);
    world_faults.failing_call = "epoll_ctl";
    world_faults.failing_errno = story.begin_error = ENOSPC;
}

static void life_stop(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        struct client *c = client_talker(8);
        c->ends = world_choose(2), c->never_reads = world_choose(4) == 3;
    }
    story.ending = true, story.stop_comes_early = world_choose(2);
    if (world_choose(8) == 7) beginning_fails();
    clients_serve();
}

static void life_memory(void) {
    clients_begin();
    story.memory = true;
    for (unsigned n = 2 + world_choose(4); n > 0; n--) {
        struct client *c = client_new(any_size(256), any_size(256));
        c->piece = any_size(128), c->in_step = world_choose(2);
        for (unsigned m = 1 + world_choose(6); m > 0; m--) {
            ask_text(c, "*2\r\n$4\r\nECHO\r\n$10\r\n0123456789\r\n", "$10\r\n0123456789\r\n");
            ask_text(c, "SET k 1\r\n", "+OK\r\n");
        }
        c->ends = true;
    }
    if (world_choose(3) < 2)
        world_faults.refused_memory = 2 + world_choose(6);
    else
        world_faults.refused_watches = 2;
    story.ending = true;
    clients_serve();
}

static void come_back(void *argument) {
    (void)argument;
    world_progress();
}

/* Keys that expire while nobody says a word, long before and long after that. One client says its first word after a
 * while, which may be hours. */
static void life_idle(void) {
    static const unsigned rests_s[] = {6, 6, 70, 400, 11000};
    uint64_t until_ms = 1000 * rests_s[world_choose(sizeof rests_s / sizeof *rests_s)];
    clients_begin();
    story.idle = true;
    struct client *first = client_new(256, 256), *later = client_new(256, 256);
    char line[64];
    for (unsigned n = 1 + world_choose(4); n > 0; n--) {
        snprintf(line, sizeof line, "SET k%u v PX %u\r\n", n, 900 + world_choose(1500));
        ask_text(first, line, "+OK\r\n");
    }
    ask_text(first, "SET far v EX 100000\r\n", "+OK\r\n");
    ask_text(later, "EXISTS k1 k2 k3 k4 far\r\n", ":1\r\n");
    ask_text(later, "DBSIZE\r\n", ":1\r\n");
    later->not_before_ms = until_ms;
    world_in_ms(until_ms - world_now_ms(), come_back, NULL);
    clients_serve();
}

static void life_on_exec(void) {
    clients_begin();
    for (unsigned n = 1 + world_choose(4); n > 0; n--) client_talker(4)->ends = world_choose(2);
    rule_on_exec_only();
    clients_serve();
}

static void life_mixed(void) {
    clients_begin();
    world_faults.first_descriptor = world_choose(2) ? MANY_DESCRIPTORS : 0;
    for (unsigned n = 2 + world_choose(5); n > 0; n--) {
        struct client *c = client_talker(1 + world_choose(8));
        if (world_choose(3) == 2)
            add_last(c);
        else
            c->ends = world_choose(2), c->ends_early = world_choose(2), c->resets = world_choose(4) == 3,
            c->resets_at = world_choose((unsigned)c->asks_size + 1);
    }
    world_faults.interrupts = world_choose(2) ? 10 : 0;
    story.ending = true, story.stop_comes_early = world_choose(3) == 2;
    clients_serve();
}

const struct world_scenario world_scenarios[] = {{"listens", life_listens},
                                                 {"one", life_one},
                                                 {"split", life_split},
                                                 {"endings", life_endings},
                                                 {"resets", life_resets},
                                                 {"slow", life_slow},
                                                 {"flood", life_flood},
                                                 {"interrupts", life_interrupts},
                                                 {"few_descriptors", life_few_descriptors},
                                                 {"stop", life_stop},
                                                 {"memory", life_memory},
                                                 {"idle", life_idle},
                                                 {"on_exec", life_on_exec},
                                                 {"mixed", life_mixed},
                                                 {0}};
