/* SPDX-License-Identifier: MIT */
/* baseline.c -- all of it, the simple, correct, slow way, and the yardstick for throughput: a mutex around everything,
 * a script that is sent whole with each call.
 *
 * What it costs: a thread that is paused with the mutex stops all others. The contract rules that out for buckets. */
#include "limiter.h"
#include "shared_limiter.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN UINT64_C(1000000000)
#define PER_SECOND_MAX UINT64_C(1000000000000000000)
#define NONE UINT32_MAX
#define SLOTS 65 /* a call counts in its own slot and in 64 more */

typedef unsigned __int128 moment;

static uint64_t hash_of(uint64_t key) {
    key = (key ^ key >> 33) * 0xff51afd7ed558ccd;
    return key ^ key >> 33;
}

/* The moment at which it is full, in units of which a nanosecond has per_second and a token 10^9. */
struct bucket {
    moment full_at;
    uint64_t key;
    uint32_t next;
};

struct limiter {
    pthread_mutex_t lock;
    struct bucket *buckets;
    uint32_t *heads;
    uint64_t per_second, mask;
    moment burst, left_at; /* the latest moment at which one that has left was full */
    uint32_t used, keys_max;
};

struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max) {
    if (per_second == 0 || per_second > PER_SECOND_MAX || burst == 0 || keys_max == 0 || keys_max >= NONE) return NULL;
    uint64_t heads = 1;
    while (heads < keys_max) heads *= 2;
    struct limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->buckets = malloc(keys_max * sizeof *l->buckets);
    l->heads = malloc(heads * sizeof *l->heads);
    if (!l->buckets || !l->heads || pthread_mutex_init(&l->lock, NULL) != 0) {
        free(l->buckets), free(l->heads), free(l);
        return NULL;
    }
    for (uint64_t i = 0; i < heads; i++) l->heads[i] = NONE;
    l->per_second = per_second, l->burst = (moment)burst * TOKEN;
    l->mask = heads - 1, l->keys_max = (uint32_t)keys_max;
    return l;
}

void limiter_free(struct limiter *l) {
    if (!l) return;
    pthread_mutex_destroy(&l->lock);
    free(l->buckets), free(l->heads), free(l);
}

static void tell(uint64_t *retry_after_ns, moment wait_ns) {
    if (retry_after_ns) *retry_after_ns = wait_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)wait_ns;
}

static struct bucket *bucket_of(struct limiter *l, uint64_t key) {
    uint32_t at = l->heads[hash_of(key) & l->mask];
    while (at != NONE && l->buckets[at].key != key) at = l->buckets[at].next;
    return at == NONE ? NULL : &l->buckets[at];
}

/* Out of its chain, if it is full; *first_full: when the first one is, else. */
static struct bucket *room(struct limiter *l, moment now, moment *first_full) {
    if (l->used < l->keys_max) return &l->buckets[l->used++];
    for (struct bucket *b = l->buckets; b < l->buckets + l->keys_max; b++) {
        if (b->full_at > now) {
            if (b->full_at < *first_full) *first_full = b->full_at;
            continue;
        }
        uint32_t *link = &l->heads[hash_of(b->key) & l->mask];
        while (*link != b - l->buckets) link = &l->buckets[*link].next;
        *link = b->next;
        if (b->full_at > l->left_at) l->left_at = b->full_at;
        return b;
    }
    return NULL;
}

static moment take(struct limiter *l, uint64_t key, uint64_t cost, moment now) {
    struct bucket *b = bucket_of(l, key);
    moment before = b ? b->full_at : l->left_at, first_full = (moment)-1;
    moment after = (before > now ? before : now) + (moment)cost * TOKEN;
    if (after > now + l->burst) return after - l->burst - now;
    if (!b) {
        uint32_t *head = &l->heads[hash_of(key) & l->mask];
        b = room(l, now, &first_full);
        if (!b) return first_full - now;
        b->key = key, b->next = *head, *head = (uint32_t)(b - l->buckets);
    }
    b->full_at = after;
    return 0;
}

