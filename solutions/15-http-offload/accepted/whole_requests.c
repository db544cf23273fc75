/* SPDX-License-Identifier: MIT */
/* whole_requests.c -- poll, a pipe, a semaphore, and a stack of requests that wait.
 *
 * A connection keeps the bytes of a request until it is whole, and judges them from its first byte at each
 * read. The worker makes the answer's bytes, and releases the handler's body itself. Among those that
 * wait the newest is served first. The loop looks at the time every 200 ms. */
#include "http_offload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 64
#define READ_BYTES 16384
#define TICK_MS 200
#define NEVER INT64_MAX
#define ANSWER_MAX 256

struct request {
    struct request *next, *shared;
    struct conn *conn; /* under the lock; NULL: nobody wants it */
    bool answered, last, head_only;
    struct http_request call;
    char *bytes; /* method, target and body, in one piece */
    char *out, small[ANSWER_MAX];
    size_t out_size, sent;
};

struct conn {
    struct conn *next, *previous;
    int fd;
    bool deaf, ended, lingers, invited, blank, full;
    struct request *first, *newest;
    size_t count;
    int64_t began, moved;
    char *in;
    size_t used, room;
};

struct pool {
    pthread_mutex_t lock;
    sem_t tokens;
    struct request *stack, *done, **done_end;
    size_t waits;
    int wake_fd;
    http_handler handler;
    void *world;
};

struct server {
    struct http_limits limits;
    int listen_fd, stop_fd, pipe[2];
    bool stopping, accept_failed;
    int64_t now;
    struct conn all;
    size_t count, room;
    struct pollfd *polled;
    struct pool pool;
    pthread_t *threads;
    size_t started;
};

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- answers */

