/* SPDX-License-Identifier: MIT */
/* one_byte.c -- the proxy alone, between one real client and one real backend, which sends back what it gets.
 *
 *   one_byte
 *
 * The client's address is none that the simulated kernel knows. Whoever picks picks the only backend. The proxy is a
 * process, which is killed when the byte has come back: whatever is wrong with an end or with the stop, other scenarios
 * tell better.
 *
 * Evidence: `answered`, the bytes that came back. */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"
#include "evidence.h"
#include "proxy.h"

enum { CONNECT_MS = 2000, ASKED = 40, FROM = 127 << 24 | 8 << 16 | 1 };

static _Noreturn void be_proxy(int listener, const struct sockaddr_in *backend) {
    for (int i = SIGILL; i <= SIGSEGV; i++)
        if (i != SIGKILL) signal(i, SIG_DFL); /* the client sees that it is gone */
    struct balancer *lb = new_balancer(LB_ROUND_ROBIN, 1, 1, quiet_env());
    _exit(-proxy_serve(listener, eventfd(0, EFD_CLOEXEC), lb, backend, CONNECT_MS));
}

static bool is_answered(const struct sockaddr_in *address) {
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(FROM)};
    unsigned char byte = ASKED, answer = 0;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) < 0) abort();
    return connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 &&
           send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &answer, 1, 0) == 1 && answer == ASKED;
}

void one_byte(uint64_t seed) {
    struct sockaddr_in address, backend;
    (void)seed;
    pid_t other = echo_backend_new(&backend);
    int listener = listener_new(&address, SOCK_NONBLOCK);
    pid_t proxy = process_new();
    if (proxy == 0) be_proxy(listener, &backend);
    close(listener);
    evidence_count("answered", is_answered(&address));
    process_end(proxy), process_end(other);
}