bool limiter_allow(struct limiter *l, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    tell(retry_after_ns, 0);
    if (cost == 0) return true;
    tell(retry_after_ns, UINT64_MAX);
    if ((moment)cost * TOKEN > l->burst) return false;
    pthread_mutex_lock(&l->lock);
    moment lacks = take(l, key, cost, (moment)now_ns * l->per_second);
    pthread_mutex_unlock(&l->lock);
    tell(retry_after_ns, (lacks + l->per_second - 1) / l->per_second);
    return lacks == 0;
}

/* A ring of the last slots' counts; `newest` is the slot of the latest call. */
struct counts {
    uint64_t key, newest, total;
    uint64_t count[SLOTS];
    uint32_t next; /* in the hash's chain */
};

struct window {
    pthread_mutex_t lock;
    struct counts *counts;
    uint32_t *heads;
    uint64_t limit, slot_ns, latest_ns, mask;
    uint32_t used, keys_max;
};

struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    if (limit == 0 || window_ns == 0 || window_ns % 64 || keys_max == 0 || keys_max >= NONE) return NULL;
    uint64_t heads = 1;
    while (heads < keys_max) heads *= 2;
    struct window *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->counts = calloc(keys_max, sizeof *w->counts);
    w->heads = malloc(heads * sizeof *w->heads);
    if (!w->counts || !w->heads || pthread_mutex_init(&w->lock, NULL) != 0) {
        free(w->counts), free(w->heads), free(w);
        return NULL;
    }
    for (uint64_t i = 0; i < heads; i++) w->heads[i] = NONE;
    w->limit = limit, w->slot_ns = window_ns / 64, w->mask = heads - 1, w->keys_max = (uint32_t)keys_max;
    return w;
}

void window_free(struct window *w) {
    if (!w) return;
    pthread_mutex_destroy(&w->lock);
    free(w->counts), free(w->heads), free(w);
}

/* Forgets the slots that have ended by `slot`. */
static void advance(struct counts *c, uint64_t slot) {
    for (int passed = 0; c->newest < slot && passed < SLOTS; passed++) {
        uint64_t *oldest = &c->count[++c->newest % SLOTS];
        c->total -= *oldest;
        *oldest = 0;
    }
    c->newest = slot;
}

/* The first slot in which fewer than `limit` calls count. */
static uint64_t free_again(const struct counts *c, uint64_t limit) {
    uint64_t left = c->total, oldest = c->newest >= 64 ? c->newest - 64 : 0;
    for (;; oldest++) {
        left -= c->count[oldest % SLOTS];
        if (left < limit) return oldest;
    }
}

static struct counts *counts_of(struct window *w, uint64_t key) {
    uint32_t at = w->heads[hash_of(key) & w->mask];
    while (at != NONE && w->counts[at].key != key) at = w->counts[at].next;
    return at == NONE ? NULL : &w->counts[at];
}

/* Takes a key's place away whose calls no longer count; *last: the first slot in which that was one's last, else. */
static struct counts *vacant(struct window *w, uint64_t slot, uint64_t *last) {
    if (w->used < w->keys_max) return &w->counts[w->used++];
    *last = UINT64_MAX;
    for (struct counts *c = w->counts; c < w->counts + w->keys_max; c++) {
        advance(c, slot);
        if (c->total > 0) {
            uint64_t end = free_again(c, 1);
            if (end < *last) *last = end;
            continue;
        }
        uint32_t *link = &w->heads[hash_of(c->key) & w->mask];
        while (*link != c - w->counts) link = &w->counts[*link].next;
        *link = c->next;
        return c;
    }
    return NULL;
}

static struct counts *new_counts(struct window *w, uint64_t key, uint64_t slot, uint64_t *last) {
    struct counts *c = vacant(w, slot, last);
    if (!c) return NULL;
    uint32_t *head = &w->heads[hash_of(key) & w->mask];
    c->key = key, c->newest = slot, c->next = *head;
    *head = (uint32_t)(c - w->counts);
    return c;
}

