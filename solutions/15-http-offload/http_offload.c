/* SPDX-License-Identifier: MIT */
/* http_offload.c -- the reference: one epoll loop, a mutex around two lists.
 *
 * A request is an exchange, from the end of its head to its last byte sent. It is in the list of its
 * connection, in the order of arrival; its answers leave from the front of that list alone, so the
 * order of answers does not depend on that in which handlers end. What the loop
 * and the workers share is `struct pool`: exchanges that wait, and
 * exchanges that are done. An exchange whose client is gone is marked, and
 * freed when its handler has returned: whoever has it frees it. */
#include "http_offload.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define UNDER_WAY_MAX 32  /* of one connection; then it is not read */
#define READ_MIN 4096     /* bytes of the buffer beside a line */
#define READS_PER_TURN 16 /* of one connection; then the others get their turn */
#define RETRY_MS 100      /* until accept is tried again after it failed */
#define EVENTS_AT_ONCE 128
#define NEVER INT64_MAX
#define RETRY_AFTER "Retry-After: 1\r\n"

struct exchange {
    struct exchange *next, *next_shared; /* of its connection; of the pool's list */
    struct connection *connection;       /* NULL: its client is gone. The loop's and, under the lock, a worker's */
    bool answered, last, head_only, bodiless;
    char *method, *target;
    char *body;
    size_t body_size, body_room;
    struct http_response response;
    char head[256];
    size_t head_size, sent;
};

enum stage { LINE, FIELDS, BODY, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILERS };

struct connection {
    struct connection *next, *previous;
    int fd;
    uint32_t watched;
    bool deaf;    /* no request is read any more */
    bool ended;   /* the client has ended its side */
    bool lingers; /* the server has ended its side */
    struct exchange *first, *newest;
    size_t under_way;
    int64_t began_ms, moved_ms; /* the request that is being read, or NEVER; when a byte last went either way */
    /* The parser's. */
    enum stage stage;
    struct exchange *reading;
    size_t head_bytes, left; /* left: of the body, or of the chunk */
    int hosts, lengths, codings, minor;
    bool expects, closes, blank_seen;
    char *in;
    size_t from, to;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct exchange *waiting, **waiting_end, *done;
    size_t waits;
    bool ends;
    int done_fd;
    http_handler handler;
    void *world;
};

struct server {
    struct http_limits limits;
    int epoll_fd, listen_fd;
    bool stopping, accept_failed;
    struct connection all; /* head of a circular list */
    int64_t now_ms, look_ms;
    size_t in_room;
    struct pool pool;
    pthread_t *workers;
    size_t started;
};

static int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- workers */

static void exchange_free(struct exchange *e) {
    if (e->response.release) e->response.release((void *)(uintptr_t)e->response.body);
    free(e->method), free(e->target), free(e->body);
    free(e);
}

static struct exchange *next_waiting(struct pool *p) {
    while (!p->waiting && !p->ends) pthread_cond_wait(&p->more, &p->lock);
    struct exchange *e = p->waiting;
    if (!e) return NULL;
    p->waiting = e->next_shared, p->waits--;
    if (!p->waiting) p->waiting_end = &p->waiting;
    return e;
}

static void handle(struct pool *p, struct exchange *e) {
    struct http_request request = {e->method, e->target, e->body, e->body_size};
    e->response = (struct http_response){.status = 200};
    p->handler(&request, &e->response, p->world);
}

