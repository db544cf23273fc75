/* SPDX-License-Identifier: MIT */
/* tiny_redis.c -- the reference: one loop, one table of keys, one heap of deadlines.
 *
 * Sections: texts, dict, sorted set, values, keys and their deadlines, answers,
 * numbers, commands (connection, keys, strings, hashes, lists, sorted sets),
 * the table of commands, requests, connections, the loop.
 *
 * A command has two halves. The first parses, looks up, and takes all memory that
 * the second will need, room for its answer too; it may fail, and then nothing has changed.
 * The second changes things and cannot fail. */
#include "tiny_redis.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BULK_MAX (64 * 1024)
#define WORDS_MAX 1024
#define OWED_MAX (1024 * 1024)
#define STRING_MAX (512LL * 1024 * 1024)
#define CHUNK_BYTES (64 * 1024)
#define EVENTS_AT_ONCE 128
#define RETRY_MS 100        /* until accept is tried again, and at most until the clock is asked again */
#define EXPIRED_AT_ONCE 200 /* about 0.2 ms of work between two waits */
#define SMALL_ANSWER 512    /* any answer that is not made of stored bytes */

struct word {
    const char *at;
    size_t size;
};

/* ---- texts: bytes with room to grow ---- */

struct text {
    size_t size, room;
    char at[];
};

static struct text *text_new(const char *bytes, size_t size) {
    size_t room = size < 24 ? 24 : size;
    struct text *t = malloc(sizeof *t + room);
    if (!t) return NULL;
    t->size = size, t->room = room;
    if (size) memcpy(t->at, bytes, size);
    return t;
}

/* The text with room for `size` bytes, perhaps elsewhere; NULL: no memory, and it is as it was. */
static struct text *text_room(struct text *t, size_t size) {
    if (size <= t->room) return t;
    size_t room = size * 2 < (size_t)STRING_MAX ? size * 2 : size;
    struct text *larger = realloc(t, sizeof *t + room);
    if (larger) larger->room = room;
    return larger;
}

/* ---- dict: chains by hash; a larger table is filled a few buckets at a time ---- */

struct entry {
    struct entry *next;
    uint64_t hash;
    size_t size;
    const char *name;
};

struct dict {
    struct entry **table, **old; /* `old` is being emptied, from its beginning; NULL: none is */
    size_t size, old_size, moved, used;
};

static uint64_t hash_of(const char *name, size_t size) {
    uint64_t hash = size, part;
    for (; size >= 8; size -= 8, name += 8) {
        memcpy(&part, name, 8);
        hash = (hash ^ part) * 0x9fb21c651e98df25u;
        hash ^= hash >> 32;
    }
    part = 0;
    memcpy(&part, name, size);
    hash = (hash ^ part) * 0x9fb21c651e98df25u;
    return hash ^ hash >> 29;
}

static bool dict_ready(struct dict *d) {
    if (d->table) return true;
    d->table = calloc(4, sizeof(struct entry *));
    d->size = d->table ? 4 : 0;
    return d->table != NULL;
}

/* One step of the move: at most two chains, and at most sixteen empty buckets. An add
 * makes one, so that a table is moved before the next one is due. */
static void dict_step(struct dict *d) {
    for (int chains = 0, empty = 0; d->old && chains < 2 && empty < 16;) {
        struct entry *e = d->old[d->moved];
        e ? chains++ : empty++;
        for (struct entry *next; e; e = next) {
            next = e->next;
            struct entry **at = &d->table[e->hash & (d->size - 1)];
            e->next = *at, *at = e;
        }
        d->old[d->moved++] = NULL;
        if (d->moved == d->old_size) free(d->old), d->old = NULL;
    }
}

static void dict_grow(struct dict *d) {
    struct entry **table = calloc(d->size * 2, sizeof(struct entry *));
    if (!table) return; /* chains become longer, that is all */
    d->old = d->table, d->old_size = d->size, d->moved = 0;
    d->table = table, d->size *= 2;
}

static struct entry **chain_find(struct entry **at, uint64_t hash, const char *name, size_t size) {
    for (; *at; at = &(*at)->next)
        if ((*at)->hash == hash && (*at)->size == size && memcmp((*at)->name, name, size) == 0) return at;
    return NULL;
}

/* Where the pointer to the entry lies; NULL: there is none. */
static struct entry **dict_find(struct dict *d, const char *name, size_t size) {
    if (!d->used) return NULL;
    dict_step(d);
    uint64_t hash = hash_of(name, size);
    struct entry **at = chain_find(&d->table[hash & (d->size - 1)], hash, name, size);
    if (!at && d->old) at = chain_find(&d->old[hash & (d->old_size - 1)], hash, name, size);
    return at;
}

/* The dict is ready, and has no such entry. */
static void dict_add(struct dict *d, struct entry *e) {
    dict_step(d);
    if (d->used >= d->size && !d->old) dict_grow(d);
    struct entry **at = &d->table[e->hash & (d->size - 1)];
    e->next = *at, *at = e, d->used++;
}

static void dict_drop(struct dict *d, struct entry **at) {
    *at = (*at)->next;
    d->used--;
}

/* Names an entry that was just allocated, its bytes at `name`. */
static void entry_name(struct entry *e, char *name, struct word w) {
    memcpy(name, w.at, w.size);
    *e = (struct entry){.hash = hash_of(w.at, w.size), .size = w.size, .name = name};
}

/* ---- sorted set: a dict of members, and a skip list that counts what its links skip ---- */

#define LEVELS 16

struct member;
struct level {
    struct member *next;
    size_t span; /* members from here to `next`, it included; at the end, all that are left */
};
struct member {
    struct entry entry; /* the first: a member is found by it */
    double score;
    int height;
    struct level level[]; /* then the name's bytes */
};
struct sorted_set {
    struct dict members;
    struct level head[LEVELS];
    uint32_t random;
};

static struct member *member_new(struct sorted_set *z, double score, struct word name) {
    int height = 1;
    for (uint32_t bits = z->random = z->random * 1664525u + 1013904223u; height < LEVELS && (bits >> 30) == 0;
         bits <<= 2)
        height++;
    struct member *m = malloc(sizeof *m + (size_t)height * sizeof(struct level) + name.size);
    if (!m) return NULL;
    m->score = score, m->height = height;
    entry_name(&m->entry, (char *)&m->level[height], name);
    return m;
}

static bool comes_before(const struct member *m, const struct member *other) {
    if (m->score != other->score) return m->score < other->score;
    size_t size = m->entry.size < other->entry.size ? m->entry.size : other->entry.size;
    int order = memcmp(m->entry.name, other->entry.name, size);
    return order != 0 ? order < 0 : m->entry.size < other->entry.size;
}

/* On each level the last link before `m`'s place; answers how many members are before it. */
static size_t path_to(struct sorted_set *z, const struct member *m, struct level **path, size_t *before) {
    struct level *at = z->head;
    size_t rank = 0;
    for (int i = LEVELS - 1; i >= 0; i--) {
        while (at[i].next && comes_before(at[i].next, m)) rank += at[i].span, at = at[i].next->level;
        path[i] = &at[i], before[i] = rank;
    }
    return rank;
}

static void member_link(struct sorted_set *z, struct member *m) {
    struct level *path[LEVELS];
    size_t before[LEVELS], rank = path_to(z, m, path, before);
    for (int i = 0; i < LEVELS; i++) {
        if (i >= m->height) {
            path[i]->span++;
            continue;
        }
        size_t skipped = rank - before[i];
        m->level[i] = (struct level){path[i]->next, path[i]->span - skipped};
        *path[i] = (struct level){m, skipped + 1};
    }
}

static void member_unlink(struct sorted_set *z, const struct member *m) {
    struct level *path[LEVELS];
    size_t before[LEVELS];
    path_to(z, m, path, before);
    for (int i = 0; i < LEVELS; i++) {
        if (path[i]->next == m) path[i]->span += m->level[i].span, path[i]->next = m->level[i].next;
        path[i]->span--;
    }
}