static const char *reason(int status) {
    static const struct {
        int status;
        const char *text;
    } known[] = {{100, "Continue"},
                 {200, "OK"},
                 {204, "No Content"},
                 {304, "Not Modified"},
                 {400, "Bad Request"},
                 {405, "Method Not Allowed"},
                 {408, "Request Timeout"},
                 {411, "Length Required"},
                 {413, "Content Too Large"},
                 {414, "URI Too Long"},
                 {431, "Request Header Fields Too Large"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {503, "Service Unavailable"},
                 {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status) return known[i].text;
    return "Other";
}

static size_t head_of(char *to, const struct request *r, int status, size_t size) {
    char length[48] = "";
    if (status != 204 && status != 304) snprintf(length, sizeof length, "Content-Length: %zu\r\n", size);
    return (size_t)snprintf(to, ANSWER_MAX, "HTTP/1.1 %d %s\r\n%s%s%s%s\r\n", status, reason(status), length,
                            r->last ? "Connection: close\r\n" : "", status == 503 ? "Retry-After: 2\r\n" : "",
                            status == 405 ? "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" : "");
}

static void own_answer(struct request *r, int status) {
    r->out_size = status == 100 ? (size_t)snprintf(r->small, ANSWER_MAX, "HTTP/1.1 100 Continue\r\n\r\n")
                                : head_of(r->small, r, status, 0);
    r->out = r->small;
}

static void request_free(struct request *r) {
    if (r->out != r->small) free(r->out);
    free(r->bytes);
    free(r);
}

/* ---- workers */

static void run_handler(struct pool *p, struct request *r) {
    struct http_response answer = {.status = 200};
    p->handler(&r->call, &answer, p->world);
    bool fine = answer.status >= 200 && answer.status <= 599;
    int status = fine ? answer.status : 500;
    size_t size = fine && answer.body ? answer.body_size : 0;
    bool bodiless = r->head_only || status == 204 || status == 304;
    r->out = malloc(ANSWER_MAX + (bodiless ? 0 : size));
    if (!r->out) {
        own_answer(r, 503);
    } else {
        r->out_size = head_of(r->out, r, status, size);
        if (!bodiless && size > 0) memcpy(r->out + r->out_size, answer.body, size), r->out_size += size;
    }
    if (answer.release) answer.release((void *)(uintptr_t)answer.body);
}

static void wake(struct pool *p) {
    while (write(p->wake_fd, "", 1) < 0 && errno == EINTR) continue; /* full: the loop is told anyway */
}

static void *work(void *argument) {
    struct pool *p = argument;
    for (;;) {
        while (sem_wait(&p->tokens) < 0) continue;
        pthread_mutex_lock(&p->lock);
        struct request *r = p->stack;
        if (r) p->stack = r->shared, p->waits--;
        bool wanted = r && r->conn;
        pthread_mutex_unlock(&p->lock);
        if (!r) return NULL;
        if (wanted) run_handler(p, r);
        r->shared = NULL;
        pthread_mutex_lock(&p->lock);
        *p->done_end = r, p->done_end = &r->shared;
        pthread_mutex_unlock(&p->lock);
        wake(p);
    }
}

static bool hand_over(struct server *s, struct request *r) {
    struct pool *p = &s->pool;
    pthread_mutex_lock(&p->lock);
    bool room = p->waits < s->limits.queue_max;
    if (room) r->shared = p->stack, p->stack = r, p->waits++;
    pthread_mutex_unlock(&p->lock);
    if (room) sem_post(&p->tokens);
    return room;
}

/* ---- what a request says: 0 whole, -1 partial, else the status that refuses it */

struct text {
    const char *at;
    size_t size;
};

struct reading {
    struct text method, target; /* the target without scheme and host */
    bool close, expects, chunked, sized, head_is_whole;
    int minor, hosts;
    size_t length, head, all, body; /* bytes: of the head; of all; of the body, decoded */
};

static bool token_byte(char b) {
    return b > 32 && b < 127 && !strchr("\"(),/:;<=>?@[\\]{}", b);
}

static bool same(struct text t, const char *word) {
    return t.size == strlen(word) && strncasecmp(t.at, word, t.size) == 0;
}

static bool exactly(struct text t, const char *word) {
    return t.size == strlen(word) && memcmp(t.at, word, t.size) == 0;
}

static struct text trim(struct text t) {
    while (t.size && (*t.at == ' ' || *t.at == '\t')) t.at++, t.size--;
    while (t.size && (t.at[t.size - 1] == ' ' || t.at[t.size - 1] == '\t')) t.size--;
    return t;
}

static bool lists(struct text list, const char *word) {
    for (;;) {
        const char *comma = list.size ? memchr(list.at, ',', list.size) : NULL;
        size_t size = comma ? (size_t)(comma - list.at) : list.size;
        if (same(trim((struct text){list.at, size}), word)) return true;
        if (!comma) return false;
        list.at += size + 1, list.size -= size + 1;
    }
}

static bool control(char b) {
    unsigned char u = (unsigned char)b;
    return (u < 32 && u != '\t') || u == 127;
}

static bool all_of(struct text t, const char *more) {
    for (size_t i = 0; i < t.size; i++) {
        char b = t.at[i];
        bool plain = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
        if (!plain && (!b || !strchr(more, b))) return false;
    }
    return true;
}

#define HOST_BYTES "-._~%!$&'()*+;=:[]"

static int read_target(struct reading *r, struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] <= 32 || t.at[i] == 127 || t.at[i] == '#') return 400;
    if (t.size && *t.at == '/') return r->target = t, 0;
    if (exactly(t, "*") && exactly(r->method, "OPTIONS")) return r->target = t, 0;
    if (t.size < 8 || strncasecmp(t.at, "http://", 7) != 0) return 400;
    struct text host = {t.at + 7, 0};
    while (host.size < t.size - 7 && host.at[host.size] != '/' && host.at[host.size] != '?') host.size++;
    if (!host.size || !all_of(host, HOST_BYTES)) return 400;
    r->target = (struct text){host.at + host.size, t.size - 7 - host.size};
    return 0;
}

