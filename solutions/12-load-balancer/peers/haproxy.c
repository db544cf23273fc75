/* SPDX-License-Identifier: MIT */
/* peer: HAProxy (mode tcp, one thread)
 * package: haproxy
 * metrics: comparison */
#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stand_in/balancer.c" /* HAProxy picks by itself */

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