/* The member with so many before it. */
static struct member *member_at(struct sorted_set *z, size_t rank) {
    struct level *at = z->head;
    struct member *m = NULL;
    for (int i = LEVELS - 1; i >= 0; i--)
        for (size_t left = rank + 1; at[i].next && at[i].span <= left; left = rank + 1)
            rank -= at[i].span, m = at[i].next, at = m->level;
    return m;
}

/* ---- values ---- */

enum type { STRING, HASH, LIST, SORTED_SET, ANY };

struct field {
    struct entry entry; /* the first */
    struct field *previous, *next;
    struct text *value;
    char name[];
};
struct hash {
    struct dict fields;
    struct field *first, *last;
};
struct item {
    struct item *previous, *next;
    size_t size;
    char at[];
};
struct list {
    struct item *first, *last;
    size_t size;
};
struct value {
    enum type type;
    union {
        struct text *text;
        struct hash *hash;
        struct list *list;
        struct sorted_set *set;
    };
};

static void dict_free(struct dict *d) {
    free(d->table);
    free(d->old);
}

static void hash_free(struct hash *h) {
    for (struct field *f = h->first, *next; f; f = next) {
        next = f->next;
        free(f->value);
        free(f);
    }
    dict_free(&h->fields);
    free(h);
}

static void items_free(struct item *i) {
    for (struct item *next; i; i = next) {
        next = i->next;
        free(i);
    }
}

static void set_free(struct sorted_set *z) {
    for (struct member *m = z->head[0].next, *next; m; m = next) {
        next = m->level[0].next;
        free(m);
    }
    dict_free(&z->members);
    free(z);
}

static void value_free(struct value v) {
    if (v.type == HASH)
        hash_free(v.hash);
    else if (v.type == LIST)
        items_free(v.list->first), free(v.list);
    else if (v.type == SORTED_SET)
        set_free(v.set);
    else
        free(v.text);
}

/* An empty value that is no string; false: no memory. */
static bool value_make(struct value *v, enum type type) {
    v->type = type;
    if (type == LIST) return (v->list = calloc(1, sizeof *v->list)) != NULL;
    struct dict *d = NULL;
    if (type == HASH && (v->hash = calloc(1, sizeof *v->hash))) d = &v->hash->fields;
    if (type == SORTED_SET && (v->set = calloc(1, sizeof *v->set))) d = &v->set->members;
    if (!d) return false;
    if (dict_ready(d)) return true;
    free(type == HASH ? (void *)v->hash : v->set);
    return false;
}

/* ---- keys and their deadlines ---- */

struct key {
    struct entry entry; /* the first */
    struct value value;
    int64_t expires; /* ms; meaningful with a place in the heap */
    size_t place;    /* in the heap, from 1; 0: lives for ever */
    char name[];
};

struct server {
    int epoll_fd, listen_fd, stop_fd;
    bool accept_failed;
    int64_t now;
    struct dict keys;
    struct key **heap; /* heap[0] expires first */
    size_t heap_size, heap_room;
    struct connection *all;
    struct word words[WORDS_MAX]; /* of the request at hand */
    char unquoted[CHUNK_BYTES];   /* words of a line */
    char chunk[CHUNK_BYTES];
};

static void heap_put(struct server *s, size_t place, struct key *k) {
    s->heap[place - 1] = k, k->place = place;
}

static void heap_order(struct server *s, struct key *k) {
    size_t at = k->place;
    for (; at > 1 && s->heap[at / 2 - 1]->expires > k->expires; at /= 2) heap_put(s, at, s->heap[at / 2 - 1]);
    for (size_t child; (child = at * 2) <= s->heap_size; at = child) {
        if (child < s->heap_size && s->heap[child]->expires < s->heap[child - 1]->expires) child++;
        if (s->heap[child - 1]->expires >= k->expires) break;
        heap_put(s, at, s->heap[child - 1]);
    }
    heap_put(s, at, k);
}

/* Room for one deadline more. */
static bool heap_ready(struct server *s) {
    if (s->heap_size < s->heap_room) return true;
    size_t room = s->heap_room ? s->heap_room * 2 : 16;
    struct key **heap = realloc(s->heap, room * sizeof *heap);
    if (!heap) return false;
    s->heap = heap, s->heap_room = room;
    return true;
}

static void lives_for_ever(struct server *s, struct key *k) {
    if (!k->place) return;
    struct key *last = s->heap[--s->heap_size];
    if (last != k) last->place = k->place, heap_order(s, last);
    k->place = 0;
}

/* The heap is ready. */
static void lives_until(struct server *s, struct key *k, int64_t ms) {
    k->expires = ms;
    if (!k->place) k->place = ++s->heap_size;
    heap_order(s, k);
}

static struct key *key_new(struct word name, struct value v) {
    struct key *k = malloc(sizeof *k + name.size);
    if (!k) return NULL;
    entry_name(&k->entry, k->name, name);
    k->value = v, k->expires = 0, k->place = 0;
    return k;
}

static void key_free(struct key *k) {
    value_free(k->value);
    free(k);
}

static void key_delete(struct server *s, struct key *k) {
    struct entry **at = dict_find(&s->keys, k->entry.name, k->entry.size);
    dict_drop(&s->keys, at);
    lives_for_ever(s, k);
    key_free(k);
}

/* NULL: there is none, or it has just expired. */
static struct key *key_find(struct server *s, struct word name) {
    struct entry **at = dict_find(&s->keys, name.at, name.size);
    struct key *k = at ? (struct key *)*at : NULL;
    if (!k || !k->place || k->expires > s->now) return k;
    key_delete(s, k);
    return NULL;
}

static void key_add(struct server *s, struct key *k) {
    dict_add(&s->keys, &k->entry);
}

/* Gives `k`'s value to its namesake, or adds it; answers the one that stays. */
static struct key *key_put(struct server *s, struct key *k) {
    struct key *old = key_find(s, (struct word){k->entry.name, k->entry.size});
    if (!old) return key_add(s, k), k;
    value_free(old->value);
    old->value = k->value;
    free(k);
    return old;
}

static void keys_empty(struct server *s) {
    for (int old = 0; old < 2; old++) {
        struct entry **table = old ? s->keys.old : s->keys.table;
        for (size_t i = 0; table && i < (old ? s->keys.old_size : s->keys.size); i++)
            for (struct entry *e; (e = table[i]); key_free((struct key *)e)) table[i] = e->next;
    }
    s->keys.used = s->heap_size = 0;
}

static void expire_some(struct server *s) {
    for (int n = 0; n < EXPIRED_AT_ONCE && s->heap_size > 0 && s->heap[0]->expires <= s->now; n++)
        key_delete(s, s->heap[0]);
}

/* ---- answers ---- */

struct connection {
    struct connection *next, **link;
    int fd;
    bool closing; /* once all is sent; no more requests */
    bool ended;   /* the client sends no more */
    uint32_t watched;
    char *in; /* bytes that are not a whole request, or whose turn has not come */
    size_t in_size, in_room;
    char *out;
    size_t out_at, out_size, out_room;
};

static size_t owed(const struct connection *c) {
    return c->out_size - c->out_at;
}

/* Makes room for an answer of stored bytes, and a small one. */
static bool room(struct connection *c, size_t size) {
    size += SMALL_ANSWER;
    if (c->out_room - c->out_size >= size) return true;
    if (c->out_at > 0) {
        memmove(c->out, c->out + c->out_at, owed(c));
        c->out_size -= c->out_at, c->out_at = 0;
        if (c->out_room - c->out_size >= size) return true;
    }
    size_t larger = (c->out_size + size) * 2;
    char *out = realloc(c->out, larger);
    if (!out) return false;
    c->out = out, c->out_room = larger;
    return true;
}

static void put(struct connection *c, const char *bytes, size_t size) {
    memcpy(c->out + c->out_size, bytes, size);
    c->out_size += size;
}

static void say(struct connection *c, const char *line) {
    put(c, line, strlen(line));
    put(c, "\r\n", 2);
}

static void say_number(struct connection *c, char kind, long long n) {
    char digits[24];
    char *at = digits + sizeof digits, *end = at;
    unsigned long long left = n < 0 ? 0ull - (unsigned long long)n : (unsigned long long)n;
    do *--at = (char)('0' + left % 10), left /= 10;
    while (left);
    if (n < 0) *--at = '-';
    *--at = kind;
    put(c, at, (size_t)(end - at));
    put(c, "\r\n", 2);
}

