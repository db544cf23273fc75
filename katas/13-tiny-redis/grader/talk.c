/* SPDX-License-Identifier: MIT */
/* talk.c -- one connection. It waits for a whole answer without a limit: the
 * guest's deadline ends a run in which none comes. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "driver.h"

static int fd = -1;
static char *got;
static size_t got_size, got_room, told;

void talk_connect(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server_port())};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    talk_close();
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) abort();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    /* Nothing is kept in TIME_WAIT. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    (void)connect(fd, (struct sockaddr *)&address, sizeof address); /* a refusal shows at the first answer */
}

void talk_close(void) {
    if (fd >= 0) close(fd);
    fd = -1;
    got_size = told = 0;
}

void talk_send(const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return; /* the connection is over, as its answer will say */
        at += n, size -= (size_t)n;
    }
}

/* The end of the line that begins at `at`, behind its "\n"; 0: it is not there yet. */
static size_t line_end(size_t at) {
    const char *end = at < got_size ? memchr(got + at, '\n', got_size - at) : NULL;
    return end ? (size_t)(end - got) + 1 : 0;
}

/* The end of the answer that begins at `at`; 0: it is not whole. */
static size_t answer_end(size_t at) {
    size_t end = line_end(at);
    if (!end) return 0;
    long n = strtol(got + at + 1, NULL, 10);
    if (got[at] == '$' && n >= 0) return end + (size_t)n + 2 <= got_size ? end + (size_t)n + 2 : 0;
    if (got[at] != '*') return end;
    for (; n > 0 && end; n--) end = answer_end(end);
    return end;
}

static bool read_more(void) {
    if (got_room - got_size < 65536) {
        got_room = got_room * 2 + 131072;
        got = realloc(got, got_room);
        if (!got) abort();
    }
    ssize_t n;
    while ((n = recv(fd, got + got_size, got_room - got_size - 1, 0)) < 0 && errno == EINTR) {
    }
    if (n > 0) got_size += (size_t)n, got[got_size] = '\0';
    return n > 0;
}

size_t talk_answer(const char **answer) {
    if (told > 0) memmove(got, got + told, got_size -= told), told = 0;
    while (!(told = answer_end(0)))
        if (!read_more()) return 0;
    *answer = got;
    return told;
}

size_t talk_ask(const char *request, const char **answer) {
    talk_send(request, strlen(request));
    return talk_answer(answer);
}

bool talk_is_closed(void) {
    bool more = got_size > told;
    while (read_more()) more = true;
    return !more;
}
