/* SPDX-License-Identifier: MIT */
/* peer: nginx (one worker, return 200: it reads and answers, and calls no handler)
 * package: nginx
 * metrics: cheap crowded
 *
 * Another program: it gets the listener as nginx's own upgrade hands it over, by its number in NGINX (with
 * `master_process off` 1.22 crashes at that). Its start, which the others do not have, is part of the time. */
#include "http_offload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The body is load.c's, and the driver compares it. */
static const char conf[] = "daemon off; worker_processes 1; pid nginx.pid; error_log stderr error;\n"
                           "events { worker_connections 4096; }\n"
                           "http { access_log off; keepalive_requests 1000000; keepalive_timeout 600s;\n"
                           "  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;\n"
                           "  uwsgi_temp_path t4; scgi_temp_path t5;\n"
                           "  server { listen 127.0.0.1:%d; return 200 'what a handler has to say'; } }\n";

static void become_nginx(int listen_fd, const char *folder) {
    struct sockaddr_in at;
    char inherited[32];
    if (getsockname(listen_fd, (struct sockaddr *)&at, &(socklen_t){sizeof at}) != 0 || chdir(folder) != 0) return;
    FILE *file = fopen("nginx.conf", "w");
    if (!file) return;
    fprintf(file, conf, ntohs(at.sin_port));
    fclose(file);
    snprintf(inherited, sizeof inherited, "%d;", dup(listen_fd)); /* one that is not closed on exec */
    setenv("NGINX", inherited, 1);
    execl("/usr/sbin/nginx", "nginx", "-p", "./", "-c", "nginx.conf", "-e", "stderr", (char *)NULL);
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    char folder[] = "nginx-XXXXXX", removal[64];
    (void)limits, (void)handler, (void)world;
    if (!mkdtemp(folder)) return -errno;
    pid_t child = fork();
    if (child == 0) {
        become_nginx(listen_fd, folder);
        perror("nginx");
        _exit(127);
    }
    poll(&(struct pollfd){.fd = stop_fd, .events = POLLIN}, 1, -1);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    snprintf(removal, sizeof removal, "rm -r %s", folder);
    return system(removal);
}