static int read_first_line(struct reading *r, struct text line) {
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    size_t method = 0, version = line.size;
    while (method < line.size && token_byte(line.at[method])) method++;
    while (version > 0 && line.at[version - 1] != ' ') version--;
    if (method == 0 || method >= line.size || line.at[method] != ' ' || version <= method + 1) return 400;
    struct text v = {line.at + version, line.size - version};
    if (v.size != 8 || memcmp(v.at, "HTTP/", 5) != 0 || v.at[6] != '.') return 400;
    if (v.at[5] < '0' || v.at[5] > '9' || v.at[7] < '0' || v.at[7] > '9') return 400;
    if (v.at[5] != '1') return 505;
    r->minor = v.at[7] - '0';
    r->method = (struct text){line.at, method};
    if (exactly(r->method, "CONNECT") || exactly(r->method, "TRACE")) return 405;
    bool ours = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) ours |= exactly(r->method, known[i]);
    if (!ours) return 501;
    return read_target(r, (struct text){line.at + method + 1, version - method - 2});
}

static int split_field(struct text line, struct text *name, struct text *value) {
    size_t size = 0;
    while (size < line.size && token_byte(line.at[size])) size++;
    if (size == 0 || size == line.size || line.at[size] != ':') return 400;
    *name = (struct text){line.at, size};
    *value = trim((struct text){line.at + size + 1, line.size - size - 1});
    for (size_t i = 0; i < value->size; i++)
        if (control(value->at[i])) return 400;
    return 0;
}

static int read_length(struct reading *r, struct text value) {
    if (r->sized || !value.size) return 400;
    r->sized = true;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') return 400;
        size_t digit = (size_t)(value.at[i] - '0');
        r->length = r->length > (SIZE_MAX - digit) / 10 ? SIZE_MAX : r->length * 10 + digit;
    }
    return 0;
}

static int read_field(struct reading *r, struct text line) {
    struct text name, value;
    int refused = split_field(line, &name, &value);
    if (refused) return refused;
    if (same(name, "host")) return r->hosts++ || !all_of(value, HOST_BYTES) ? 400 : 0;
    if (same(name, "content-length")) return read_length(r, value);
    if (same(name, "transfer-encoding")) {
        if (r->chunked) return 400;
        if (!same(value, "chunked")) return 400;
        r->chunked = true;
    }
    if (same(name, "expect") && lists(value, "100-continue")) r->expects = true;
    if (same(name, "connection") && lists(value, "close")) r->close = true;
    return 0;
}

/* The size of the line at `from` with its CRLF; -1: not whole; -400. */
static ssize_t line_at(const char *in, size_t used, size_t from) {
    for (size_t i = from; i < used; i++) {
        if (in[i] == '\n') return -400;
        if (in[i] != '\r') continue;
        if (i + 1 == used) return -1;
        return in[i + 1] == '\n' ? (ssize_t)(i + 2 - from) : -400;
    }
    return -1;
}

/* Finds the end of a block of lines that ends with an empty one. */
static int block_end(const char *in, size_t used, size_t from, size_t max, size_t *end, int first_too_long) {
    size_t at = from;
    for (;;) {
        ssize_t size = line_at(in, used, at);
        if (size == -400) return 400;
        size_t so_far = size < 0 ? used - from : at - from + (size_t)size;
        if (so_far > max) return at == from ? first_too_long : 431;
        if (size < 0) return -1;
        at += (size_t)size;
        if (size == 2) return *end = at, 0;
    }
}

