/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple way: poll over all connections, one request at a time, a write for each
 * answer, and what is left of the buffer moved to its front each time.
 *
 * It has the commands that are timed (PING, SET, GET, DEL, INCR), and no more. */
#include "tiny_redis.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS_MAX 1024
#define BUFFER_BYTES (128 * 1024)
#define CHAINS 4096
#define WORDS_MAX 8

struct pair {
    struct pair *next;
    char *key, *value;
};

struct client {
    int fd;
    size_t size;
    char bytes[BUFFER_BYTES];
};

struct server {
    struct pair *chains[CHAINS];
    struct client *clients[CLIENTS_MAX];
    struct pollfd watched[CLIENTS_MAX + 2];
    int count;
};

int redis_listen(const char *ipv4, uint16_t port, int backlog) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (!ipv4 || inet_pton(AF_INET, ipv4, &address.sin_addr) != 1) return -EINVAL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

static struct pair **find(struct server *s, const char *key) {
    unsigned hash = 5381;
    for (const char *at = key; *at; at++) hash = hash * 33 + (unsigned char)*at;
    struct pair **at = &s->chains[hash % CHAINS];
    while (*at && strcmp((*at)->key, key) != 0) at = &(*at)->next;
    return at;
}

static void store(struct server *s, const char *key, const char *value) {
    struct pair **at = find(s, key);
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at) abort();
        (*at)->key = strdup(key);
    }
    free((*at)->value);
    (*at)->value = strdup(value);
}

static void drop(struct pair **at) {
    struct pair *p = *at;
    *at = p->next;
    free(p->key), free(p->value), free(p);
}

static void answer(struct server *s, int fd, char **words, int count) {
    char line[BUFFER_BYTES];
    const char *name = words[0];
    struct pair **at = count > 1 ? find(s, words[1]) : NULL;
    if (strcasecmp(name, "ping") == 0) {
        strcpy(line, "+PONG\r\n");
    } else if (strcasecmp(name, "set") == 0 && count == 3) {
        store(s, words[1], words[2]);
        strcpy(line, "+OK\r\n");
    } else if (strcasecmp(name, "get") == 0 && count == 2) {
        if (*at)
            snprintf(line, sizeof line, "$%zu\r\n%s\r\n", strlen((*at)->value), (*at)->value);
        else
            strcpy(line, "$-1\r\n");
    } else if (strcasecmp(name, "incr") == 0 && count == 2) {
        char number[32];
        snprintf(number, sizeof number, "%lld", (*at ? atoll((*at)->value) : 0) + 1);
        store(s, words[1], number);
        snprintf(line, sizeof line, ":%s\r\n", number);
    } else if (strcasecmp(name, "del") == 0 && count == 2) {
        strcpy(line, *at ? ":1\r\n" : ":0\r\n");
        if (*at) drop(at);
    } else {
        strcpy(line, "-ERR unknown command\r\n");
    }
    (void)!write(fd, line, strlen(line)); /* a client that does not read loses its answer */
}

/* The bytes of the first request in the buffer, cut into strings; 0: it is not whole. */
static size_t parse(struct client *c, char **words, int *count) {
    char *at = c->bytes, *end = c->bytes + c->size, *line = memchr(at, '\n', c->size);
    if (!line) return 0;
    int n = atoi(at + 1);
    at = line + 1;
    for (*count = 0; *count < n && *count < WORDS_MAX; ++*count) {
        if (at == end || !(line = memchr(at, '\n', (size_t)(end - at)))) return 0;
        long size = atol(at + 1);
        if (end - line - 1 < size + 2) return 0;
        words[*count] = line + 1;
        at = line + 1 + size + 2;
    }
    for (int i = 0; i < *count; i++) *strchr(words[i], '\r') = '\0';
    return (size_t)(at - c->bytes);
}

static bool take(struct server *s, struct client *c) {
    ssize_t n = read(c->fd, c->bytes + c->size, BUFFER_BYTES - c->size);
    if (n <= 0) return false;
    c->size += (size_t)n;
    char *words[WORDS_MAX];
    int count;
    for (size_t size; (size = parse(c, words, &count)) > 0;) {
        if (count > 0) answer(s, c->fd, words, count);
        memmove(c->bytes, c->bytes + size, c->size -= size);
    }
    return true;
}

static void add_client(struct server *s, int listen_fd) {
    int fd = accept(listen_fd, NULL, NULL);
    struct client *c = fd >= 0 && s->count < CLIENTS_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        if (fd >= 0) close(fd);
        return;
    }
    /* Else its small writes would wait for acknowledgements, and be timed for that. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    c->fd = fd;
    s->clients[s->count++] = c;
}

static void drop_client(struct server *s, int i) {
    close(s->clients[i]->fd);
    free(s->clients[i]);
    s->clients[i] = s->clients[--s->count];
}

static void turn(struct server *s, int listen_fd, int stop_fd) {
    s->watched[0] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    s->watched[1] = (struct pollfd){.fd = listen_fd, .events = POLLIN};
    int count = s->count;
    for (int i = 0; i < count; i++) s->watched[i + 2] = (struct pollfd){.fd = s->clients[i]->fd, .events = POLLIN};
    if (poll(s->watched, (nfds_t)count + 2, -1) < 0) return;
    for (int i = count - 1; i >= 0; i--)
        if (s->watched[i + 2].revents && !take(s, s->clients[i])) drop_client(s, i);
    if (s->watched[1].revents) add_client(s, listen_fd);
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *world), void *world) {
    struct server *s = calloc(1, sizeof *s);
    if (!s) return -ENOMEM;
    (void)now_ms, (void)world; /* it has no times to live */
    while (!s->watched[0].revents) turn(s, listen_fd, stop_fd);
    while (s->count > 0) drop_client(s, s->count - 1);
    for (int i = 0; i < CHAINS; i++)
        while (s->chains[i]) drop(&s->chains[i]);
    free(s);
    return 0;
}
