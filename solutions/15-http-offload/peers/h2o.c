/* SPDX-License-Identifier: MIT */
/* peer: h2o (one thread, a file of 25 bytes: it reads and answers, and calls no handler)
 * package: h2o
 * metrics: cheap crowded
 *
 * Another program: it gets the listener as Server::Starter hands it over, by its number in SERVER_STARTER_PORT.
 * Its start, which the others do not have, is part of the time. */
#include "http_offload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The one file is what /0 asks for; its text is load.c's, and the driver compares it. */
static const char conf[] = "num-threads: 1\n"
                           "listen: {host: 127.0.0.1, port: %d}\n"
                           "hosts: {default: {paths: {/: {file.dir: .}}}}\n";
static const char text[] = "what a handler has to say";

static int write_file(const char *name, const char *format, int number) {
    FILE *file = fopen(name, "w");
    if (!file) return -1;
    fprintf(file, format, number);
    return fclose(file);
}

static void become_h2o(int listen_fd, const char *folder) {
    struct sockaddr_in at;
    char inherited[64];
    if (getsockname(listen_fd, (struct sockaddr *)&at, &(socklen_t){sizeof at}) != 0 || chdir(folder) != 0) return;
    int port = ntohs(at.sin_port);
    if (write_file("h2o.conf", conf, port) != 0 || write_file("0", text, 0) != 0) return;
    int own = dup(listen_fd); /* one that is not closed on exec */
    snprintf(inherited, sizeof inherited, "127.0.0.1:%d=%d", port, own);
    setenv("SERVER_STARTER_PORT", inherited, 1);
    execlp("h2o", "h2o", "-m", "worker", "-c", "h2o.conf", (char *)NULL);
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    char folder[] = "h2o-XXXXXX", removal[64];
    (void)limits, (void)handler, (void)world;
    if (!mkdtemp(folder) || chmod(folder, 0755) != 0) return -errno; /* root's h2o becomes nobody */
    pid_t child = fork();
    if (child == 0) {
        become_h2o(listen_fd, folder);
        _exit(127);
    }
    poll(&(struct pollfd){.fd = stop_fd, .events = POLLIN}, 1, -1);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    snprintf(removal, sizeof removal, "rm -r %s", folder);
    return system(removal);
}