static int read_head(const struct server *s, struct reading *r, const char *in, size_t used) {
    int outcome = block_end(in, used, 0, s->limits.header_max, &r->head, 414);
    if (outcome) return outcome;
    for (size_t at = 0; at < r->head - 2;) {
        ssize_t size = line_at(in, used, at);
        struct text line = {in + at, (size_t)size - 2};
        outcome = at == 0 ? read_first_line(r, line) : read_field(r, line);
        if (outcome) return outcome;
        at += (size_t)size;
    }
    if (r->head == 2) return 400;
    if (!r->hosts && r->minor > 0) return 400;
    if (r->chunked && (r->sized || r->minor == 0)) return 400;
    bool wants = exactly(r->method, "POST") || exactly(r->method, "PUT") || exactly(r->method, "PATCH");
    if (wants && !r->sized && !r->chunked) return 411;
    if (r->sized && r->length > s->limits.body_max) return 413;
    r->head_is_whole = true;
    return 0;
}

static int hex(char b) {
    return b >= '0' && b <= '9'   ? b - '0'
           : b >= 'a' && b <= 'f' ? b - 'a' + 10
           : b >= 'A' && b <= 'F' ? b - 'A' + 10
                                  : -1;
}

static int read_chunk_line(struct text line, size_t *size) {
    size_t digits = 0;
    *size = 0;
    for (; digits < line.size && hex(line.at[digits]) >= 0; digits++)
        *size = *size > SIZE_MAX / 32 ? SIZE_MAX / 2 : *size * 16 + (size_t)hex(line.at[digits]);
    struct text rest = trim((struct text){line.at + digits, line.size - digits});
    if (digits == 0 || (digits < line.size && (!rest.size || *rest.at != ';'))) return 400;
    for (size_t i = 0; i < rest.size; i++)
        if (control(rest.at[i])) return 400;
    return 0;
}

/* With `to` the chunks' bytes are moved there. */
static int read_chunks(const struct server *s, struct reading *r, const char *in, size_t used, char *to) {
    for (size_t at = r->head;;) {
        ssize_t line = line_at(in, used, at);
        if (line == -400) return 400;
        if (line < 0) return used - at > s->limits.header_max ? 400 : -1;
        if ((size_t)line > s->limits.header_max) return 400;
        size_t size, end = at;
        int outcome = read_chunk_line((struct text){in + at, (size_t)line - 2}, &size);
        if (outcome) return outcome;
        if (size > s->limits.body_max - r->body) return 413;
        at += (size_t)line;
        if (size == 0) {
            outcome = block_end(in, used, at, s->limits.header_max, &end, 431);
            struct text name, value;
            for (size_t each; !outcome && at < end - 2; at += each) {
                each = (size_t)line_at(in, used, at);
                outcome = split_field((struct text){in + at, each - 2}, &name, &value);
            }
            r->all = end;
            return outcome;
        }
        if (used - at < size) return -1;
        if (to) memcpy(to + r->body, in + at, size);
        at += size, r->body += size;
        if (at < used && in[at] != '\r') return 400;
        if (at + 1 < used && in[at + 1] != '\n') return 400;
        if (used - at < 2) return -1;
        at += 2;
    }
}

static int read_request(const struct server *s, struct reading *r, const char *in, size_t used) {
    int outcome = read_head(s, r, in, used);
    if (outcome) return outcome;
    if (r->chunked) return read_chunks(s, r, in, used, NULL);
    r->all = r->head + r->length, r->body = r->length;
    return used - r->head < r->length ? -1 : 0;
}

/* ---- connections */

static struct request *add_request(struct conn *c) {
    struct request *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->conn = c;
    *(c->newest ? &c->newest->next : &c->first) = r;
    c->newest = r, c->count++;
    return r;
}

static void deaf(struct conn *c) {
    c->deaf = true, c->used = 0, c->began = NEVER;
}

static void refuse(struct server *s, struct conn *c, int status) {
    struct request *r = add_request(c);
    deaf(c);
    if (!r) return;
    r->last = r->answered = true;
    own_answer(r, status);
    c->moved = s->now;
}

