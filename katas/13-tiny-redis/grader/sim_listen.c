/* SPDX-License-Identifier: MIT */
/* sim_listen.c -- redis_listen, with and without a kernel that says no. */
#include "sim.h"

#include <errno.h>
#include <string.h>

static const struct world_rule refusal = {
    "refusal", "-errno of the call that failed, and no descriptor left open",
    "redis_listen: which of its calls are checked, and what does errno hold at the return?"};
static const struct world_rule socket_wrong = {
    "socket",
    "a non-blocking listener with SO_REUSEADDR, closed on exec, with the address and backlog that were asked for",
    "what has to be set, and before which call?"};

static void judge_failure(const char *what, int expected, int result) {
    if (result != -expected)
        world_fail(&refusal, "redis_listen -> %d, and not -%s, %s", result, strerrorname_np(expected), what);
    if (world_open_descriptors() > 0)
        world_fail(&refusal, "%d descriptor is still open %s", world_open_descriptors(), what);
}

static void failing_call(void) {
    static const struct {
        const char *call, *what;
        int error;
    } failures[] = {{"socket", "after socket failed", EMFILE},
                    {"setsockopt", "after setsockopt failed", ENOBUFS},
                    {"bind", "after bind failed", EADDRINUSE},
                    {"listen", "after listen failed", EADDRINUSE}};
    unsigned which = world_choose(4);
    world_faults.failing_call = failures[which].call, world_faults.failing_errno = failures[which].error;
    judge_failure(failures[which].what, failures[which].error, redis_listen("127.0.0.1", 6379, 16));
}

static void bad_address(void) {
    static const char *const bad[] = {"", "localhost", "127.0.0", "256.0.0.1", NULL, "127.0.0.1 ", "::1"};
    const char *text = bad[world_choose(7)];
    judge_failure("for a text that is no address", EINVAL, redis_listen(text, 6379, 16));
}

static void good_address(void) {
    static const char *const good[] = {"127.0.0.1", "0.0.0.0", "10.1.2.3"};
    const char *address = good[world_choose(3)], *call;
    uint16_t port = world_choose(2) ? 6379 : 0;
    int backlog = 1 + (int)world_choose(5000), fd = redis_listen(address, port, backlog);
    if (fd < 0) world_fail(&socket_wrong, "redis_listen(\"%s\", %u, %d) -> %d", address, port, backlog, fd);
    struct listener_facts f = world_listener(fd);
    if (!f.listening || !f.nonblocking || !f.reuse || f.share || world_inherited(&call) == fd)
        world_fail(&socket_wrong, "listening %d, non-blocking %d, SO_REUSEADDR %d, SO_REUSEPORT %d, closed on exec %d",
                   f.listening, f.nonblocking, f.reuse, f.share, world_inherited(&call) != fd);
    if (strcmp(f.address, address) != 0 || (port && f.port != port) || f.backlog != backlog)
        world_fail(&socket_wrong, "asked for %s, port %u, a backlog of %d; got %s, %u, %d", address, port, backlog,
                   f.address, f.port, f.backlog);
    if (world_open_descriptors() != 1) world_fail(&refusal, "%d descriptors are open", world_open_descriptors());
}

void life_listens(void) {
    clients_begin();
    switch (world_choose(3)) {
    case 0:
        good_address();
        break;
    case 1:
        bad_address();
        break;
    default:
        failing_call();
    }
}