static void say_bulk(struct connection *c, const char *bytes, size_t size) {
    say_number(c, '$', (long long)size);
    put(c, bytes, size);
    put(c, "\r\n", 2);
}

#define BULK_BYTES 32 /* of a bulk string beside its own */

static void say_nil(struct connection *c) {
    say(c, "$-1");
}

static void say_ok(struct connection *c) {
    say(c, "+OK");
}

static void no_memory(struct connection *c) {
    say(c, "-OOM command not allowed when used memory > 'maxmemory'.");
}

static void not_an_integer(struct connection *c) {
    say(c, "-ERR value is not an integer or out of range");
}

static void syntax_error(struct connection *c) {
    say(c, "-ERR syntax error");
}

static void wrong_number(struct connection *c, const char *command) {
    char line[100];
    snprintf(line, sizeof line, "-ERR wrong number of arguments for '%s' command", command);
    say(c, line);
}

static void bad_expiry(struct connection *c, const char *command) {
    char line[100];
    snprintf(line, sizeof line, "-ERR invalid expire time in '%s' command", command);
    say(c, line);
}

static bool right_type(struct connection *c, const struct key *k, enum type type) {
    if (!k || k->value.type == type) return true;
    say(c, "-WRONGTYPE Operation against a key holding the wrong kind of value");
    return false;
}

/* ---- numbers ---- */

static bool is(struct word w, const char *name) {
    return w.size == strlen(name) && strncasecmp(w.at, name, w.size) == 0;
}

/* Exactly as "%lld" writes one: no spaces, no plus, no zeros in front. */
static bool integer(const char *at, size_t size, long long *n) {
    bool minus = size > 0 && *at == '-';
    size_t digits = size - minus;
    unsigned long long all = 0, most = minus ? 1ull << 63 : LLONG_MAX;
    if (minus) at++;
    if (digits == 0 || digits > 19 || (*at == '0' && size > 1)) return false;
    for (size_t i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '9') return false;
        all = all * 10 + (unsigned long long)(at[i] - '0');
    }
    if (all > most) return false;
    *n = minus ? (long long)(0 - all) : (long long)all;
    return true;
}

static bool integer_word(struct connection *c, struct word w, long long *n) {
    if (integer(w.at, w.size, n)) return true;
    not_an_integer(c);
    return false;
}

static bool score_word(struct connection *c, struct word w, double *score) {
    char text[256], *end;
    if (w.size > 0 && w.size < sizeof text && !isspace((unsigned char)*w.at)) {
        memcpy(text, w.at, w.size);
        text[w.size] = '\0', errno = 0;
        *score = strtod(text, &end);
        bool out_of_range = errno == ERANGE && (isinf(*score) || *score == 0);
        if (end == text + w.size && !out_of_range && !isnan(*score)) return true;
    }
    say(c, "-ERR value is not a valid float");
    return false;
}

/* The first of `size` things and how many, from indices that may count from the end. */
static size_t range(long long from, long long to, size_t size, size_t *first) {
    long long n = (long long)size;
    if (from < 0) from += n;
    if (to < 0) to += n;
    if (from < 0) from = 0;
    if (to >= n) to = n - 1;
    if (from > to || from >= n) return 0;
    *first = (size_t)from;
    return (size_t)(to - from + 1);
}

/* ---- commands: connection ---- */

struct call {
    struct server *s;
    struct connection *c;
    const char *name; /* in small letters */
    const struct word *w;
    int count;
};

static void do_ping(struct call *a) {
    if (a->count > 2)
        wrong_number(a->c, a->name);
    else if (a->count == 1)
        say(a->c, "+PONG");
    else if (room(a->c, a->w[1].size))
        say_bulk(a->c, a->w[1].at, a->w[1].size);
    else
        no_memory(a->c);
}

static void do_echo(struct call *a) {
    do_ping(a);
}

static void do_ok(struct call *a) {
    say_ok(a->c);
}

static void do_quit(struct call *a) {
    say_ok(a->c);
    a->c->closing = true;
}

static void do_empty(struct call *a) {
    say(a->c, "*0");
}

static void do_select(struct call *a) {
    long long n;
    if (!integer_word(a->c, a->w[1], &n)) return;
    n == 0 ? say_ok(a->c) : say(a->c, "-ERR DB index is out of range");
}

static void do_info(struct call *a) {
    char text[128];
    int size = snprintf(text, sizeof text, "# Server\r\nredis_version:7.0.0\r\n# Keyspace\r\ndb0:keys=%zu\r\n",
                        a->s->keys.used);
    say_bulk(a->c, text, (size_t)size);
}

/* ---- commands: keys ---- */

static void do_del(struct call *a) {
    long long deleted = 0;
    for (int i = 1; i < a->count; i++) {
        struct key *k = key_find(a->s, a->w[i]);
        if (k) key_delete(a->s, k), deleted++;
    }
    say_number(a->c, ':', deleted);
}

static void do_exists(struct call *a) {
    long long there = 0;
    for (int i = 1; i < a->count; i++) there += key_find(a->s, a->w[i]) != NULL;
    say_number(a->c, ':', there);
}

static void do_type(struct call *a) {
    static const char *const names[] = {"+string", "+hash", "+list", "+zset"};
    struct key *k = key_find(a->s, a->w[1]);
    say(a->c, k ? names[k->value.type] : "+none");
}

static void do_dbsize(struct call *a) {
    say_number(a->c, ':', (long long)a->s->keys.used);
}

static void do_flushall(struct call *a) {
    if (a->count > 2 || (a->count == 2 && !is(a->w[1], "sync") && !is(a->w[1], "async"))) {
        syntax_error(a->c);
        return;
    }
    keys_empty(a->s);
    say_ok(a->c);
}

/* Does `c` match the class behind "["? Moves `*p` to its "]", or to the last byte. */
static bool class_has(const char **p, const char *end, char c) {
    const char *at = *p + 1;
    bool not = at < end && *at == '^', has = false;
    if (not) at++;
    for (; at < end && *at != ']'; at++) {
        if (*at == '\\' && end - at >= 2) {
            has |= *++at == c;
        } else if (end - at >= 3 && at[1] == '-') {
            unsigned char from = (unsigned char)at[0], to = (unsigned char)at[2], b = (unsigned char)c;
            has |= from <= to ? from <= b && b <= to : to <= b && b <= from;
            at += 2;
        } else {
            has |= *at == c;
        }
    }
    *p = at < end ? at : end - 1;
    return has != not;
}

/* Redis' globs. After a mismatch the last star takes one byte more; no earlier one has to. */
static bool glob(struct word pattern, const char *at, size_t size) {
    const char *p = pattern.at, *p_end = p + pattern.size, *end = at + size, *star = NULL, *from = NULL;
    for (;;) {
        if (p < p_end && *p == '*') {
            star = ++p, from = at;
            continue;
        }
        if (at == end && p == p_end) return true;
        if (at < end && p < p_end) {
            const char *q = p;
            bool same = *q == '?' || (*q == '['                      ? class_has(&q, p_end, *at)
                                      : *q == '\\' && p_end - q >= 2 ? *++q == *at
                                                                     : *q == *at);
            if (same) {
                p = q + 1, at++;
                continue;
            }
        }
        if (!star || from == end) return false;
        p = star, at = ++from;
    }
}

/* Calls back for each key that is there and matches. */
static void each_key(struct call *a, void (*found)(struct call *, const struct key *, size_t *), size_t *sum) {
    for (int old = 0; old < 2; old++) {
        struct entry **table = old ? a->s->keys.old : a->s->keys.table;
        for (size_t i = 0; table && i < (old ? a->s->keys.old_size : a->s->keys.size); i++)
            for (struct entry *e = table[i]; e; e = e->next) {
                const struct key *k = (const struct key *)e;
                bool there = !k->place || k->expires > a->s->now;
                if (there && glob(a->w[1], e->name, e->size)) found(a, k, sum);
            }
    }
}

