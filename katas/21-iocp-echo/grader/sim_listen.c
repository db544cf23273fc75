/* SPDX-License-Identifier: MIT */
/* sim_listen.c -- echo_listen, with and without a kernel that says no: kata 03's
 * clients, and what a listener has to be on Windows. */
#include "sim.h"

#undef echo_listen
#undef echo_serve
#include "iocp_echo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PORT_NUMBER = 8080, BACKLOG = 16 };

static const struct world_rule answer = {"answer", "0, and a socket in *listener",
                                         "echo_listen: which of its calls answers with an error here, and why?"};
static const struct world_rule refusal = {
    "refusal", "the error of the call that failed",
    "echo_listen: which of its calls are checked, and when is the error asked for?"};
static const struct world_rule nonsense = {
    "nonsense", "WSAEINVAL (10022) for what is not four numbers with dots between",
    "which function turns text into an address, and what does it say about bad text?"};
static const struct world_rule open_left = {"open_left", "no socket left open on failure",
                                            "what was opened before the call that failed?"};
static const struct world_rule untouched = {"untouched", "*listener is as it was where echo_listen fails",
                                            "where is the caller's socket set?"};
static const struct world_rule socket_wrong = {
    "socket", "a listener with SO_EXCLUSIVEADDRUSE, at the address and with the backlog that were asked for",
    "what has to be set, and before which call?"};
static const struct world_rule shared = {"shared", "WSAEADDRINUSE (10048) where another listener has the port already",
                                         "SO_REUSEADDR: what does it mean on Windows?"};

static const struct world_rule elsewhere = {
    "elsewhere", "the listener is associated with the port, with a key that is not ECHO_STOP",
    "echo_listen: CreateIoCompletionPort, with which handle and which key?"};

static const SOCKET before = (SOCKET)0xabad1dea;
static SOCKET listener;
static int port; /* of this life */

static int listen_at(const char *address, uint16_t number, int backlog) {
    listener = before, port = world_port();
    return echo_listen(address, number, backlog, (HANDLE)(intptr_t)port, &listener);
}

static void judge_failure(int result, int expected, const char *what, int open) {
    const struct world_rule *rule = expected == WSAEINVAL ? &nonsense : &refusal;
    if (result != expected) world_fail(rule, "echo_listen -> %d, and not %d, after %s", result, expected, what);
    if (listener != before) world_fail(&untouched, "echo_listen -> %d, and *listener was changed", result);
    if (world_open_descriptors() != open)
        world_fail(&open_left, "%d sockets are open after %s, and %d before", world_open_descriptors(), what, open);
}

static void bad_address(void) {
    static const char *const bad[] = {"",           "localhost",        "127.0.0",    "256.0.0.1", "1.2.3.4.5",
                                      "127.0.0.1 ", "0x7f.0.0.1",       "-1.2.3.4",   "::1",       "1.2.3.",
                                      NULL,         "1.2.3.4294967297", " 127.0.0.1", "1..2.3"};
    const char *text = bad[world_choose(sizeof bad / sizeof *bad)];
    char what[64] = "NULL for an address";
    if (text) snprintf(what, sizeof what, "the address \"%s\"", text);
    judge_failure(listen_at(text, PORT_NUMBER, BACKLOG), WSAEINVAL, what, 0);
}

static void failing_call(void) {
    static const struct {
        const char *call;
        int error, windows;
    } failures[] = {{"WSASocketW", EMFILE, WSAEMFILE},
                    {"WSASocketW", ENOBUFS, WSAENOBUFS},
                    {"setsockopt", ENOBUFS, WSAENOBUFS},
                    {"bind", EADDRINUSE, WSAEADDRINUSE},
                    {"bind", EACCES, WSAEACCES},
                    {"listen", EADDRINUSE, WSAEADDRINUSE},
                    {"bind", EADDRNOTAVAIL, WSAEADDRNOTAVAIL},
                    {"CreateIoCompletionPort", ENOBUFS, ERROR_NO_SYSTEM_RESOURCES}};
    unsigned which = world_choose(sizeof failures / sizeof *failures);
    world_faults.failing_call = failures[which].call, world_faults.failing_errno = failures[which].error;
    int result = listen_at("127.0.0.1", PORT_NUMBER, BACKLOG);
    char what[64];
    snprintf(what, sizeof what, "%s said %d", failures[which].call, failures[which].windows);
    judge_failure(result, failures[which].windows, what, 0);
}

/* A server that is started a second time must be told so. */
static void second_listener(void) {
    static const char *const pairs[][2] = {
        {"127.0.0.1", "127.0.0.1"}, {"0.0.0.0", "127.0.0.1"}, {"10.1.2.3", "0.0.0.0"}};
    const char *const *pair = pairs[world_choose(3)];
    int first = listen_at(pair[0], PORT_NUMBER, BACKLOG);
    if (first != 0) world_fail(&answer, "echo_listen(\"%s\", 8080, 16, ...) -> %d", pair[0], first);
    int second = listen_at(pair[1], PORT_NUMBER, BACKLOG);
    if (second == 0 && listener != before)
        world_fail(&shared, "echo_listen(\"%s\", 8080, 16, ...) -> 0, though a listener has port 8080 at %s", pair[1],
                   pair[0]);
    judge_failure(second, WSAEADDRINUSE, "a second call for a port that is taken", 1);
}

static void judge_listener(const char *address, uint16_t number, int backlog) {
    struct listener_facts facts = world_listener((int)listener);
    if (!facts.listening) world_fail(&socket_wrong, "*listener is %d, which is not a listening socket", (int)listener);
    if (!facts.reuse) world_fail(&socket_wrong, "socket %d was bound without SO_EXCLUSIVEADDRUSE", (int)listener);
    if (facts.share)
        world_fail(&shared, "socket %d was bound with SO_REUSEADDR: another program may take its port over",
                   (int)listener);
    if (strcmp(facts.address, address) != 0)
        world_fail(&socket_wrong, "the listener was asked for at %s and is bound to %s", address, facts.address);
    if (number != 0 && facts.port != number)
        world_fail(&socket_wrong, "the listener was asked for at port %u and is bound to %u", number, facts.port);
    if (facts.backlog != backlog)
        world_fail(&socket_wrong, "a backlog of %d was asked for, and listen() got %d", backlog, facts.backlog);
}

static void judge_association(void) {
    uintptr_t key;
    if (!world_associated((int)listener, port, &key))
        world_fail(&elsewhere, "*listener is %d, which is not associated with the port", (int)listener);
    if (key == ECHO_STOP) world_fail(&elsewhere, "the key of socket %d, the listener's, is ECHO_STOP", (int)listener);
}

static void good_address(void) {
    static const char *const good[] = {"127.0.0.1", "0.0.0.0", "10.1.2.3", "255.255.255.255"};
    const char *address = good[world_choose(4)];
    uint16_t number = world_choose(2) ? PORT_NUMBER : 0;
    int backlog = world_choose(3) < 2 ? 1 + (int)world_choose(200) : 10000;
    int result = listen_at(address, number, backlog);
    if (result != 0) world_fail(&answer, "echo_listen(\"%s\", %u, ...) -> %d", address, number, result);
    judge_listener(address, number, backlog);
    judge_association();
    if (world_open_descriptors() != 1)
        world_fail(&open_left, "%d sockets are open after echo_listen, not one", world_open_descriptors());
}

void life_listens(void) {
    clients_begin();
    static void (*const ways[])(void) = {good_address, bad_address, second_listener, failing_call};
    ways[world_choose(sizeof ways / sizeof *ways)]();
}