/* One write for each time that the list was empty. There is always room for it. */
static void tell_loop(struct pool *p) {
    while (write(p->done_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0 && errno == EINTR) continue;
}

static void *work(void *argument) {
    struct pool *p = argument;
    pthread_mutex_lock(&p->lock);
    for (struct exchange *e; (e = next_waiting(p)) != NULL;) {
        bool wanted = e->connection != NULL;
        pthread_mutex_unlock(&p->lock);
        if (wanted) handle(p, e);
        pthread_mutex_lock(&p->lock);
        bool first = !p->done;
        e->next_shared = p->done, p->done = e;
        if (first) tell_loop(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* False: as many wait as may. */
static bool hand_over(struct server *s, struct exchange *e) {
    struct pool *p = &s->pool;
    pthread_mutex_lock(&p->lock);
    bool room = p->waits < s->limits.queue_max;
    if (room) {
        e->next_shared = NULL, *p->waiting_end = e, p->waiting_end = &e->next_shared, p->waits++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

/* ---- answers */

static const char *reason(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Status";
    }
}

/* The head of its answer; from here on it may be sent. */
static void answer(struct exchange *e, const char *more) {
    struct http_response *r = &e->response;
    bool silent = r->status == 204 || r->status == 304;
    char length[48] = "";
    if (!silent) snprintf(length, sizeof length, "Content-Length: %zu\r\n", r->body ? r->body_size : 0);
    e->bodiless = silent || e->head_only || !r->body;
    e->head_size = (size_t)snprintf(e->head, sizeof e->head, "HTTP/1.1 %d %s\r\n%s%s%s\r\n", r->status,
                                    reason(r->status), length, more, e->last ? "Connection: close\r\n" : "");
    e->answered = true;
}

static struct exchange *add_exchange(struct connection *c) {
    struct exchange *e = calloc(1, sizeof *e);
    if (!e) return NULL;
    e->connection = c;
    if (c->newest)
        c->newest->next = e;
    else
        c->first = e;
    c->newest = e, c->under_way++;
    return e;
}

/* The server's own last answer. Of a request that is being read nothing is left but that. */
static void refuse(struct connection *c, int status) {
    struct exchange *e = c->reading ? c->reading : add_exchange(c);
    c->deaf = true, c->reading = NULL, c->began_ms = NEVER;
    if (!e) return; /* without memory the connection just ends */
    e->response = (struct http_response){.status = status};
    e->last = true;
    answer(e, status == 405   ? "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
              : status == 503 ? RETRY_AFTER
                              : "");
}

/* ---- the parser: a line at a time, then the body */

static bool is_token(unsigned char b) {
    return b > 32 && b < 127 && !strchr("\"(),/:;<=>?@[\\]{}", b);
}

static bool is_blank(char b) {
    return b == ' ' || b == '\t';
}

struct text {
    const char *at;
    size_t size;
};

static bool is_word(struct text t, const char *word) {
    return t.size == strlen(word) && strncasecmp(t.at, word, t.size) == 0;
}

static struct text trimmed(struct text t) {
    while (t.size && is_blank(t.at[0])) t.at++, t.size--;
    while (t.size && is_blank(t.at[t.size - 1])) t.size--;
    return t;
}

/* One of a list with commas between. */
static bool has_word(struct text list, const char *word) {
    while (list.size) {
        const char *comma = memchr(list.at, ',', list.size);
        size_t size = comma ? (size_t)(comma - list.at) : list.size;
        if (is_word(trimmed((struct text){list.at, size}), word)) return true;
        size_t taken = comma ? size + 1 : size;
        list.at += taken, list.size -= taken;
    }
    return false;
}

static bool takes_body(const char *method) {
    return !strcmp(method, "POST") || !strcmp(method, "PUT") || !strcmp(method, "PATCH");
}

/* 0, or the status that refuses it. */
static int judge_method(struct text method) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (method.size == strlen(known[i]) && !memcmp(method.at, known[i], method.size)) return 0;
    for (size_t i = 0; i < method.size; i++)
        if (!is_token((unsigned char)method.at[i])) return 400;
    if (method.size == 0) return 400;
    return (method.size == 7 && !memcmp(method.at, "CONNECT", 7)) ||
                   (method.size == 5 && !memcmp(method.at, "TRACE", 5))
               ? 405
               : 501;
}

static bool is_host_byte(unsigned char b) {
    return (b >= '0' && b <= '9') || ((b | 32) >= 'a' && (b | 32) <= 'z') || (b && strchr("-._~%!$&'()*+;=:[]", b));
}

static bool is_host(struct text host) {
    for (size_t i = 0; i < host.size; i++)
        if (!is_host_byte((unsigned char)host.at[i])) return false;
    return true;
}

/* Leaves path and query; at NULL: it is no target. */
static struct text path_of(struct text target, bool options) {
    static const struct text none = {NULL, 0};
    for (size_t i = 0; i < target.size; i++)
        if ((unsigned char)target.at[i] <= 32 || (unsigned char)target.at[i] >= 127 || target.at[i] == '#') return none;
    if (target.size && target.at[0] == '/') return target;
    if (options && target.size == 1 && target.at[0] == '*') return target;
    size_t scheme = target.size > 7 && !strncasecmp(target.at, "http://", 7)    ? 7
                    : target.size > 8 && !strncasecmp(target.at, "https://", 8) ? 8
                                                                                : 0;
    if (!scheme) return none;
    struct text host = {target.at + scheme, 0};
    while (scheme + host.size < target.size && host.at[host.size] != '/' && host.at[host.size] != '?') host.size++;
    if (host.size == 0 || !is_host(host)) return none;
    return (struct text){host.at + host.size, target.size - scheme - host.size};
}

static int judge_version(struct text v, int *minor) {
    if (v.size != 8 || memcmp(v.at, "HTTP/", 5) != 0 || v.at[6] != '.') return 400;
    if (v.at[5] < '0' || v.at[5] > '9' || v.at[7] < '0' || v.at[7] > '9') return 400;
    *minor = v.at[7] - '0';
    return v.at[5] == '1' ? 0 : 505;
}

static char *copy_of(struct text t, const char *before) {
    size_t size = strlen(before);
    char *copy = malloc(size + t.size + 1);
    if (!copy) return NULL;
    memcpy(copy, before, size), memcpy(copy + size, t.at, t.size);
    copy[size + t.size] = 0;
    return copy;
}

static int request_line(struct connection *c, struct text line) {
    const char *one = memchr(line.at, ' ', line.size), *two = memrchr(line.at, ' ', line.size);
    if (!one || one == two) return 400;
    struct text method = {line.at, (size_t)(one - line.at)}, target = {one + 1, (size_t)(two - one - 1)},
                version = {two + 1, line.size - (size_t)(two + 1 - line.at)};
    int refused = judge_version(version, &c->minor);
    if (!refused) refused = judge_method(method);
    if (refused) return refused;
    struct text path = path_of(target, is_word(method, "OPTIONS"));
    if (!path.at) return 400;
    struct exchange *e = c->reading = add_exchange(c);
    if (!e) return 503;
    e->method = copy_of(method, "");
    e->target = copy_of(path, path.size && path.at[0] != '?' ? "" : "/");
    e->head_only = is_word(method, "HEAD");
    return e->method && e->target ? 0 : 503;
}

static int content_length(struct connection *c, struct text value) {
    if (value.size == 0 || c->lengths++) return 400;
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') return 400;
        if (size < SIZE_MAX / 16) size = size * 10 + (size_t)(value.at[i] - '0');
    }
    c->left = size;
    return 0;
}

static int field(struct connection *c, struct text line) {
    size_t name = 0;
    while (name < line.size && is_token((unsigned char)line.at[name])) name++;
    if (name == 0 || name == line.size || line.at[name] != ':') return 400;
    struct text key = {line.at, name}, value = trimmed((struct text){line.at + name + 1, line.size - name - 1});
    for (size_t i = 0; i < value.size; i++)
        if (((unsigned char)value.at[i] < 32 && value.at[i] != '\t') || value.at[i] == 127) return 400;
    if (c->stage == TRAILERS) return 0;
    if (is_word(key, "Host") && (c->hosts++ || !is_host(value))) return 400;
    if (is_word(key, "Content-Length")) return content_length(c, value);
    if (is_word(key, "Transfer-Encoding") && c->codings++) return 400;
    if (is_word(key, "Transfer-Encoding") && !is_word(value, "chunked")) return 501;
    if (is_word(key, "Expect") && has_word(value, "100-continue")) c->expects = true;
    if (is_word(key, "Connection") && has_word(value, "close")) c->closes = true;
    return 0;
}

static int make_body(struct connection *c, size_t size) {
    struct exchange *e = c->reading;
    if (size <= e->body_room) return 0;
    char *body = realloc(e->body, size);
    if (!body) return 503;
    e->body = body, e->body_room = size;
    return 0;
}

/* A 100 comes in its turn, as an answer that ends nothing. */
static int invite(struct connection *c) {
    struct exchange *own = c->reading, *e = calloc(1, sizeof *e);
    if (!e) return 503;
    /* Before the request that is being read, which is the newest. */
    struct exchange **at = &c->first;
    while (*at != own) at = &(*at)->next;
    e->next = own, *at = e, c->under_way++;
    e->connection = c, e->bodiless = e->answered = true;
    e->head_size = (size_t)snprintf(e->head, sizeof e->head, "HTTP/1.1 100 Continue\r\n\r\n");
    return 0;
}

static int head_is_complete(struct server *s, struct connection *c) {
    if (c->hosts == 0 && c->minor > 0) return 400;
    if (c->codings && (c->lengths || c->minor == 0)) return 400;
    if (!c->codings && !c->lengths && takes_body(c->reading->method)) return 411;
    if (c->lengths && c->left > s->limits.body_max) return 413;
    c->reading->last = c->closes || c->minor == 0;
    c->stage = c->codings ? CHUNK_SIZE : BODY, c->head_bytes = 0;
    int refused = c->codings ? 0 : make_body(c, c->left);
    bool waits = c->expects && c->minor > 0 && (c->codings || c->left) && c->from == c->to;
    return waits && !refused ? invite(c) : refused;
}

static int hex_value(char b) {
    if (b >= '0' && b <= '9') return b - '0';
    if (b >= 'a' && b <= 'f') return b - 'a' + 10;
    return b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
}

static int chunk_size(struct server *s, struct connection *c, struct text line) {
    size_t digits = 0, size = 0;
    for (; digits < line.size; digits++) {
        int value = hex_value(line.at[digits]);
        if (value < 0) break;
        if (size < SIZE_MAX / 32) size = size * 16 + (size_t)value;
    }
    struct text rest = {line.at + digits, line.size - digits};
    if (digits == 0 || (rest.size && trimmed(rest).at[0] != ';')) return 400;
    if (rest.size && trimmed(rest).size == 0) return 400;
    for (size_t i = 0; i < rest.size; i++)
        if (((unsigned char)rest.at[i] < 32 && rest.at[i] != '\t') || rest.at[i] == 127) return 400;
    if (size > s->limits.body_max - c->reading->body_size) return 413;
    c->left = size, c->head_bytes = 0;
    c->stage = size ? CHUNK : TRAILERS;
    return size ? make_body(c, c->reading->body_size + size) : 0;
}

static void begin_request(struct connection *c) {
    c->stage = LINE, c->reading = NULL, c->head_bytes = c->left = 0;
    c->hosts = c->lengths = c->codings = c->minor = 0;
    c->expects = c->closes = c->blank_seen = false;
    c->began_ms = NEVER;
}

static void request_is_complete(struct server *s, struct connection *c) {
    struct exchange *e = c->reading;
    begin_request(c);
    c->deaf |= e->last;
    if (hand_over(s, e)) return;
    e->response = (struct http_response){.status = 503};
    answer(e, RETRY_AFTER);
}

static int take_line(struct server *s, struct connection *c, struct text line) {
    switch (c->stage) {
    case LINE:
        if (line.size == 0 && !c->blank_seen) {
            c->blank_seen = true, c->head_bytes = 0, c->began_ms = NEVER;
            return 0;
        }
        c->stage = FIELDS;
        return request_line(c, line);
    case FIELDS:
        return line.size ? field(c, line) : head_is_complete(s, c);
    case CHUNK_SIZE:
        return chunk_size(s, c, line);
    case CHUNK_END:
        c->stage = CHUNK_SIZE, c->head_bytes = 0;
        return line.size ? 400 : 0;
    default:
        if (line.size) return field(c, line);
        request_is_complete(s, c);
        return 0;
    }
}

/* -1: more bytes are needed. */
static int parse_line(struct server *s, struct connection *c) {
    const char *at = c->in + c->from;
    size_t there = c->to - c->from;
    const char *end = memchr(at, '\n', there), *cr = memchr(at, '\r', end ? (size_t)(end - at) : there);
    size_t size = end ? (size_t)(end - at) + 1 : there;
    if (c->head_bytes + size > s->limits.header_max) return c->stage == LINE ? 414 : 431;
    if (!end) return cr && cr != at + there - 1 ? 400 : -1;
    if (cr != end - 1) return 400;
    c->from += size, c->head_bytes += size;
    return take_line(s, c, (struct text){at, size - 2});
}

static int parse_bytes(struct server *s, struct connection *c) {
    struct exchange *e = c->reading;
    size_t there = c->to - c->from, size = c->left < there ? c->left : there;
    if (size) memcpy(e->body + e->body_size, c->in + c->from, size);
    e->body_size += size, c->from += size, c->left -= size;
    if (c->left) return -1;
    if (c->stage == CHUNK)
        c->stage = CHUNK_END;
    else
        request_is_complete(s, c);
    return 0;
}

static bool has_room(const struct connection *c) {
    return c->under_way < UNDER_WAY_MAX;
}

static void parse(struct server *s, struct connection *c) {
    while (!c->deaf && (c->reading || has_room(c))) {
        if (c->began_ms == NEVER && c->from < c->to) c->began_ms = s->now_ms;
        int outcome = c->stage == BODY || c->stage == CHUNK ? parse_bytes(s, c) : parse_line(s, c);
        if (outcome < 0) break;
        if (outcome > 0) refuse(c, outcome);
    }
    if (c->deaf) c->from = c->to = 0;
    memmove(c->in, c->in + c->from, c->to - c->from);
    c->to -= c->from, c->from = 0;
}

/* ---- connections */

static int watch(struct server *s, int operation, int fd, uint32_t events, void *who) {
    struct epoll_event event = {.events = events, .data.ptr = who};
    return epoll_ctl(s->epoll_fd, operation, fd, &event);
}

/* Of an exchange that waits, or that a worker has: it is freed when it comes back. */
static void abandon(struct server *s, struct exchange *e) {
    pthread_mutex_lock(&s->pool.lock);
    e->connection = NULL;
    pthread_mutex_unlock(&s->pool.lock);
}

static void close_connection(struct server *s, struct connection *c) {
    c->previous->next = c->next, c->next->previous = c->previous;
    close(c->fd);
    for (struct exchange *e = c->first, *next; e; e = next) {
        next = e->next;
        if (e->answered || e == c->reading)
            exchange_free(e);
        else
            abandon(s, e);
    }
    free(c->in);
    free(c);
}

static void leave_front(struct connection *c) {
    struct exchange *e = c->first;
    c->first = e->next, c->under_way--;
    if (!c->first) c->newest = NULL;
    exchange_free(e);
}

/* False: the connection is broken. */
static bool send_front(struct server *s, struct connection *c, bool *full) {
    struct exchange *e = c->first;
    size_t body = e->bodiless ? 0 : e->response.body_size, all = e->head_size + body;
    while (e->sent < all) {
        size_t of_head = e->sent < e->head_size ? e->sent : e->head_size;
        const char *rest = body > 0 ? (const char *)e->response.body + (e->sent - of_head) : NULL;
        struct iovec parts[2] = {{e->head + of_head, e->head_size - of_head},
                                 {(char *)(uintptr_t)rest, all - e->sent - (e->head_size - of_head)}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = body ? 2 : 1};
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return *full = true;
        if (n < 0) return false;
        e->sent += (size_t)n, c->moved_ms = s->now_ms;
    }
    return true;
}

/* Sends what is done, in order; false: the connection is over. */
static bool send_answers(struct server *s, struct connection *c, bool *full) {
    *full = false;
    while (c->first && c->first->answered) {
        bool last = c->first->last;
        if (!send_front(s, c, full)) return false;
        if (*full) return true;
        leave_front(c);
        if (last) c->deaf = true;
    }
    return true;
}

/* What is asked of epoll follows from what could be done. False: the connection is over. */
static bool settle(struct server *s, struct connection *c, bool full) {
    if (!c->first && c->deaf && !c->lingers) {
        if (c->ended || s->stopping) return false;
        shutdown(c->fd, SHUT_WR); /* that may fail when the client has reset: the next read says so */
        c->lingers = true, c->moved_ms = s->now_ms;
    }
    if (c->ended && c->lingers) return false;
    bool reads =
        !c->ended && !s->stopping && (c->lingers || (!c->deaf && (c->reading || has_room(c)) && c->to < s->in_room));
    uint32_t wanted = (reads ? EPOLLIN : 0) | (full ? EPOLLOUT : 0);
    if (wanted == c->watched) return true;
    c->watched = wanted;
    return watch(s, EPOLL_CTL_MOD, c->fd, wanted, c) == 0;
}

/* No more bytes come, or are wanted: what has begun and is not complete is nobody's. */
static void drop_unfinished(struct connection *c) {
    struct exchange *e = c->reading;
    c->deaf = true, c->from = c->to = 0;
    if (!e) return;
    struct exchange **at = &c->first, *before = NULL;
    while (*at != e) before = *at, at = &(*at)->next;
    *at = NULL, c->newest = before, c->under_way--;
    c->reading = NULL, c->began_ms = NEVER;
    exchange_free(e);
}

static void go_on(struct server *s, struct connection *c) {
    bool full = false, over = false;
    for (bool again = true; again && !over;) {
        parse(s, c);
        if ((c->ended || s->stopping) && !c->deaf && (c->reading || has_room(c))) drop_unfinished(c);
        size_t before = c->under_way;
        over = !send_answers(s, c, &full);
        again = c->under_way < before && c->to > 0 && !c->deaf;
    }
    if (over || !settle(s, c, full)) close_connection(s, c);
}

/* False: it is broken. */
static bool read_some(struct server *s, struct connection *c) {
    for (int turn = 0; turn < READS_PER_TURN && !c->ended; turn++) {
        bool discards = c->deaf || c->lingers;
        char *at = discards ? c->in : c->in + c->to;
        size_t room = discards ? s->in_room : s->in_room - c->to;
        if (room == 0) break;
        ssize_t n = recv(c->fd, at, room, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        if (n == 0) {
            c->ended = true;
            continue;
        }
        if (!discards) c->to += (size_t)n, c->moved_ms = s->now_ms;
        if (!discards) parse(s, c);
        if ((size_t)n < room) break;
    }
    return true;
}

static void on_connection(struct server *s, struct connection *c, uint32_t events) {
    bool fine = !(events & EPOLLERR);
    if (fine && (events & (EPOLLIN | EPOLLHUP)) && !c->ended && !s->stopping) fine = read_some(s, c);
    if (fine && (events & EPOLLHUP) && (c->ended || s->stopping)) fine = false;
    if (fine)
        go_on(s, c);
    else
        close_connection(s, c);
}

static bool add_connection(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    char *in = malloc(s->in_room);
    if (c) *c = (struct connection){.fd = fd, .in = in, .moved_ms = s->now_ms, .watched = EPOLLIN};
    if (!c || !in || watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c) < 0) {
        free(in), free(c);
        return false;
    }
    begin_request(c);
    c->next = s->all.next, c->previous = &s->all;
    c->next->previous = c, s->all.next = c;
    return true;
}

/* While accept fails for want of descriptors the listener is not watched: it would be reported all the time. */
static void accepts(struct server *s, bool well) {
    if (s->accept_failed == well) watch(s, EPOLL_CTL_MOD, s->listen_fd, well ? EPOLLIN : 0, s);
    s->accept_failed = !well;
}

static void accept_all(struct server *s) {
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!add_connection(s, fd)) close(fd);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            accepts(s, errno == EAGAIN);
            return;
        }
    }
}