/* Method, target and body, copied out of the connection's bytes. */
static bool fill(const struct server *s, struct request *r, struct reading *of, const char *in) {
    bool slash = of->target.size == 0 || *of->target.at == '?';
    size_t method = of->method.size + 1, target = of->target.size + slash + 1;
    char *at = r->bytes = malloc(method + target + of->body);
    if (!at) return false;
    memcpy(at, of->method.at, of->method.size), at[of->method.size] = 0;
    at[method] = '/';
    if (of->target.size) memcpy(at + method + slash, of->target.at, of->target.size);
    at[method + target - 1] = 0;
    char *body = at + method + target;
    size_t size = of->body;
    if (of->chunked) {
        of->body = 0;
        (void)read_chunks(s, of, in, of->all, body); /* it has been whole before */
    } else if (size) {
        memcpy(body, in + of->head, size);
    }
    r->call = (struct http_request){at, at + method, body, size};
    return true;
}

static void take_whole(struct server *s, struct conn *c, struct reading *of) {
    struct request *r = add_request(c);
    if (!r) {
        deaf(c);
        return;
    }
    r->last = of->close || of->minor == 0;
    r->head_only = exactly(of->method, "HEAD");
    bool fine = fill(s, r, of, c->in) && hand_over(s, r);
    if (!fine) own_answer(r, 503), r->answered = true;
    c->used -= of->all;
    memmove(c->in, c->in + of->all, c->used);
    c->invited = c->blank = false, c->began = NEVER;
    if (r->last) deaf(c);
}

static void invite(struct conn *c) {
    struct request *r = add_request(c);
    if (!r) {
        deaf(c);
        return;
    }
    r->answered = c->invited = true;
    own_answer(r, 100);
}

/* Ignores one empty line; true: the caller goes on. */
static bool skip_blank(struct conn *c) {
    if (c->blank || c->in[0] != '\r') return true;
    if (c->used < 2) return false;
    if (c->in[1] != '\n') return true;
    c->used -= 2, c->blank = true;
    memmove(c->in, c->in + 2, c->used);
    return c->used > 0;
}

static void parse(struct server *s, struct conn *c) {
    while (!c->deaf && c->count < AT_ONCE && c->used > 0) {
        if (!skip_blank(c)) break;
        if (c->began == NEVER) c->began = s->now;
        struct reading r = {.chunked = false};
        int outcome = read_request(s, &r, c->in, c->used);
        if (outcome == 0) {
            take_whole(s, c, &r);
        } else if (outcome > 0) {
            refuse(s, c, outcome);
        } else {
            bool body = r.chunked || r.length > 0;
            if (r.head_is_whole && r.expects && r.minor > 0 && body && c->used == r.head && !c->invited) invite(c);
            break;
        }
    }
    bool over = (c->ended || s->stopping) && c->count < AT_ONCE;
    if (over && !c->deaf) deaf(c);
}

static void close_conn(struct server *s, struct conn *c) {
    c->previous->next = c->next, c->next->previous = c->previous, s->count--;
    close(c->fd);
    for (struct request *r = c->first, *next; r; r = next) {
        next = r->next;
        if (r->answered) {
            request_free(r);
            continue;
        }
        pthread_mutex_lock(&s->pool.lock);
        r->conn = NULL;
        pthread_mutex_unlock(&s->pool.lock);
    }
    free(c->in);
    free(c);
}

