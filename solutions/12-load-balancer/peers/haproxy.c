/* SPDX-License-Identifier: MIT */
/* peer: HAProxy (mode tcp, one thread)
 * package: haproxy
 * metrics: comparison */
#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* HAProxy picks by itself. */
struct balancer {
    size_t n;
};

struct balancer *lb_new(enum lb_policy policy, const struct lb_backend *backends, size_t n, struct lb_env env) {
    (void)policy, (void)backends, (void)env;
    struct balancer *lb = malloc(sizeof *lb);
    if (lb) lb->n = n;
    return lb;
}

int lb_pick(struct balancer *lb, const void *client, size_t client_size) {
    (void)lb, (void)client, (void)client_size;
    return -1;
}

void lb_done(struct balancer *lb, int backend, bool failed) {
    (void)lb, (void)backend, (void)failed;
}

void lb_set_up(struct balancer *lb, int backend, bool up) {
    (void)lb, (void)backend, (void)up;
}

void lb_free(struct balancer *lb) {
    free(lb);
}

/* For the comparison alone: the process becomes HAProxy, whose end is a signal. */
int proxy_serve(int listen_fd, int stop_fd, struct balancer *lb, const struct sockaddr_in *backends,
                uint64_t connect_timeout_ms) {
    (void)stop_fd;
    int config = memfd_create("haproxy.cfg", 0);
    if (config < 0) return -errno;
    dprintf(config,
            "global\n"
            "    nbthread 1\n"
            "defaults\n"
            "    mode tcp\n"
            "    timeout connect %llu\n"
            "    timeout client 1h\n"
            "    timeout server 1h\n"
            "listen all\n"
            "    bind fd@%d\n"
            "    balance roundrobin\n",
            (unsigned long long)connect_timeout_ms, listen_fd);
    for (size_t i = 0; i < lb->n; i++)
        dprintf(config, "    server b%zu 127.0.0.1:%u\n", i, (unsigned)ntohs(backends[i].sin_port));
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", config);
    if (fcntl(listen_fd, F_SETFD, 0) < 0) return -errno;
    execlp("haproxy", "haproxy", "-q", "-db", "-f", path, (char *)NULL);
    execl("/usr/sbin/haproxy", "haproxy", "-q", "-db", "-f", path, (char *)NULL);
    return -errno;
}