/* ---- time */

static bool is_reading(const struct connection *c) {
    return c->began_ms != NEVER && !c->deaf;
}

/* When the request that is being read is late, or the connection has been quiet for too long. */
static int64_t due(const struct server *s, const struct connection *c) {
    if (is_reading(c)) return c->began_ms + s->limits.request_timeout_ms;
    bool full = c->first && c->first->answered;
    return !c->first || full ? c->moved_ms + s->limits.idle_timeout_ms : NEVER;
}

static void look_at_time(struct server *s) {
    s->look_ms = NEVER;
    for (struct connection *c = s->all.next, *next; c != &s->all; c = next) {
        next = c->next;
        int64_t at = due(s, c);
        if (at > s->now_ms) {
            if (at < s->look_ms) s->look_ms = at;
            continue;
        }
        if (!is_reading(c)) {
            close_connection(s, c);
            continue;
        }
        refuse(c, 408);
        c->moved_ms = s->now_ms;
        go_on(s, c);
        s->look_ms = s->now_ms + 1; /* its next limit is found then */
    }
}

static int wait_ms(const struct server *s) {
    int64_t until = s->accept_failed && s->now_ms + RETRY_MS < s->look_ms ? s->now_ms + RETRY_MS : s->look_ms;
    if (until == NEVER) return -1;
    int64_t ms = until - s->now_ms;
    return ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

/* ---- the loop */

static void take_done(struct server *s) {
    uint64_t count;
    if (read(s->pool.done_fd, &count, sizeof count) < 0) return; /* interrupted: epoll tells of it again */
    pthread_mutex_lock(&s->pool.lock);
    struct exchange *done = s->pool.done;
    s->pool.done = NULL;
    pthread_mutex_unlock(&s->pool.lock);
    while (done) {
        struct exchange *e = done;
        struct connection *c = e->connection;
        done = e->next_shared;
        if (!c) {
            exchange_free(e);
            continue;
        }
        if (e->response.status < 200 || e->response.status > 599) {
            if (e->response.release) e->response.release((void *)(uintptr_t)e->response.body);
            e->response = (struct http_response){.status = 500};
        }
        if (s->stopping && c->deaf && e == c->newest) e->last = true;
        answer(e, "");
        if (c->first == e) c->moved_ms = s->now_ms;
        go_on(s, c);
    }
}

static void begin_stop(struct server *s) {
    s->stopping = true;
    epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, s->listen_fd, NULL);
    for (struct connection *c = s->all.next, *next; c != &s->all; c = next) {
        next = c->next;
        if (c->lingers)
            close_connection(s, c);
        else
            go_on(s, c);
    }
}

