/* SPDX-License-Identifier: MIT */
/* peer: libuv (one static buffer, uv_try_write first)
 * package: libuv1-dev
 * libraries: -luv */
#include "echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

static char buffer[64 * 1024]; /* one loop, one read at a time */

struct rest {
    uv_write_t request;
    char bytes[];
};

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

static void on_room(uv_handle_t *client, size_t wanted, uv_buf_t *out) {
    (void)client, (void)wanted;
    *out = uv_buf_init(buffer, sizeof buffer);
}

static void on_closed(uv_handle_t *handle) {
    free(handle);
}

static void on_written(uv_write_t *request, int status) {
    (void)status;
    free(request);
}

static void on_read(uv_stream_t *client, ssize_t size, const uv_buf_t *read) {
    if (size == 0) return;
    if (size < 0) {
        uv_close((uv_handle_t *)client, on_closed);
        return;
    }
    uv_buf_t out = uv_buf_init(read->base, (unsigned)size);
    int taken = uv_try_write(client, &out, 1);
    if (taken == size) return;
    size_t from = taken > 0 ? (size_t)taken : 0, left = (size_t)size - from;
    struct rest *rest = malloc(sizeof *rest + left);
    memcpy(rest->bytes, read->base + from, left);
    out = uv_buf_init(rest->bytes, (unsigned)left);
    uv_write(&rest->request, client, &out, 1, on_written);
}

static void on_client(uv_stream_t *listener, int status) {
    if (status < 0) return;
    uv_tcp_t *client = malloc(sizeof *client);
    uv_tcp_init(listener->loop, client);
    if (uv_accept(listener, (uv_stream_t *)client) == 0)
        uv_read_start((uv_stream_t *)client, on_room, on_read);
    else
        uv_close((uv_handle_t *)client, on_closed);
}

static void on_stop(uv_poll_t *stop, int status, int events) {
    (void)status, (void)events;
    uv_stop(stop->loop);
}

/* libuv closes the descriptors it is given, and the caller's must stay open. */
static void close_ours(uv_handle_t *handle, void *context) {
    (void)context;
    if (!uv_is_closing(handle)) uv_close(handle, handle->type == UV_TCP ? on_closed : NULL);
}

int echo_serve(int listen_fd, int stop_fd) {
    signal(SIGPIPE, SIG_IGN);
    uv_loop_t loop;
    uv_tcp_t *listener = malloc(sizeof *listener);
    uv_poll_t stop;
    uv_loop_init(&loop);
    uv_tcp_init(&loop, listener);
    uv_tcp_open(listener, dup(listen_fd));
    uv_poll_init(&loop, &stop, stop_fd);
    uv_poll_start(&stop, UV_READABLE, on_stop);
    uv_listen((uv_stream_t *)listener, 4096, on_client);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_walk(&loop, close_ours, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    int result = uv_loop_close(&loop);
    uv_library_shutdown(); /* the pipe of its signal handlers */
    return result;
}
