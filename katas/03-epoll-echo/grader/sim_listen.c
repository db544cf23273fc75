/* SPDX-License-Identifier: MIT */
/* sim_listen.c -- echo_listen, with and without a kernel that says no. */
#include "sim.h"

#include <errno.h>
#include <string.h>

static const struct world_rule answer = {"answer", "a descriptor, the listener's",
                                         "echo_listen: which of its calls answers with an error here, and why?"};
static const struct world_rule refusal = {
    "refusal", "-errno of the call that failed",
    "echo_listen: which of its calls are checked, and what does errno hold at the return?"};
static const struct world_rule nonsense = {
    "nonsense", "-EINVAL for what is not four numbers with dots between",
    "which function turns text into an address, and what does it say about bad text?"};
static const struct world_rule open_left = {"open_left", "no descriptor left open on failure",
                                            "what was opened before the call that failed?"};
static const struct world_rule socket_wrong = {
    "socket", "a non-blocking listener with SO_REUSEADDR, at the address and with the backlog that were asked for",
    "what has to be set, and before which call?"};

static const struct world_rule shared = {"shared", "-EADDRINUSE where another listener has the port already",
                                         "SO_REUSEPORT: which of two listeners at one port gets a client?"};

static const char *name(int error) {
    const char *known = strerrorname_np(error);
    return known ? known : "no error's number";
}

static void judge_failure(int result, int expected, const char *what) {
    const struct world_rule *rule = expected == EINVAL ? &nonsense : &refusal;
    if (result >= 0) world_fail(rule, "echo_listen -> %d, and not -%s, after %s", result, name(expected), what);
    if (result != -expected)
        world_fail(rule, "echo_listen -> -%s, and not -%s, after %s", name(-result), name(expected), what);
    if (world_open_descriptors() > 0)
        world_fail(&open_left, "%d descriptor is still open after %s", world_open_descriptors(), what);
}

static void bad_address(void) {
    static const char *const bad[] = {"",           "localhost",        "127.0.0",    "256.0.0.1", "1.2.3.4.5",
                                      "127.0.0.1 ", "0x7f.0.0.1",       "-1.2.3.4",   "::1",       "1.2.3.",
                                      NULL,         "1.2.3.4294967297", " 127.0.0.1", "1..2.3"};
    const char *text = bad[world_choose(sizeof bad / sizeof *bad)];
    char what[64] = "NULL for an address";
    if (text) strcat(strcat(strcpy(what, "the address \""), text), "\"");
    judge_failure(echo_listen(text, 8080, 16), EINVAL, what);
}

static void failing_call(void) {
    static const struct {
        const char *call;
        int error;
    } failures[] = {{"socket", EMFILE}, {"socket", ENOBUFS},    {"setsockopt", ENOBUFS}, {"bind", EADDRINUSE},
                    {"bind", EACCES},   {"listen", EADDRINUSE}, {"bind", EADDRNOTAVAIL}};
    unsigned which = world_choose(sizeof failures / sizeof *failures);
    world_faults.failing_call = failures[which].call, world_faults.failing_errno = failures[which].error;
    int fd = echo_listen("127.0.0.1", 8080, 16);
    char what[64];
    strcat(strcat(strcpy(what, failures[which].call), " said "), name(failures[which].error));
    judge_failure(fd, failures[which].error, what);
}

/* A server that is started a second time must be told so. */
static void second_listener(void) {
    static const char *const pairs[][2] = {
        {"127.0.0.1", "127.0.0.1"}, {"0.0.0.0", "127.0.0.1"}, {"10.1.2.3", "0.0.0.0"}};
    const char *const *pair = pairs[world_choose(3)];
    int first = echo_listen(pair[0], 8080, 16);
    if (first < 0) world_fail(&answer, "echo_listen(\"%s\", 8080, 16) -> -%s", pair[0], name(-first));
    int second = echo_listen(pair[1], 8080, 16);
    if (second >= 0)
        world_fail(&shared, "echo_listen(\"%s\", 8080, 16) -> %d, though a listener has port 8080 at %s", pair[1],
                   second, pair[0]);
    if (second != -EADDRINUSE) world_fail(&refusal, "echo_listen -> -%s, and not -EADDRINUSE", name(-second));
    if (world_open_descriptors() != 1)
        world_fail(&open_left, "%d descriptors are open after -EADDRINUSE, and one was before",
                   world_open_descriptors());
}

static void good_address(void) {
    static const char *const good[] = {"127.0.0.1", "0.0.0.0", "10.1.2.3", "255.255.255.255"};
    const char *address = good[world_choose(4)];
    uint16_t port = world_choose(2) ? 8080 : 0;
    int backlog = world_choose(3) < 2 ? 1 + (int)world_choose(200) : 10000, fd = echo_listen(address, port, backlog);
    if (fd < 0) world_fail(&answer, "echo_listen(\"%s\", %u, ...) -> -%s", address, port, name(-fd));
    struct listener_facts facts = world_listener(fd);
    if (!facts.listening) world_fail(&socket_wrong, "descriptor %d is not a listening socket", fd);
    if (!facts.nonblocking) world_fail(&socket_wrong, "descriptor %d is blocking", fd);
    if (!facts.reuse) world_fail(&socket_wrong, "descriptor %d was bound without SO_REUSEADDR", fd);
    if (strcmp(facts.address, address) != 0)
        world_fail(&socket_wrong, "the listener was asked for at %s and is bound to %s", address, facts.address);
    if (port != 0 && facts.port != port)
        world_fail(&socket_wrong, "the listener was asked for at port %u and is bound to %u", port, facts.port);
    if (facts.share)
        world_fail(&shared, "descriptor %d was bound with SO_REUSEPORT: a second server would get half of the clients",
                   fd);
    if (facts.backlog != backlog)
        world_fail(&socket_wrong, "a backlog of %d was asked for, and listen() got %d", backlog, facts.backlog);
    if (world_open_descriptors() != 1)
        world_fail(&open_left, "%d descriptors are open after echo_listen, not one", world_open_descriptors());
}

void life_listens(void) {
    clients_begin();
    if (world_choose(3) == 2) world_release(0); /* so that the listener is 0 */
    switch (world_choose(4)) {
    case 0:
        good_address();
        break;
    case 1:
        bad_address();
        break;
    case 2:
        second_listener();
        break;
    default:
        failing_call();
        break;
    }
}