static void count_key(struct call *a, const struct key *k, size_t *sum) {
    (void)a;
    sum[0]++, sum[1] += k->entry.size + BULK_BYTES;
}

static void say_key(struct call *a, const struct key *k, size_t *sum) {
    (void)sum;
    say_bulk(a->c, k->entry.name, k->entry.size);
}

static void do_keys(struct call *a) {
    size_t sum[2] = {0, 0};
    each_key(a, count_key, sum);
    if (!room(a->c, sum[1])) {
        no_memory(a->c);
        return;
    }
    say_number(a->c, '*', (long long)sum[0]);
    each_key(a, say_key, NULL);
}

/* `n` units of `unit` ms after `base`. */
static bool deadline(long long n, long long unit, int64_t base, int64_t *ms) {
    long long all;
    return !__builtin_mul_overflow(n, unit, &all) && !__builtin_add_overflow(all, base, ms);
}

static void expire(struct call *a, long long unit, int64_t base) {
    long long n;
    int64_t ms;
    if (!integer_word(a->c, a->w[2], &n)) return;
    if (!deadline(n, unit, base, &ms)) {
        bad_expiry(a->c, a->name);
        return;
    }
    struct key *k = key_find(a->s, a->w[1]);
    if (k && ms > a->s->now && !k->place && !heap_ready(a->s)) {
        no_memory(a->c);
        return;
    }
    if (k) ms <= a->s->now ? key_delete(a->s, k) : lives_until(a->s, k, ms);
    say_number(a->c, ':', k != NULL);
}

static void do_expire(struct call *a) {
    expire(a, 1000, a->s->now);
}

static void do_pexpire(struct call *a) {
    expire(a, 1, a->s->now);
}

static void do_expireat(struct call *a) {
    expire(a, 1000, 0);
}

static void do_pttl(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    say_number(a->c, ':', !k ? -2 : !k->place ? -1 : k->expires - a->s->now);
}

static void do_ttl(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    say_number(a->c, ':',
               !k          ? -2
               : !k->place ? -1
                           : (k->expires - a->s->now) / 1000 + ((k->expires - a->s->now) % 1000 >= 500));
}

static void do_persist(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    bool had = k && k->place;
    if (had) lives_for_ever(a->s, k);
    say_number(a->c, ':', had);
}

/* ---- commands: strings ---- */

static const char *bytes_of(const struct key *k, size_t *size) {
    *size = k ? k->value.text->size : 0;
    return k ? k->value.text->at : NULL;
}

/* The string's bytes as an answer; false: another one was given. */
static bool say_string(struct call *a, const struct key *k) {
    size_t size;
    const char *at = bytes_of(k, &size);
    if (!right_type(a->c, k, STRING)) return false;
    if (!room(a->c, size)) return no_memory(a->c), false;
    k ? say_bulk(a->c, at, size) : say_nil(a->c);
    return true;
}

/* A key with a string, in no table yet. */
static struct key *string_key(struct word name, const char *at, size_t size) {
    struct text *text = text_new(at, size);
    struct key *k = text ? key_new(name, (struct value){STRING, {text}}) : NULL;
    if (!k) free(text);
    return k;
}

static void do_get(struct call *a) {
    (void)say_string(a, key_find(a->s, a->w[1])); /* either way there is an answer */
}

struct set_options {
    bool nx, xx, get, keep;
    char unit; /* of the time to live: 's', 'm'; 0: none */
    struct word ttl;
};

static bool set_options(struct call *a, struct set_options *o) {
    for (int i = 3; i < a->count; i++) {
        struct word w = a->w[i];
        bool ex = is(w, "ex"), px = is(w, "px");
        if (is(w, "nx") && !o->xx)
            o->nx = true;
        else if (is(w, "xx") && !o->nx)
            o->xx = true;
        else if (is(w, "get"))
            o->get = true;
        else if (is(w, "keepttl") && !o->unit)
            o->keep = true;
        else if ((ex || px) && !o->keep && o->unit != (ex ? 'm' : 's') && i + 1 < a->count)
            o->unit = ex ? 's' : 'm', o->ttl = a->w[++i];
        else
            return syntax_error(a->c), false;
    }
    return true;
}

static void do_set(struct call *a) {
    struct set_options o = {0};
    long long n = 0;
    int64_t ms = 0;
    if (!set_options(a, &o)) return;
    if (o.unit && !integer_word(a->c, o.ttl, &n)) return;
    if (o.unit && (n <= 0 || !deadline(n, o.unit == 's' ? 1000 : 1, a->s->now, &ms))) {
        bad_expiry(a->c, a->name);
        return;
    }
    struct key *old = key_find(a->s, a->w[1]);
    bool refused = (o.nx && old) || (o.xx && !old);
    struct key *k = refused ? NULL : string_key(a->w[1], a->w[2].at, a->w[2].size);
    if (!refused && (!k || (o.unit && !heap_ready(a->s)))) {
        if (k) key_free(k);
        no_memory(a->c);
        return;
    }
    if (o.get && !say_string(a, old)) {
        if (k) key_free(k);
        return;
    }
    if (!o.get) refused ? say_nil(a->c) : say_ok(a->c);
    if (refused) return;
    k = key_put(a->s, k);
    if (!o.keep) lives_for_ever(a->s, k);
    if (o.unit) lives_until(a->s, k, ms);
}

static void do_getset(struct call *a) {
    struct key *k = string_key(a->w[1], a->w[2].at, a->w[2].size);
    if (!k) {
        no_memory(a->c);
    } else if (!say_string(a, key_find(a->s, a->w[1]))) {
        key_free(k);
    } else {
        lives_for_ever(a->s, key_put(a->s, k));
    }
}

static void do_getdel(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    if (say_string(a, k) && k) key_delete(a->s, k);
}

static void do_strlen(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    if (right_type(a->c, k, STRING)) say_number(a->c, ':', k ? (long long)k->value.text->size : 0);
}

