/* SPDX-License-Identifier: MIT */
/* network_one.c -- one client, which sends one byte.
 *
 *   one_byte
 *
 * The server is the child here, and is killed when the byte has come back, or nothing moves any more: whatever is wrong
 * with an end or with the stop, other scenarios tell better. Evidence: report `connect`. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "echo.h"
#include "network.h"

static _Noreturn void be_server(int listener) {
    int stop[2];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = SIGILL; i <= SIGSEGV; i++)
        if (i != SIGKILL) signal(i, SIG_DFL); /* the client sees that it is gone */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stop) != 0) abort();
    _exit(-echo_serve(listener, stop[0]));
}

void one_byte(uint64_t seed) {
    static struct network n;
    static struct load_report report;
    int refused, listener = network_listen(&n.server);
    hide_memory(true);
    pid_t server = fork();
    if (server < 0) abort();
    if (server == 0) be_server(listener);
    close(listener);
    struct load *load = load_new(1, n.server, server, seed);
    if (!load) abort();
    load_connect(load, 1, 1, &refused, &report);
    load_free(load);
    kill(server, SIGKILL);
    while (waitpid(server, NULL, 0) < 0 && errno == EINTR) {
    }
    hide_memory(false);
    tell_report(&n, "connect", &report);
    send_facts(&n);
}
