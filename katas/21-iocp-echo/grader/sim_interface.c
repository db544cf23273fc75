/* SPDX-License-Identifier: MIT */
/* sim_interface.c -- completion ports: what of the drivers is its own. A port is
 * the driver's; a stop is a packet. */
#include "sim.h"

#undef echo_listen
#undef echo_serve
#include "iocp_echo.h"

#include <errno.h>
#include <string.h>

enum { COST_CLIENTS = 20, COST_MESSAGES = 40, MESSAGE_BYTES = 64, PACKETS_MAX = 3, CALLS_MAX = 6 };
enum { BESIDE = 60, BESIDE_CLIENT = 8 }; /* calls */
enum { FLOOD_KIB = 512, CALLS_PER_KIB_MAX = 3 };

static const struct world_rule words[] = {
    {"unread", "the server receives as long as there is anything to receive",
     "after which packet is the next WSARecv of this connection asked for?"},
    {"keeps_waiting", "bytes are sent back as soon as the server has received them",
     "between the packet of a WSARecv and the WSASend, what does the server wait for?"},
    {"owed", "what was received is sent back as soon as there is room",
     "which packet leads to the WSASend of these bytes?"},
    {"missing", "every byte back, in order",
     "in which order did packets of this socket come, and how many bytes did each bring?"},
    {"unlike", "every byte back, in order",
     "follow this byte from its WSARecv to its WSASend: in which order do packets of one socket come?"},
    {"queue", "every client that connects is accepted",
     "how many AcceptEx are under way, and what is done when the call, or a packet, tells of an error?"},
    {"queue_behind", "every client that connects is accepted, also behind one that was gone already",
     "after which packets of AcceptEx is the next one asked for?"},
    {"not_closed", "a connection that has ended is closed, once its bytes are sent back",
     "which packet means the end, and is a WSARecv under way that gets it?"},
    {"returned", "echo_serve returns at the stop, and answers 0",
     "which error, of a call or of a packet, was taken for one that ends the server?"},
    {"not_begun", "the error of the call that failed",
     "when is the error asked for, and which calls may change it before?"},
    {"deaf", "echo_serve returns at the stop: a packet with the key ECHO_STOP",
     "is the key of every packet looked at, and what is waited for after the stop?"},
    {"left_open", "every handle opened since the call is closed",
     "which sockets were made ahead or accepted, and where is each closed after the stop?"},
    {"late", "accepted within 250 ms once there is a handle again",
     "no packet tells that there is one again: what else could?"},
    {"late_behind", "accepted within 250 ms after AcceptEx told of an error for another client",
     "after which packets of AcceptEx is the next one asked for?"},
    {0}};

const struct interface interface = {.make = "WSAIoctl",
                                    .watch = "WSAIoctl",
                                    .watch_errno = ENOBUFS,
                                    .stop = "the packet of the stop is in the port",
                                    .words = words};

static const struct world_rule untaken = {
    "untaken", "every request has ended, and its packet was taken, before echo_serve returns",
    "how does the server know at the stop what is still under way?"};
static const struct world_rule inherited = {"inherited", "no child inherits a socket of the server's",
                                            "which flag of WSASocketW does it, or what has to be called right after?"};
static const struct world_rule costly = {
    "cost", "at most 3 packets and 6 calls for a message",
    "what does the server ask for, for each message, and how much of it at a time?"};
static const struct world_rule costly_flood = {"cost", "at most 3 calls for a KiB of a client that sends without pause",
                                               "how much does the server ask for at a time, when so much is there?"};
static const struct world_rule untouched = {"untouched", "*listener is as it was where echo_listen fails",
                                            "where is the caller's socket set?"};

static int port;            /* of this life */
static bool judges_untaken; /* in this life */

