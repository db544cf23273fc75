/* SPDX-License-Identifier: MIT */
/* peer: libevent (bufferevents, the callback moves input to output)
 * package: libevent-dev
 * libraries: -levent_core */
#include "echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

int echo_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &at.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) == 0 &&
        bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

static void on_read(struct bufferevent *client, void *context) {
    (void)context;
    evbuffer_add_buffer(bufferevent_get_output(client), bufferevent_get_input(client));
}

static void on_event(struct bufferevent *client, short what, void *context) {
    (void)context;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(client);
}

static void on_client(struct evconnlistener *listener, int fd, struct sockaddr *from, int size, void *context) {
    (void)from, (void)size, (void)context;
    struct bufferevent *client = bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client, on_read, NULL, on_event, NULL);
    bufferevent_enable(client, EV_READ | EV_WRITE);
}

static void on_stop(int fd, short what, void *base) {
    (void)fd, (void)what;
    event_base_loopbreak(base);
}

/* For the benchmark alone: clients that are still connected at the end, and
 * what was half-closed, are not cared for. */
int echo_serve(int listen_fd, int stop_fd) {
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = event_base_new();
    struct evconnlistener *listener = evconnlistener_new(base, on_client, NULL, 0, 0, listen_fd);
    struct event *stop = event_new(base, stop_fd, EV_READ, on_stop, base);
    event_add(stop, NULL);
    event_base_dispatch(base);
    event_free(stop);
    evconnlistener_free(listener);
    event_base_free(base);
    return 0;
}