static int serve(struct server *s, int *stop) {
    struct epoll_event events[EVENTS_AT_ONCE];
    s->now_ms = clock_ms();
    while (!s->stopping || s->all.next != &s->all) {
        int n = epoll_wait(s->epoll_fd, events, EVENTS_AT_ONCE, wait_ms(s));
        if (n < 0 && errno != EINTR) return -errno;
        s->now_ms = clock_ms();
        bool stop_now = false, done = false, arrivals = s->accept_failed;
        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;
            if (who == stop)
                stop_now = true;
            else if (who == s)
                arrivals = true;
            else if (who == &s->pool)
                done = true;
            else
                on_connection(s, who, events[i].events);
        }
        if (done) take_done(s);
        if (stop_now && !s->stopping) {
            epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, *stop, NULL);
            begin_stop(s);
        }
        if (arrivals && !s->stopping) accept_all(s);
        look_at_time(s);
    }
    return 0;
}

/* ---- beginning and end */

static int start_workers(struct server *s) {
    s->workers = calloc(s->limits.workers, sizeof *s->workers);
    if (!s->workers) return -ENOMEM;
    for (; s->started < s->limits.workers; s->started++) {
        int error = pthread_create(&s->workers[s->started], NULL, work, &s->pool);
        if (error) return -error;
    }
    return 0;
}