/* The errors of which a scenario makes something, as the drivers have them. */
static int errno_of(int error) {
    static const struct {
        int error, number;
    } known[] = {{WSAEMFILE, EMFILE},         {WSAENOBUFS, ENOBUFS},
                 {WSAEADDRINUSE, EADDRINUSE}, {WSA_NOT_ENOUGH_MEMORY, ENOMEM},
                 {WSAEACCES, EACCES},         {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
                 {WSAEINVAL, EINVAL},         {ERROR_NO_SYSTEM_RESOURCES, ENOBUFS}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].error == error) return known[i].number;
    return EIO;
}

static HANDLE handle(int number) {
    return (HANDLE)(intptr_t)number;
}

/* A descriptor, or -errno. A server that cannot begin may find that out here. */
int listen_by_descriptor(const char *ipv4, uint16_t number, int backlog) {
    const SOCKET before = (SOCKET)0xabad1dea;
    SOCKET listener = before;
    port = world_port();
    int result = echo_listen(ipv4, number, backlog, handle(port), &listener);
    if (result != 0 && listener != before)
        world_fail(&untouched, "echo_listen -> %d, and *listener was changed", result);
    if (result != 0 && story.begin_error && !world_faults.failing_call) world_leave();
    return result == 0 ? (int)listener : -errno_of(result);
}

static void judge_untaken(void) {
    int under_way = world_requests(), waiting = world_packets_waiting(port);
    if (under_way > 0)
        world_fail(&untaken, "echo_serve has returned, and %d request%s under way", under_way,
                   under_way == 1 ? " is" : "s are");
    if (waiting > 0)
        world_fail(&untaken, "echo_serve has returned, and %d packet%s in the port", waiting,
                   waiting == 1 ? " is" : "s are");
}

int serve_by_descriptor(int listen_fd, int stop_fd) {
    world_post_when_ready(stop_fd, port, ECHO_STOP);
    int result = echo_serve((SOCKET)listen_fd, handle(port));
    if (result != 0) world_take_back(port, ECHO_STOP);
    if (judges_untaken) judge_untaken();
    return result == 0 ? 0 : -errno_of(result);
}

static void some_clients(void) {
    for (unsigned n = 1 + world_choose(6); n > 0; n--) {
        struct client *c = client_talker(400);
        c->ends = world_choose(2), c->ends_early = world_choose(2);
    }
}

/* Some that never take their bytes back; requests that go on late. */
static void life_memory_of_the_kernel(void) {
    clients_begin();
    judges_untaken = false;
    some_clients();
    for (unsigned n = world_choose(4); n > 0; n--) {
        struct client *c = client_new(4096, 1024 + any_size(4096));
        c->wants = 40000, c->reads_late = world_choose(2), c->never_reads = !c->reads_late;
    }
    world_faults.later = 2 + world_choose(3);
    story.judged.stop_comes_early = world_choose(4) == 3;
    clients_serve();
}

/* The stop at any moment: amid accepts, transfers, a cancel of the server's own. */
static void life_untaken(void) {
    clients_begin();
    judges_untaken = true;
    some_clients();
    if (world_choose(2)) story.clients[0].never_reads = true;
    story.judged.after_stop = story.judged.stop_comes_early = true;
    world_faults.later = world_choose(2) ? 2 : 0;
    clients_serve();
    judges_untaken = false;
}

static bool (*others_idle)(void);

/* One after another, and half of them are gone when they are accepted: more than a server has AcceptEx under way. */
static bool idle_gone(void) {
    if (story.clients[0].peer->state == ACCEPTED) world_faults.network_errors = 2;
    return others_idle();
}

static void gone_when_accepted(void) {
    clients_begin();
    others_idle = world_hooks.idle, world_hooks.idle = idle_gone;
    struct client *first = client_new(256, 256);
    first->wants = 3 * MAX_PEERS, first->piece = 1, first->in_step = true;
    for (int n = 1; n < MAX_PEERS; n++) client_talker(20)->comes_after = 3 * (uint64_t)n;
    clients_serve();
}

static void life_resets_here(void) {
    judges_untaken = false;
    if (world_choose(8) == 7)
        gone_when_accepted();
    else
        life_resets();
}