/* Writes at `from`, with zeros up to there. */
static void write_at(struct call *a, struct key *k, size_t from, struct word w) {
    size_t before = k ? k->value.text->size : 0, size = from + w.size > before ? from + w.size : before;
    if ((long long)size > STRING_MAX) {
        say(a->c, "-ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        return;
    }
    struct key *new_key = k ? NULL : string_key(a->w[1], NULL, 0);
    if (!k && new_key) k = new_key;
    struct text *text = k ? text_room(k->value.text, size) : NULL;
    if (!text) {
        if (new_key) key_free(new_key);
        no_memory(a->c);
        return;
    }
    k->value.text = text;
    if (from > before) memset(text->at + before, 0, from - before);
    memcpy(text->at + from, w.at, w.size);
    text->size = size;
    if (new_key) key_add(a->s, new_key);
    say_number(a->c, ':', (long long)size);
}

static void do_append(struct call *a) {
    struct key *k = key_find(a->s, a->w[1]);
    if (right_type(a->c, k, STRING)) write_at(a, k, k ? k->value.text->size : 0, a->w[2]);
}

static void do_setrange(struct call *a) {
    long long from;
    if (!integer_word(a->c, a->w[2], &from)) return;
    if (from < 0) {
        say(a->c, "-ERR offset is out of range");
        return;
    }
    struct key *k = key_find(a->s, a->w[1]);
    if (!right_type(a->c, k, STRING)) return;
    if (a->w[3].size == 0)
        say_number(a->c, ':', k ? (long long)k->value.text->size : 0);
    else
        write_at(a, k, from > STRING_MAX ? (size_t)STRING_MAX : (size_t)from, a->w[3]);
}

static void do_getrange(struct call *a) {
    long long from, to;
    if (!integer_word(a->c, a->w[2], &from) || !integer_word(a->c, a->w[3], &to)) return;
    struct key *k = key_find(a->s, a->w[1]);
    if (!right_type(a->c, k, STRING)) return;
    size_t size, first = 0, count = 0;
    const char *at = bytes_of(k, &size);
    /* Unlike a list's, an end before the beginning is the first byte. */
    if (!(from < 0 && to < 0 && from > to))
        count = range(from, to + (long long)size < 0 && to < 0 ? 0 : to, size, &first);
    if (!room(a->c, count))
        no_memory(a->c);
    else
        say_bulk(a->c, count ? at + first : "", count);
}

static void do_mset(struct call *a) {
    bool only_new = a->name[4] != '\0';
    int made = 0;
    if (a->count % 2 == 0) {
        wrong_number(a->c, a->name);
        return;
    }
    for (int i = 1; only_new && i < a->count; i += 2)
        if (key_find(a->s, a->w[i])) {
            say_number(a->c, ':', 0);
            return;
        }
    struct key *keys[WORDS_MAX / 2];
    for (; made < a->count / 2; made++) {
        struct word w = a->w[2 * made + 2];
        if (!(keys[made] = string_key(a->w[2 * made + 1], w.at, w.size))) {
            while (made > 0) key_free(keys[--made]);
            no_memory(a->c);
            return;
        }
    }
    for (int i = 0; i < made; i++) lives_for_ever(a->s, key_put(a->s, keys[i]));
    only_new ? say_number(a->c, ':', 1) : say_ok(a->c);
}

static void do_mget(struct call *a) {
    size_t all = 0, size;
    for (int i = 1; i < a->count; i++) {
        struct key *k = key_find(a->s, a->w[i]);
        bytes_of(k && k->value.type == STRING ? k : NULL, &size);
        all += size + BULK_BYTES;
    }
    if (!room(a->c, all)) {
        no_memory(a->c);
        return;
    }
    say_number(a->c, '*', a->count - 1);
    for (int i = 1; i < a->count; i++) {
        struct key *k = key_find(a->s, a->w[i]);
        const char *at = k && k->value.type == STRING ? bytes_of(k, &size) : NULL;
        at ? say_bulk(a->c, at, size) : say_nil(a->c);
    }
}

/* The sum as text in place of `*text`; false: an answer was given. */
static bool add_number(struct call *a, struct text **text, long long by, const char *not_a_number) {
    long long n = 0;
    char digits[24];
    if (*text && !integer((*text)->at, (*text)->size, &n)) return say(a->c, not_a_number), false;
    if (__builtin_add_overflow(n, by, &n)) return say(a->c, "-ERR increment or decrement would overflow"), false;
    size_t size = (size_t)snprintf(digits, sizeof digits, "%lld", n);
    if (!*text && !(*text = text_new(NULL, 0))) return no_memory(a->c), false;
    memcpy((*text)->at, digits, size); /* any text has room for a number */
    (*text)->size = size;
    say_number(a->c, ':', n);
    return true;
}

static void add_to(struct call *a, long long by) {
    static const char refusal[] = "-ERR value is not an integer or out of range";
    struct key *k = key_find(a->s, a->w[1]);
    if (!right_type(a->c, k, STRING)) return;
    struct key *new_key = k ? NULL : string_key(a->w[1], "0", 1);
    if (!k && !new_key)
        no_memory(a->c);
    else if (add_number(a, k ? &k->value.text : &new_key->value.text, by, refusal) && new_key)
        key_add(a->s, new_key);
    else if (new_key)
        key_free(new_key);
}

static void do_incr(struct call *a) {
    add_to(a, 1);
}

static void do_decr(struct call *a) {
    add_to(a, -1);
}

static void do_incrby(struct call *a) {
    long long n;
    if (integer_word(a->c, a->w[2], &n)) add_to(a, n);
}

static void do_decrby(struct call *a) {
    long long n;
    if (!integer_word(a->c, a->w[2], &n)) return;
    n == LLONG_MIN ? say(a->c, "-ERR decrement would overflow") : add_to(a, -n);
}

/* ---- commands: values of several parts ---- */

/* The key, or a new one that is in no table yet; NULL: an answer was given. */
static struct key *key_to_fill(struct call *a, enum type type, bool *is_new) {
    struct key *k = key_find(a->s, a->w[1]);
    if (!right_type(a->c, k, type)) return NULL;
    *is_new = !k;
    struct value v;
    if (!k && value_make(&v, type) && !(k = key_new(a->w[1], v))) value_free(v);
    if (!k) no_memory(a->c);
    return k;
}

static struct key *key_of(struct call *a, enum type type, bool *wrong) {
    struct key *k = key_find(a->s, a->w[1]);
    *wrong = !right_type(a->c, k, type);
    return *wrong ? NULL : k;
}

/* ---- commands: hashes ---- */

static struct field *field_new(struct word name, const char *at, size_t size) {
    struct field *f = malloc(sizeof *f + name.size);
    if (!f || !(f->value = text_new(at, size))) return free(f), NULL;
    entry_name(&f->entry, f->name, name);
    return f;
}

static void field_free(struct field *f) {
    free(f->value);
    free(f);
}

static struct field *field_find(struct hash *h, struct word name) {
    struct entry **at = dict_find(&h->fields, name.at, name.size);
    return at ? (struct field *)*at : NULL;
}

static void field_add(struct hash *h, struct field *f) {
    f->previous = h->last, f->next = NULL;
    *(h->last ? &h->last->next : &h->first) = f;
    h->last = f;
    dict_add(&h->fields, &f->entry);
}

/* True if it is a new one. */
static bool field_put(struct hash *h, struct field *f) {
    struct field *old = field_find(h, (struct word){f->entry.name, f->entry.size});
    if (!old) return field_add(h, f), true;
    free(old->value);
    old->value = f->value;
    free(f);
    return false;
}

static void do_hset(struct call *a) {
    struct field *fields[WORDS_MAX / 2];
    int made = 0;
    long long added = 0;
    bool is_new;
    if (a->count % 2 != 0) {
        wrong_number(a->c, a->name);
        return;
    }
    struct key *k = key_to_fill(a, HASH, &is_new);
    if (!k) return;
    for (; made < a->count / 2 - 1; made++) {
        struct word w = a->w[2 * made + 3];
        if ((fields[made] = field_new(a->w[2 * made + 2], w.at, w.size))) continue;
        while (made > 0) field_free(fields[--made]);
        if (is_new) key_free(k);
        no_memory(a->c);
        return;
    }
    for (int i = 0; i < made; i++) added += field_put(k->value.hash, fields[i]);
    if (is_new) key_add(a->s, k);
    say_number(a->c, ':', added);
}

static void do_hget(struct call *a) {
    bool wrong;
    struct key *k = key_of(a, HASH, &wrong);
    struct field *f = k ? field_find(k->value.hash, a->w[2]) : NULL;
    if (wrong) return;
    if (!f)
        say_nil(a->c);
    else if (room(a->c, f->value->size))
        say_bulk(a->c, f->value->at, f->value->size);
    else
        no_memory(a->c);
}

static void field_delete(struct hash *h, struct field *f) {
    *(f->previous ? &f->previous->next : &h->first) = f->next;
    *(f->next ? &f->next->previous : &h->last) = f->previous;
    dict_drop(&h->fields, dict_find(&h->fields, f->entry.name, f->entry.size));
    field_free(f);
}

static void do_hdel(struct call *a) {
    bool wrong;
    long long deleted = 0;
    struct key *k = key_of(a, HASH, &wrong);
    if (wrong) return;
    for (int i = 2; k && i < a->count; i++) {
        struct field *f = field_find(k->value.hash, a->w[i]);
        if (f) field_delete(k->value.hash, f), deleted++;
    }
    if (k && k->value.hash->fields.used == 0) key_delete(a->s, k);
    say_number(a->c, ':', deleted);
}

static void do_hlen(struct call *a) {
    bool wrong;
    struct key *k = key_of(a, HASH, &wrong);
    if (!wrong) say_number(a->c, ':', k ? (long long)k->value.hash->fields.used : 0);
}

static void do_hgetall(struct call *a) {
    bool wrong;
    size_t all = 0;
    struct key *k = key_of(a, HASH, &wrong);
    if (wrong) return;
    struct field *first = k ? k->value.hash->first : NULL;
    for (struct field *f = first; f; f = f->next) all += f->entry.size + f->value->size + 2 * BULK_BYTES;
    if (!room(a->c, all)) {
        no_memory(a->c);
        return;
    }
    say_number(a->c, '*', k ? 2 * (long long)k->value.hash->fields.used : 0);
    for (struct field *f = first; f; f = f->next) {
        say_bulk(a->c, f->entry.name, f->entry.size);
        say_bulk(a->c, f->value->at, f->value->size);
    }
}

static void do_hincrby(struct call *a) {
    bool is_new;
    long long by;
    if (!integer_word(a->c, a->w[3], &by)) return;
    struct key *k = key_to_fill(a, HASH, &is_new);
    if (!k) return;
    struct field *f = field_find(k->value.hash, a->w[2]), *new_field = NULL;
    if (!f && !(new_field = field_new(a->w[2], "0", 1))) {
        no_memory(a->c);
    } else if (add_number(a, f ? &f->value : &new_field->value, by, "-ERR hash value is not an integer")) {
        if (new_field) field_add(k->value.hash, new_field);
        if (is_new) key_add(a->s, k);
        return;
    }
    if (new_field) field_free(new_field);
    if (is_new) key_free(k);
}

/* ---- commands: lists ---- */

static void push(struct call *a, bool left) {
    bool is_new;
    struct key *k = key_to_fill(a, LIST, &is_new);
    if (!k) return;
    struct list chain = {0}, *l = k->value.list;
    for (int i = 2; i < a->count; i++) {
        struct item *item = malloc(sizeof *item + a->w[i].size);
        if (!item) {
            items_free(chain.first);
            if (is_new) key_free(k);
            no_memory(a->c);
            return;
        }
        item->size = a->w[i].size;
        memcpy(item->at, a->w[i].at, item->size);
        item->next = left ? chain.first : NULL, item->previous = left ? NULL : chain.last;
        if (chain.first) *(left ? &chain.first->previous : &chain.last->next) = item;
        if (left || !chain.first) chain.first = item;
        if (!left || !chain.last) chain.last = item;
    }
    struct item *before = left ? NULL : l->last, *after = left ? l->first : NULL;
    chain.first->previous = before, chain.last->next = after;
    *(before ? &before->next : &l->first) = chain.first;
    *(after ? &after->previous : &l->last) = chain.last;
    l->size += (size_t)a->count - 2;
    if (is_new) key_add(a->s, k);
    say_number(a->c, ':', (long long)l->size);
}

static void do_lpush(struct call *a) {
    push(a, true);
}

static void do_rpush(struct call *a) {
    push(a, false);
}

static void pop_one(struct connection *c, struct list *l, bool left) {
    struct item *item = left ? l->first : l->last;
    *(item->previous ? &item->previous->next : &l->first) = item->next;
    *(item->next ? &item->next->previous : &l->last) = item->previous;
    l->size--;
    say_bulk(c, item->at, item->size);
    free(item);
}

static void pop(struct call *a, bool left) {
    long long count = 1;
    bool counted = a->count == 3, wrong;
    if (a->count > 3) {
        wrong_number(a->c, a->name);
        return;
    }
    if (counted && (!integer(a->w[2].at, a->w[2].size, &count) || count < 0)) {
        say(a->c, "-ERR value is out of range, must be positive");
        return;
    }
    struct key *k = key_of(a, LIST, &wrong);
    if (!k) {
        if (!wrong) say(a->c, counted ? "*-1" : "$-1");
        return;
    }
    struct list *l = k->value.list;
    if (count > (long long)l->size) count = (long long)l->size;
    size_t all = 0;
    struct item *item = left ? l->first : l->last;
    for (long long i = 0; i < count; i++, item = left ? item->next : item->previous) all += item->size + BULK_BYTES;
    if (!room(a->c, all)) {
        no_memory(a->c);
        return;
    }
    if (counted) say_number(a->c, '*', count);
    while (count-- > 0) pop_one(a->c, l, left);
    if (l->size == 0) key_delete(a->s, k);
}

static void do_lpop(struct call *a) {
    pop(a, true);
}

static void do_rpop(struct call *a) {
    pop(a, false);
}

static void do_llen(struct call *a) {
    bool wrong;
    struct key *k = key_of(a, LIST, &wrong);
    if (!wrong) say_number(a->c, ':', k ? (long long)k->value.list->size : 0);
}

static struct item *item_at(const struct list *l, size_t at) {
    bool near = at < l->size / 2;
    struct item *item = near ? l->first : l->last;
    for (size_t i = near ? at : l->size - 1 - at; i > 0; i--) item = near ? item->next : item->previous;
    return item;
}

static void do_lrange(struct call *a) {
    long long from, to;
    bool wrong;
    if (!integer_word(a->c, a->w[2], &from) || !integer_word(a->c, a->w[3], &to)) return;
    struct key *k = key_of(a, LIST, &wrong);
    if (wrong) return;
    size_t first = 0, all = 0, count = k ? range(from, to, k->value.list->size, &first) : 0;
    struct item *begin = count ? item_at(k->value.list, first) : NULL, *item = begin;
    for (size_t i = 0; i < count; i++, item = item->next) all += item->size + BULK_BYTES;
    if (!room(a->c, all)) {
        no_memory(a->c);
        return;
    }
    say_number(a->c, '*', (long long)count);
    item = begin;
    for (size_t i = 0; i < count; i++, item = item->next) say_bulk(a->c, item->at, item->size);
}

/* ---- commands: sorted sets ---- */

static struct member *member_find(struct sorted_set *z, struct word name) {
    struct entry **at = dict_find(&z->members, name.at, name.size);
    return at ? (struct member *)*at : NULL;
}

/* True if it is a new one. */
static bool member_put(struct sorted_set *z, struct member *m) {
    struct member *old = member_find(z, (struct word){m->entry.name, m->entry.size});
    if (!old) return dict_add(&z->members, &m->entry), member_link(z, m), true;
    member_unlink(z, old);
    old->score = m->score;
    member_link(z, old);
    free(m);
    return false;
}

static void do_zadd(struct call *a) {
    double scores[WORDS_MAX / 2];
    struct member *members[WORDS_MAX / 2];
    int pairs = (a->count - 2) / 2, made = 0;
    long long added = 0;
    bool is_new;
    if (a->count % 2 != 0) {
        syntax_error(a->c);
        return;
    }
    for (int i = 0; i < pairs; i++)
        if (!score_word(a->c, a->w[2 * i + 2], &scores[i])) return;
    struct key *k = key_to_fill(a, SORTED_SET, &is_new);
    if (!k) return;
    for (; made < pairs; made++) {
        if ((members[made] = member_new(k->value.set, scores[made], a->w[2 * made + 3]))) continue;
        while (made > 0) free(members[--made]);
        if (is_new) key_free(k);
        no_memory(a->c);
        return;
    }
    for (int i = 0; i < made; i++) added += member_put(k->value.set, members[i]);
    if (is_new) key_add(a->s, k);
    say_number(a->c, ':', added);
}

static void say_score(struct connection *c, double score) {
    char text[40];
    int size = isinf(score) ? snprintf(text, sizeof text, score > 0 ? "inf" : "-inf")
                            : snprintf(text, sizeof text, "%.17g", score);
    say_bulk(c, text, (size_t)size);
}

static void do_zscore(struct call *a) {
    bool wrong;
    struct key *k = key_of(a, SORTED_SET, &wrong);
    struct member *m = k ? member_find(k->value.set, a->w[2]) : NULL;
    if (!wrong) m ? say_score(a->c, m->score) : say_nil(a->c);
}

static void do_zrank(struct call *a) {
    bool wrong;
    struct level *path[LEVELS];
    size_t before[LEVELS];
    struct key *k = key_of(a, SORTED_SET, &wrong);
    struct member *m = k ? member_find(k->value.set, a->w[2]) : NULL;
    if (!wrong) m ? say_number(a->c, ':', (long long)path_to(k->value.set, m, path, before)) : say_nil(a->c);
}

static void do_zcard(struct call *a) {
    bool wrong;
    struct key *k = key_of(a, SORTED_SET, &wrong);
    if (!wrong) say_number(a->c, ':', k ? (long long)k->value.set->members.used : 0);
}

static void do_zrem(struct call *a) {
    bool wrong;
    long long removed = 0;
    struct key *k = key_of(a, SORTED_SET, &wrong);
    if (wrong) return;
    struct sorted_set *z = k ? k->value.set : NULL;
    for (int i = 2; z && i < a->count; i++) {
        struct entry **at = dict_find(&z->members, a->w[i].at, a->w[i].size);
        if (!at) continue;
        struct member *m = (struct member *)*at;
        dict_drop(&z->members, at);
        member_unlink(z, m);
        free(m);
        removed++;
    }
    if (z && z->members.used == 0) key_delete(a->s, k);
    say_number(a->c, ':', removed);
}

static void do_zrange(struct call *a) {
    long long from, to;
    bool wrong, scores = a->count == 5 && is(a->w[4], "withscores");
    if (a->count > 4 && !scores) {
        syntax_error(a->c);
        return;
    }
    if (!integer_word(a->c, a->w[2], &from) || !integer_word(a->c, a->w[3], &to)) return;
    struct key *k = key_of(a, SORTED_SET, &wrong);
    if (wrong) return;
    size_t first = 0, all = 0, count = k ? range(from, to, k->value.set->members.used, &first) : 0;
    struct member *begin = count ? member_at(k->value.set, first) : NULL, *m = begin;
    for (size_t i = 0; i < count; i++, m = m->level[0].next) all += m->entry.size + 3 * BULK_BYTES;
    if (!room(a->c, all)) {
        no_memory(a->c);
        return;
    }
    say_number(a->c, '*', (long long)(scores ? 2 * count : count));
    m = begin;
    for (size_t i = 0; i < count; i++, m = m->level[0].next) {
        say_bulk(a->c, m->entry.name, m->entry.size);
        if (scores) say_score(a->c, m->score);
    }
}

/* ---- the table of commands, in the order of their names ---- */

struct command {
    const char *name;
    void (*run)(struct call *);
    int words; /* the name too; less than 0: at least so many */
};

static const struct command commands[] = {
    {"append", do_append, 3},      {"client", do_ok, -2},      {"command", do_empty, -1}, {"config", do_empty, -2},
    {"dbsize", do_dbsize, 1},      {"decr", do_decr, 2},       {"decrby", do_decrby, 3},  {"del", do_del, -2},
    {"echo", do_echo, 2},          {"exists", do_exists, -2},  {"expire", do_expire, -3}, {"expireat", do_expireat, -3},
    {"flushall", do_flushall, -1}, {"function", do_ok, -2},    {"get", do_get, 2},        {"getdel", do_getdel, 2},
    {"getrange", do_getrange, 4},  {"getset", do_getset, 3},   {"hdel", do_hdel, -3},     {"hget", do_hget, 3},
    {"hgetall", do_hgetall, 2},    {"hincrby", do_hincrby, 4}, {"hlen", do_hlen, 2},      {"hset", do_hset, -4},
    {"incr", do_incr, 2},          {"incrby", do_incrby, 3},   {"info", do_info, -1},     {"keys", do_keys, 2},
    {"llen", do_llen, 2},          {"lpop", do_lpop, -2},      {"lpush", do_lpush, -3},   {"lrange", do_lrange, 4},
    {"mget", do_mget, -2},         {"mset", do_mset, -3},      {"msetnx", do_mset, -3},   {"persist", do_persist, 2},
    {"pexpire", do_pexpire, -3},   {"ping", do_ping, -1},      {"pttl", do_pttl, 2},      {"quit", do_quit, -1},
    {"rpop", do_rpop, -2},         {"rpush", do_rpush, -3},    {"select", do_select, 2},  {"set", do_set, -3},
    {"setrange", do_setrange, 4},  {"strlen", do_strlen, 2},   {"ttl", do_ttl, 2},        {"type", do_type, 2},
    {"zadd", do_zadd, -4},         {"zcard", do_zcard, 2},     {"zrange", do_zrange, -4}, {"zrank", do_zrank, 3},
    {"zrem", do_zrem, -3},         {"zscore", do_zscore, 3},
};

static const struct command *command_named(struct word w) {
    size_t low = 0, high = sizeof commands / sizeof *commands;
    while (low < high) {
        size_t middle = (low + high) / 2, size = strlen(commands[middle].name);
        int order = strncasecmp(w.at, commands[middle].name, w.size < size ? w.size : size);
        if (order == 0) order = w.size < size ? -1 : w.size > size;
        if (order == 0) return &commands[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static int up_to(size_t size, size_t most) {
    return (int)(size < most ? size : most);
}

static void unknown_command(struct connection *c, const struct word *w, int count) {
    char line[SMALL_ANSWER - 8], args[129 + 4] = "";
    size_t size = 0;
    for (int i = 1; i < count && size < 128; i++) {
        int n = snprintf(args + size, sizeof args - size, "'%.*s' ", up_to(w[i].size, 128 - size), w[i].at);
        size += (size_t)n;
    }
    snprintf(line, sizeof line, "-ERR unknown command '%.*s', with args beginning with: %s", up_to(w[0].size, 128),
             w[0].at, args);
    for (char *at = line; *at; at++)
        if (*at == '\r' || *at == '\n') *at = ' ';
    say(c, line);
}

/* There is room for a small answer. */
static void run(struct server *s, struct connection *c, int count) {
    const struct command *command = command_named(s->words[0]);
    if (!command)
        unknown_command(c, s->words, count);
    else if (command->words > 0 ? count != command->words : count < -command->words)
        wrong_number(c, command->name);
    else
        command->run(&(struct call){s, c, command->name, s->words, count});
}

/* ---- requests ---- */

enum parsed { WHOLE, PARTIAL, BROKEN };

static enum parsed broken(struct connection *c, const char *what) {
    char line[100];
    snprintf(line, sizeof line, "-ERR Protocol error: %s", what);
    say(c, line);
    c->closing = true;
    return BROKEN;
}

/* The number of a line "*12\r\n"; `*at` moves behind it. */
static enum parsed header_line(struct connection *c, const char **at, const char *end, const char *too_long, bool *ok,
                               long long *n) {
    const char *stop = memchr(*at, '\r', (size_t)(end - *at));
    if (!stop) return end - *at > BULK_MAX ? broken(c, too_long) : PARTIAL;
    if (end - stop < 2) return PARTIAL;
    *ok = integer(*at + 1, (size_t)(stop - *at - 1), n);
    *at = stop + 2;
    return WHOLE;
}

static enum parsed parse_array(struct server *s, struct connection *c, const char **from, const char *end, int *count) {
    const char *at = *from;
    bool ok;
    long long n, size;
    enum parsed p = header_line(c, &at, end, "too big mbulk count string", &ok, &n);
    if (p != WHOLE) return p;
    if (!ok || n > WORDS_MAX) return broken(c, "invalid multibulk length");
    for (*count = 0; *count < n; ++*count) {
        if (at == end) return PARTIAL;
        if (*at != '$') {
            char what[32];
            snprintf(what, sizeof what, "expected '$', got '%c'", *at);
            return broken(c, what);
        }
        p = header_line(c, &at, end, "too big bulk count string", &ok, &size);
        if (p != WHOLE) return p;
        if (!ok || size < 0 || size > BULK_MAX) return broken(c, "invalid bulk length");
        if (end - at < size + 2) return PARTIAL;
        s->words[*count] = (struct word){at, (size_t)size};
        at += size + 2;
    }
    *from = at;
    return WHOLE;
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One byte between quotation marks, escapes undone. */
static const char *quoted_byte(const char *at, const char *end, char mark, char *to) {
    static const char letters[] = "nrtba", meant[] = "\n\r\t\b\a";
    if (*at != '\\' || end - at < 2 || (mark == '\'' && at[1] != '\'')) return *to = *at, at + 1;
    if (mark == '"' && at[1] == 'x' && end - at >= 4 && hex(at[2]) >= 0 && hex(at[3]) >= 0)
        return *to = (char)(hex(at[2]) * 16 + hex(at[3])), at + 4;
    const char *letter = mark == '"' ? memchr(letters, at[1], 5) : NULL;
    *to = letter ? meant[letter - letters] : at[1];
    return at + 2;
}

static bool blank(char c) {
    return isspace((unsigned char)c);
}

/* One word of a line; `*to` is where its bytes go. NULL: a quotation mark without its match. */
static const char *line_word(const char *at, const char *end, char **to) {
    for (; at < end && !blank(*at); at++) {
        if (*at != '"' && *at != '\'') {
            *(*to)++ = *at;
            continue;
        }
        char mark = *at++;
        while (at < end && *at != mark) at = quoted_byte(at, end, mark, (*to)++);
        if (at == end) return NULL;
        return at + 1 == end || blank(at[1]) ? at + 1 : NULL;
    }
    return at;
}

static enum parsed parse_line(struct server *s, struct connection *c, const char **from, const char *end, int *count) {
    const char *at = *from, *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) return end - at > BULK_MAX ? broken(c, "too big inline request") : PARTIAL;
    *from = stop + 1;
    if (stop - at > BULK_MAX) return broken(c, "too big inline request");
    if (stop > at && stop[-1] == '\r') stop--;
    const char *nul = memchr(at, '\0', (size_t)(stop - at));
    if (nul) stop = nul; /* Redis' line is a C string */
    char *to = s->unquoted;
    for (*count = 0;; ++*count) {
        while (at < stop && blank(*at)) at++;
        if (at == stop) return WHOLE;
        if (*count == WORDS_MAX) return broken(c, "too big inline request");
        const char *word = to;
        if (!(at = line_word(at, stop, &to))) return broken(c, "unbalanced quotes in request");
        s->words[*count] = (struct word){word, (size_t)(to - word)};
    }
}

/* Answers as many requests as may be answered; how many bytes they were. */
static size_t answer(struct server *s, struct connection *c, const char *bytes, size_t size, bool *no_room) {
    const char *at = bytes, *end = bytes + size;
    *no_room = false;
    while (at < end && !c->closing && owed(c) <= OWED_MAX) {
        int count = 0;
        if ((*no_room = !room(c, 0))) break;
        enum parsed p = (*at == '*' ? parse_array : parse_line)(s, c, &at, end, &count);
        if (p != WHOLE) break;
        if (count > 0) run(s, c, count);
    }
    return (size_t)(at - bytes);
}

/* ---- connections ---- */

static void close_connection(struct connection *c) {
    *c->link = c->next;
    if (c->next) c->next->link = c->link;
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

static int watch(struct server *s, int how, int fd, uint32_t events, void *who) {
    struct epoll_event event = {.events = events, .data.ptr = who};
    return epoll_ctl(s->epoll_fd, how, fd, &event);
}

static bool add_connection(struct server *s, int fd) {
    struct connection *c = calloc(1, sizeof *c);
    if (!c || watch(s, EPOLL_CTL_ADD, fd, EPOLLIN, c) < 0) return free(c), false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* slower without it, that is all */
    c->fd = fd, c->watched = EPOLLIN;
    c->next = s->all, c->link = &s->all;
    if (c->next) c->next->link = &c->next;
    s->all = c;
    return true;
}

static void accept_all(struct server *s) {
    s->accept_failed = false;
    for (;;) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (!add_connection(s, fd)) close(fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            s->accept_failed = true; /* no event tells when it can go on: a timeout leads here again */
            return;
        }
    }
}

/* Sends what there is room for; false: the connection is over. */
static bool flush(struct connection *c) {
    while (owed(c) > 0) {
        ssize_t n = send(c->fd, c->out + c->out_at, owed(c), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        c->out_at += (size_t)n;
    }
    c->out_at = c->out_size = 0;
    if (c->out_room > CHUNK_BYTES) free(c->out), c->out = NULL, c->out_room = 0;
    return true;
}

/* Keeps what is not answered yet. */
static bool keep(struct connection *c, const char *bytes, size_t size) {
    if (c->in_room - c->in_size < size) {
        size_t larger = (c->in_size + size) * 2;
        char *in = realloc(c->in, larger);
        if (!in) return false;
        c->in = in, c->in_room = larger;
    }
    memcpy(c->in + c->in_size, bytes, size);
    c->in_size += size;
    return true;
}

/* Answers what was kept, and sends. */
static bool go_on(struct server *s, struct connection *c) {
    bool no_room = false;
    do {
        size_t done = c->in_size > 0 ? answer(s, c, c->in, c->in_size, &no_room) : 0;
        if (done) memmove(c->in, c->in + done, c->in_size -= done);
        if (no_room || !flush(c)) return false;
        if (!done) break;
    } while (owed(c) <= OWED_MAX && c->in_size > 0 && !c->closing);
    if (c->in_size == 0) free(c->in), c->in = NULL, c->in_room = 0;
    return true;
}

static bool may_read(const struct connection *c) {
    return !c->ended && !c->closing && owed(c) <= OWED_MAX;
}

/* One read is a turn. */
static bool take(struct server *s, struct connection *c) {
    ssize_t n = recv(c->fd, s->chunk, CHUNK_BYTES, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return c->ended = true;
    if (c->in_size > 0) return keep(c, s->chunk, (size_t)n) && go_on(s, c);
    bool no_room;
    size_t done = answer(s, c, s->chunk, (size_t)n, &no_room);
    if (no_room || (!c->closing && done < (size_t)n && !keep(c, s->chunk + done, (size_t)n - done))) return false;
    return go_on(s, c);
}

static void turn(struct server *s, struct connection *c, uint32_t events) {
    bool alive = !(events & (EPOLLERR | EPOLLHUP));
    if (alive && owed(c) > 0) alive = flush(c) && (owed(c) > OWED_MAX || go_on(s, c));
    if (alive && events & EPOLLIN && may_read(c)) alive = take(s, c);
    if (!alive || ((c->ended || c->closing) && owed(c) == 0)) {
        close_connection(c);
        return;
    }
    uint32_t wanted = (may_read(c) ? EPOLLIN : 0u) | (owed(c) > 0 ? EPOLLOUT : 0u);
    if (wanted == c->watched) return;
    c->watched = wanted;
    if (watch(s, EPOLL_CTL_MOD, c->fd, wanted, c) < 0) close_connection(c);
}

/* ---- the loop ---- */

static int patience_ms(struct server *s) {
    if (s->heap_size == 0) return s->accept_failed ? RETRY_MS : -1;
    int64_t left = s->heap[0]->expires - s->now;
    /* A little at a time: `now_ms` may jump. And not at once for every millisecond that a key has left. */
    return left <= 0 ? 0 : left < 5 ? 5 : left < RETRY_MS ? (int)left : RETRY_MS;
}

static int serve(struct server *s, int64_t (*now_ms)(void *), void *world) {
    struct epoll_event events[EVENTS_AT_ONCE];
    for (;;) {
        int n = epoll_wait(s->epoll_fd, events, EVENTS_AT_ONCE, patience_ms(s));
        if (n < 0 && errno != EINTR) return -errno;
        s->now = now_ms(world);
        bool arrivals = s->accept_failed;
        for (int i = 0; i < n; i++) {
            void *who = events[i].data.ptr;
            if (who == &s->stop_fd) return 0;
            if (who == s)
                arrivals = true;
            else
                turn(s, who, events[i].events);
        }
        if (arrivals) accept_all(s);
        expire_some(s);
    }
}

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

static int begin_and_serve(struct server *s, int64_t (*now_ms)(void *), void *world) {
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll_fd < 0) return -errno;
    s->now = now_ms(world);
    int result = -ENOMEM;
    if (dict_ready(&s->keys)) {
        result = watch(s, EPOLL_CTL_ADD, s->listen_fd, EPOLLIN | EPOLLET, s) < 0 ||
                         watch(s, EPOLL_CTL_ADD, s->stop_fd, EPOLLIN, &s->stop_fd) < 0
                     ? -errno
                     : serve(s, now_ms, world);
    }
    while (s->all) close_connection(s->all);
    close(s->epoll_fd);
    return result;
}

int redis_serve(int listen_fd, int stop_fd, int64_t (*now_ms)(void *), void *world) {
    struct server *s = calloc(1, sizeof *s);
    if (!s) return -ENOMEM;
    s->listen_fd = listen_fd, s->stop_fd = stop_fd;
    int result = begin_and_serve(s, now_ms, world);
    keys_empty(s);
    dict_free(&s->keys);
    free(s->heap);
    free(s);
    return result;
}