/* False: broken. */
static bool send_front(struct server *s, struct conn *c) {
    c->full = false;
    while (c->first && c->first->answered) {
        struct request *r = c->first;
        ssize_t n = send(c->fd, r->out + r->sent, r->out_size - r->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return c->full = true;
        if (n < 0) return false;
        r->sent += (size_t)n, c->moved = s->now;
        if (r->sent < r->out_size) continue;
        c->first = r->next, c->count--;
        if (!c->first) c->newest = NULL;
        request_free(r);
    }
    return true;
}

/* Parses, sends, ends; false: the connection is gone. */
static bool go_on(struct server *s, struct conn *c) {
    size_t used, count;
    do {
        used = c->used, count = c->count;
        parse(s, c);
        if (!send_front(s, c)) return close_conn(s, c), false;
    } while (c->used != used || c->count != count);
    if (c->deaf && !c->first && !c->lingers) {
        if (c->ended || s->stopping) return close_conn(s, c), false;
        shutdown(c->fd, SHUT_WR);
        c->lingers = true, c->moved = s->now;
    }
    return true;
}

static bool wants_bytes(const struct server *s, const struct conn *c) {
    return !c->ended && (c->lingers || (!s->stopping && !c->deaf && c->count < AT_ONCE));
}

/* One read; false: broken. */
static bool read_once(struct server *s, struct conn *c) {
    char discarded[4096];
    bool discards = c->lingers || c->deaf;
    if (!discards && c->room - c->used < READ_BYTES) {
        size_t room = c->used * 2 + READ_BYTES;
        char *in = realloc(c->in, room);
        if (!in) return false;
        c->in = in, c->room = room;
    }
    ssize_t n = recv(c->fd, discards ? discarded : c->in + c->used, discards ? sizeof discarded : c->room - c->used, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return c->ended = true;
    if (!discards) c->used += (size_t)n, c->moved = s->now;
    return true;
}

static void on_events(struct server *s, struct conn *c, short events) {
    bool fine = !(events & (POLLERR | POLLNVAL));
    if (fine && (events & (POLLIN | POLLHUP)) && wants_bytes(s, c)) fine = read_once(s, c);
    if (fine && (events & POLLHUP) && (c->ended || !wants_bytes(s, c))) fine = false;
    if (fine && c->ended && c->lingers) fine = false;
    if (fine)
        (void)go_on(s, c);
    else
        close_conn(s, c);
}

static bool room_for_one(struct server *s) {
    if (s->count + 4 <= s->room) return true;
    size_t room = s->room * 2;
    struct pollfd *polled = realloc(s->polled, room * sizeof *polled);
    if (!polled) return false;
    s->polled = polled, s->room = room;
    return true;
}

static void accept_some(struct server *s) {
    s->accept_failed = false;
    for (int i = 0; i < 64; i++) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
        if (fd < 0) {
            s->accept_failed = errno != EAGAIN;
            return;
        }
        struct conn *c = room_for_one(s) ? calloc(1, sizeof *c) : NULL;
        if (!c) {
            close(fd);
            continue;
        }
        c->fd = fd, c->began = NEVER, c->moved = s->now;
        c->next = &s->all, c->previous = s->all.previous;
        c->previous->next = c, s->all.previous = c, s->count++;
    }
}

/* ---- time */

static void look(struct server *s) {
    for (struct conn *c = s->all.next, *next; c != &s->all; c = next) {
        next = c->next;
        if (c->began != NEVER && c->count < AT_ONCE && !c->deaf) {
            if (s->now - c->began < (int64_t)s->limits.request_timeout_ms) continue;
            refuse(s, c, 408);
            (void)go_on(s, c);
        } else if (!c->first || c->first->answered) {
            if (s->now - c->moved >= (int64_t)s->limits.idle_timeout_ms) close_conn(s, c);
        }
    }
}

/* ---- the loop */

static void take_done(struct server *s) {
    char bytes[256];
    ssize_t n;
    do n = read(s->pipe[0], bytes, sizeof bytes);
    while (n == (ssize_t)sizeof bytes || (n < 0 && errno == EINTR));
    pthread_mutex_lock(&s->pool.lock);
    struct request *r = s->pool.done;
    s->pool.done = NULL, s->pool.done_end = &s->pool.done;
    pthread_mutex_unlock(&s->pool.lock);
    for (struct request *next; r; r = next) {
        struct conn *c = r->conn;
        next = r->shared;
        r->answered = true;
        if (!c) {
            request_free(r);
            continue;
        }
        if (c->first == r) c->moved = s->now;
        (void)go_on(s, c);
    }
}

static void stop(struct server *s) {
    s->stopping = true;
    for (struct conn *c = s->all.next, *next; c != &s->all; c = next) {
        next = c->next;
        if (c->lingers)
            close_conn(s, c);
        else
            (void)go_on(s, c);
    }
}

static size_t fill_polled(struct server *s) {
    s->polled[0] = (struct pollfd){s->stopping ? -1 : s->stop_fd, POLLIN, 0};
    s->polled[1] = (struct pollfd){s->stopping || s->accept_failed ? -1 : s->listen_fd, POLLIN, 0};
    s->polled[2] = (struct pollfd){s->pipe[0], POLLIN, 0};
    size_t n = 3;
    for (struct conn *c = s->all.next; c != &s->all; c = c->next)
        s->polled[n++] = (struct pollfd){c->fd, (short)((wants_bytes(s, c) ? POLLIN : 0) | (c->full ? POLLOUT : 0)), 0};
    return n;
}

static int serve(struct server *s) {
    s->now = clock_ms();
    while (!s->stopping || s->count > 0) {
        size_t n = fill_polled(s);
        int ready = poll(s->polled, n, s->count || s->accept_failed ? TICK_MS : -1);
        if (ready < 0 && errno != EINTR) return -errno;
        s->now = clock_ms();
        if (ready > 0) {
            size_t i = 3;
            for (struct conn *c = s->all.next, *next; i < n; c = next, i++) {
                next = c->next;
                if (s->polled[i].revents) on_events(s, c, s->polled[i].revents);
            }
            if (s->polled[2].revents) take_done(s);
            if (s->polled[0].revents && !s->stopping) stop(s);
        }
        if (!s->stopping && (s->accept_failed || (ready > 0 && s->polled[1].revents))) accept_some(s);
        look(s);
    }
    return 0;
}

static int make_pipe(struct server *s) {
    return pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) < 0 ? -errno : 0;
}