static void end_workers(struct server *s) {
    pthread_mutex_lock(&s->pool.lock);
    s->pool.ends = true;
    pthread_cond_broadcast(&s->pool.more);
    pthread_mutex_unlock(&s->pool.lock);
    for (size_t i = 0; i < s->started; i++) pthread_join(s->workers[i], NULL);
    for (struct exchange *e = s->pool.done, *next; e; e = next) {
        next = e->next_shared;
        exchange_free(e);
    }
    free(s->workers);
}

static int open_loop(struct server *s, int *stop) {
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll_fd < 0) return -errno;
    s->pool.done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->pool.done_fd < 0) return -errno;
    bool watching = watch(s, EPOLL_CTL_ADD, s->listen_fd, EPOLLIN, s) == 0 &&
                    watch(s, EPOLL_CTL_ADD, *stop, EPOLLIN, stop) == 0 &&
                    watch(s, EPOLL_CTL_ADD, s->pool.done_fd, EPOLLIN, &s->pool) == 0;
    return watching ? 0 : -errno;
}

static bool make_sense(const struct http_limits *l) {
    return l->workers > 0 && l->queue_max > 0 && l->header_max >= 64 && l->header_max <= 1 << 20 &&
           l->idle_timeout_ms > 0 && l->request_timeout_ms > 0;
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    if (!handler || !make_sense(&limits)) return -EINVAL;
    struct server s = {.limits = limits, .epoll_fd = -1, .listen_fd = listen_fd, .look_ms = NEVER};
    s.in_room = limits.header_max + READ_MIN;
    s.pool = (struct pool){.done_fd = -1, .handler = handler, .world = world};
    s.pool.waiting_end = &s.pool.waiting;
    s.all.next = s.all.previous = &s.all;
    pthread_mutex_init(&s.pool.lock, NULL);
    pthread_cond_init(&s.pool.more, NULL);
    int result = open_loop(&s, &stop_fd);
    if (result == 0) result = start_workers(&s);
    if (result == 0) result = serve(&s, &stop_fd);
    while (s.all.next != &s.all) close_connection(&s, s.all.next);
    end_workers(&s);
    pthread_mutex_destroy(&s.pool.lock);
    pthread_cond_destroy(&s.pool.more);
    if (s.pool.done_fd >= 0) close(s.pool.done_fd);
    if (s.epoll_fd >= 0) close(s.epoll_fd);
    return result;
}