static bool count(struct window *w, uint64_t key, uint64_t slot, uint64_t *last) {
    struct counts *c = counts_of(w, key);
    if (!c) c = new_counts(w, key, slot, last);
    if (!c) return false;
    advance(c, slot);
    if (c->total >= w->limit) {
        *last = free_again(c, w->limit);
        return false;
    }
    c->count[slot % SLOTS]++;
    c->total++;
    return true;
}

bool window_allow(struct window *w, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns) {
    uint64_t last = 0;
    pthread_mutex_lock(&w->lock);
    if (now_ns > w->latest_ns) w->latest_ns = now_ns;
    bool allowed = count(w, key, w->latest_ns / w->slot_ns, &last);
    pthread_mutex_unlock(&w->lock);
    tell(retry_after_ns, allowed ? 0 : ((moment)last + SLOTS) * w->slot_ns - now_ns);
    return allowed;
}

static const char script[] =
    "local time = redis.call('TIME') "
    "local now, lacks = time[1] * 1000000 + time[2], 0 "
    "local rate, burst, cost = tonumber(ARGV[1]), ARGV[2] * 1000000, ARGV[3] * 1000000 "
    "local kept = redis.call('HMGET', KEYS[1], 'lacks', 'at') "
    "if kept[1] then "
    "  lacks = math.max(0, kept[1] - math.max(0, now - kept[2]) * rate) "
    "  now = math.max(now, kept[2]) "
    "end "
    "if lacks + cost > burst then return math.ceil((lacks + cost - burst) / rate / 1000) end "
    "lacks = lacks + cost "
    "redis.call('HSET', KEYS[1], 'lacks', string.format('%.0f', lacks), 'at', string.format('%.0f', now)) "
    "redis.call('PEXPIRE', KEYS[1], math.ceil(lacks / rate / 1000) + 1000) "
    "return 0";

struct shared_limiter {
    redisContext *connection;
    struct timeval timeout;
    uint32_t per_second, burst;
    char path[100];
};

struct shared_limiter *shared_new(const char *path, uint64_t per_second, uint64_t burst, uint32_t timeout_ms) {
    if (!path || strlen(path) >= 100 || timeout_ms == 0) return NULL;
    if (per_second == 0 || per_second > 1000000 || burst == 0 || burst > 1000000) return NULL;
    struct shared_limiter *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    strcpy(l->path, path);
    l->per_second = (uint32_t)per_second, l->burst = (uint32_t)burst;
    l->timeout = (struct timeval){timeout_ms / 1000, timeout_ms % 1000 * 1000};
    return l;
}

void shared_free(struct shared_limiter *l) {
    if (l && l->connection) redisFree(l->connection);
    free(l);
}

/* After an error the connection is of no use: what still comes on it belongs to nobody. */
static int give_up(struct shared_limiter *l, int error) {
    if (l->connection) redisFree(l->connection);
    l->connection = NULL;
    return error == EAGAIN || error == EWOULDBLOCK ? -ETIMEDOUT : error ? -error : -EPROTO;
}

int shared_allow(struct shared_limiter *l, const char *key, uint64_t cost, uint64_t *retry_after_ms) {
    if (strlen(key) > 256) return -EINVAL;
    if (cost == 0 || cost > l->burst) {
        *retry_after_ms = cost ? UINT64_MAX : 0;
        return cost == 0;
    }
    errno = 0;
    if (!l->connection) {
        l->connection = redisConnectUnixWithTimeout(l->path, l->timeout);
        if (!l->connection || l->connection->err || redisSetTimeout(l->connection, l->timeout) != REDIS_OK)
            return give_up(l, errno);
    }
    redisReply *reply = redisCommand(l->connection, "EVAL %s 1 bucket:%u:%u:%s %u %u %u", script, l->per_second,
                                     l->burst, key, l->per_second, l->burst, (unsigned)cost);
    if (!reply) return give_up(l, l->connection->err == REDIS_ERR_EOF ? ECONNRESET : errno);
    bool answered = reply->type == REDIS_REPLY_INTEGER;
    uint64_t wait_ms = answered ? (uint64_t)reply->integer : 0;
    freeReplyObject(reply);
    if (!answered) return give_up(l, EPROTO);
    *retry_after_ms = wait_ms;
    return wait_ms == 0;
}