static int start(struct server *s) {
    s->room = 64;
    s->polled = malloc(s->room * sizeof *s->polled);
    s->threads = calloc(s->limits.workers, sizeof *s->threads);
    if (!s->polled || !s->threads) return -ENOMEM;
    int result = make_pipe(s);
    if (result) return result;
    s->pool.wake_fd = s->pipe[1];
    for (; s->started < s->limits.workers; s->started++) {
        int error = pthread_create(&s->threads[s->started], NULL, work, &s->pool);
        if (error) return -error;
    }
    return 0;
}

static void finish(struct server *s) {
    while (s->all.next != &s->all) close_conn(s, s->all.next);
    for (size_t i = 0; i < s->started; i++) sem_post(&s->pool.tokens);
    for (size_t i = 0; i < s->started; i++) pthread_join(s->threads[i], NULL);
    for (struct request *r = s->pool.done, *next; r; r = next) next = r->shared, request_free(r);
    for (struct request *r = s->pool.stack, *next; r; r = next) next = r->shared, request_free(r);
    if (s->pipe[0] >= 0) close(s->pipe[0]);
    if (s->pipe[1] >= 0) close(s->pipe[1]);
    free(s->polled);
    free(s->threads);
}

int http_serve(int listen_fd, int stop_fd, struct http_limits limits, http_handler handler, void *world) {
    bool sense = limits.workers && limits.queue_max && limits.header_max >= 64 && limits.header_max <= 1 << 20 &&
                 limits.idle_timeout_ms && limits.request_timeout_ms;
    if (!handler || !sense) return -EINVAL;
    struct server s = {.limits = limits, .listen_fd = listen_fd, .stop_fd = stop_fd, .pipe = {-1, -1}};
    s.all.next = s.all.previous = &s.all;
    s.pool.done_end = &s.pool.done;
    s.pool.handler = handler, s.pool.world = world;
    pthread_mutex_init(&s.pool.lock, NULL);
    sem_init(&s.pool.tokens, 0, 0);
    int result = start(&s);
    if (result == 0) result = serve(&s);
    finish(&s);
    sem_destroy(&s.pool.tokens);
    pthread_mutex_destroy(&s.pool.lock);
    return result;
}