static bool idle_inherited(void) {
    const char *call;
    int fd = world_inherited(&call);
    if (fd >= 0) world_fail(&inherited, "a child inherits the handle %d, made by %s", fd, call);
    return others_idle();
}

static void life_inherited(void) {
    clients_begin();
    judges_untaken = false;
    others_idle = world_hooks.idle, world_hooks.idle = idle_inherited;
    for (unsigned n = 1 + world_choose(4); n > 0; n--) client_talker(400)->ends = world_choose(2);
    world_judge_only(&inherited);
    clients_serve();
}

static int messages[MAX_PEERS]; /* of each client, in life_cost */

/* Each client that has its answer sends its next message, whole. */
static bool next_messages(void) {
    bool any = false;
    for (int i = 0; i < story.count; i++) {
        struct client *c = &story.clients[i];
        if (c->peer->state != ACCEPTED || c->peer->received < c->wants || messages[i] == COST_MESSAGES) continue;
        unsigned char bytes[MESSAGE_BYTES];
        for (size_t at = 0, run; at < sizeof bytes; at++) bytes[at] = *stream_at(i + 1, c->peer->sent + at, &run);
        c->wants += sizeof bytes, messages[i]++, any = true;
        peer_send(c->peer, bytes, sizeof bytes);
    }
    return any;
}

/* A few calls besides: to begin, and for each client that is accepted. */
static void judge_cost(void) {
    const double all = COST_CLIENTS * COST_MESSAGES;
    double packets = ((double)world_packets - 2 * COST_CLIENTS) / all;
    double calls = ((double)world_calls - BESIDE - BESIDE_CLIENT * COST_CLIENTS) / all;
    if (packets > PACKETS_MAX || calls > CALLS_MAX)
        world_fail(&costly, "%.1f packets and %.1f calls for each of %.0f messages", packets, calls, all);
}

static bool idle_cost(void) {
    if (next_messages()) return true;
    for (int i = 0; i < story.count; i++)
        if (messages[i] < COST_MESSAGES || !client_content(&story.clients[i])) return others_idle();
    judge_cost();
    world_leave();
}

static bool idle_flood_cost(void) {
    if (!client_content(&story.clients[0])) return others_idle();
    double calls = ((double)world_calls - BESIDE - BESIDE_CLIENT) / FLOOD_KIB;
    if (calls > CALLS_PER_KIB_MAX) world_fail(&costly_flood, "%.1f calls for each of %d KiB", calls, FLOOD_KIB);
    world_leave();
}

static void flood_cost(void) {
    others_idle = world_hooks.idle, world_hooks.idle = idle_flood_cost;
    struct client *c = client_new(64 << 10, RING_BYTES);
    c->floods = true, c->wants = FLOOD_KIB << 10;
    world_judge_only(&costly_flood);
    clients_serve();
}

static void life_cost(void) {
    clients_begin();
    memset(messages, 0, sizeof messages);
    judges_untaken = false;
    if (world_choose(4) == 3) {
        flood_cost();
        return;
    }
    others_idle = world_hooks.idle, world_hooks.idle = idle_cost;
    for (int n = 0; n < COST_CLIENTS; n++) client_new(256, 256);
    world_judge_only(&costly);
    clients_serve();
}

const struct world_scenario world_scenarios[] = {{"one", life_one},
                                                 {"listens", life_listens},
                                                 {"crowd", life_crowd},
                                                 {"bytes", life_bytes},
                                                 {"endings", life_endings},
                                                 {"resets", life_resets_here},
                                                 {"slow", life_slow},
                                                 {"flood", life_flood},
                                                 {"stop", life_stop},
                                                 {"few_descriptors", life_few_descriptors},
                                                 {"memory", life_memory},
                                                 {"mixed", life_mixed},
                                                 {"late", life_memory_of_the_kernel},
                                                 {"untaken", life_untaken},
                                                 {"on_exec", life_inherited},
                                                 {"cost", life_cost},
                                                 {0}};
