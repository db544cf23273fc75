/* SPDX-License-Identifier: MIT */
/* single_writer.h -- one writer at a time: a lease that Redis keeps, and a store
 * that refuses whoever was the writer before.
 *
 * A lease is a key in Redis: the lease's name, with a value that its holder alone
 * knows (its owner), and a time after which Redis deletes it. It is a matter of
 * time, and a process may be paused anywhere for any time: it can find out too
 * late that its lease is over. So each lease has a token, a number that grows from
 * lease to lease, and the store refuses a token that is smaller than one it has seen.
 *
 * Threads. One thread at a time uses a lease_client; different clients share
 * nothing. Any thread may make any call on a store at any time, store_free apart.
 *
 * Memory. lease_client_new, store_new and store_write alone allocate.
 *
 * Time is the caller's monotonic clock, env.now_ns: it begins anywhere (over 2^63
 * too), never stands still for long and never goes back. No clock that can be set
 * is asked, and no other one is compared with it: Redis' begins elsewhere, and
 * their rates differ by less than 1 %.
 *
 * Validity. A lease of ttl_ms is valid until
 *
 *     valid_until_ns = before + ttl_ms * 990000 - 2000000
 *
 * on env.now_ns, where `before` is what the clock said in this call, before the
 * request that took or extended the key was sent. (1 % and 2 ms are for the drift
 * of clocks and for Redis' own milliseconds.) The call that answers 0 has looked at
 * the clock after its last request, and it was earlier than that.
 *
 * Redis. A client asks through env.ask, one command a time. It may send SET, GET,
 * EXISTS, PTTL, DEL, UNLINK, PEXPIRE, INCR, EVAL, EVALSHA and SCRIPT LOAD; a script
 * (Lua) may call the same ones up to INCR; to everything else the answer is an
 * error. Redis may restart at any time, and then it has lost every key and every
 * script. A request may be lost, so may its reply, and a request may arrive after
 * its sender was told -EIO. No call sends again what was answered with -EIO, nor
 * more than 6 requests.
 *
 * How often. With its scripts known to Redis a call sends one request (acquire asks
 * for one number beside it; -EBUSY for none). Putting things back, as below, is one
 * more. Once a client has extended and released, later calls need no other requests,
 * until Redis restarts.
 *
 * No call sleeps, waits, or asks again until it succeeds: that is the caller's.
 * Of the C library a client and a store may use POSIX threads' locks, and malloc and its kin. */
#ifndef SINGLE_WRITER_H
#define SINGLE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reply_kind {
    REPLY_STATUS,  /* +OK: `text` */
    REPLY_ERROR,   /* -NOSCRIPT No matching script: `text`; the command has done nothing */
    REPLY_INTEGER, /* `integer` */
    REPLY_BULK,    /* `text` */
    REPLY_NIL,
    REPLY_ARRAY /* `integer` elements, which are not kept */
};

struct redis_reply {
    enum reply_kind kind;
    int64_t integer;
    size_t size;    /* of `text`, without the 0 behind it; what is longer is cut */
    char text[256]; /* any bytes */
};

/* The caller's world. Each call may take any time, and the process may be paused in it. */
struct lease_env {
    /* Sends the command of `argc` words to Redis, waits for its reply at most as long as the caller of
     * this library finds right, and keeps no pointer. 0 and a reply; -EIO: none has come, and whether
     * the command has been, or will be, carried out is not known. */
    int (*ask)(void *world, size_t argc, const char *const *argv, const size_t *sizes, struct redis_reply *);
    /* A number for a new lease, from the store (store_number, over the network). 0 and one that is larger
     * than every one it has answered before, to whomever, and however often Redis has restarted; or -EIO. */
    int (*number)(void *world, uint64_t *number);
    uint64_t (*now_ns)(void *world);
    /* Fills `bytes` with what nobody can guess; false: there is none. */
    bool (*random)(void *world, void *bytes, size_t size);
    void *world;
};

enum { LEASE_NAME_MAX = 255, LEASE_TTL_MIN_MS = 10, LEASE_TTL_MAX_MS = 86400000 };

/* A plain value: may be copied; holds no memory. */
struct lease {
    uint64_t token;          /* the number that was drawn for it */
    uint64_t valid_until_ns; /* 0: it was lost */
    uint32_t ttl_ms;
    char name[LEASE_NAME_MAX + 1];
    char owner[64]; /* a string that differs from every other lease's and depends on at least 128 random bits */
};

struct lease_client;

/* A client, which keeps a copy of `env`; asks nothing yet. NULL: no memory. */
struct lease_client *lease_client_new(const struct lease_env *env);

/* NULL does nothing. Leases stay as they are. */
void lease_client_free(struct lease_client *);

/* Takes the lease of this name, which is the key in Redis: one SET (no script) sets it to a new owner, unless it
 * exists, with its time to live; then draws a number. 0: *out is the lease. Otherwise *out is untouched:
 *
 *   -EINVAL     the name is empty or longer than LEASE_NAME_MAX, or ttl_ms is out of bounds; nothing is asked
 *   -EIO        no randomness (nothing is asked), no reply, an error, a reply of a kind that the request never
 *               has, or no number
 *   -EBUSY      the key exists, whosever it is
 *   -ETIMEDOUT  it was taken, but what followed took so long that it would not be valid any more
 *
 * Where the key may have been set and the answer is not 0, the call asks, once, that it be deleted if it has
 * this owner; whatever comes of that changes no answer. */
int lease_acquire(struct lease_client *, const char *name, uint32_t ttl_ms, struct lease *out);

/* Has the key live ttl_ms from now, if it has the lease's owner, in one step on the server. 0: valid_until_ns is
 * later. Otherwise:
 *
 *   -ESTALE     the lease is not valid any more by the clock (nothing is asked), or the key has not this
 *               owner: it is lost, and valid_until_ns is 0
 *   -EIO        no reply, an error, or a reply of another kind than the script's; unchanged: valid for as long as it
 * was -ETIMEDOUT  extended, but the reply came too late for that to be of use; unchanged
 *
 * The token stays. */
int lease_renew(struct lease_client *, struct lease *lease);

/* Deletes the key, if it has the lease's owner, in one step on the server, valid or not. 0: deleted. -ESTALE: the
 * key has not this owner, and nothing was deleted. -EIO: as above. The caller no longer uses the lease, but may ask
 * again. */
int lease_release(struct lease_client *, const struct lease *lease);

/* What is protected: one value, with the token of whoever wrote it. It lives where the data lives, and longer
 * than Redis' memory. Calls of several threads are linearizable. */
struct store;

/* Empty, with no number drawn. NULL: no memory. */
struct store *store_new(void);

/* The next number: 1, 2, 3 and so on, each once, whoever asks. Drawing one refuses nobody. */
uint64_t store_number(struct store *);

/* Writes a copy of `bytes`, at most SIZE_MAX / 2 of them, or none (then `bytes` may be NULL). True: it is the value
 * now. False, and nothing has changed: a token smaller than that of a write before, one that has not been drawn,
 * 0, or no memory. The same token writes as often as it likes: it is one holder's. */
bool store_write(struct store *, uint64_t token, const void *bytes, size_t size);

/* The value and its token, of one moment. Its size; at most `room` bytes of it are copied. Empty: size 0, token 0.
 * `token` may be NULL. */
size_t store_read(struct store *, uint64_t *token, void *bytes, size_t room);

/* No other call is in progress. NULL does nothing. */
void store_free(struct store *);

#endif
