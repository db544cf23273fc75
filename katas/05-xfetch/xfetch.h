/* SPDX-License-Identifier: MIT */
/* xfetch.h -- a cache in front of a slow origin, without stampedes: values are
 * refreshed a little before they expire, by a get that is chosen at random (XFetch:
 * Vattani, Chierichetti, Lowenstein, VLDB 2015), and no key is ever loaded by
 * two threads at a time.
 *
 * Threads. Any thread may call xfetch_get at any time. `xfetch_due` is a pure
 * function. All calls of one cache have returned before xfetch_free.
 *
 * Time. Everything is in seconds of the caller's clock, which never goes back
 * and need not be a real one. No call sleeps for a fixed time.
 *
 * A value is live while now < expiry. From then on it is expired: kept, in
 * case the origin fails, but not served as long as there is a better answer.
 *
 * Flights. At most one load of a key runs at any time. A get that needs a value
 * that is missing or expired either runs that load or waits for the one that is
 * running, and then shares its outcome, whatever that is: a thousand threads
 * that meet one expiry cause one load. A get that can be served a live value
 * does not wait. No lock is held during a load: a slow load of one key delays no call
 * for another, however many keys are being loaded, and however alike the keys
 * or their hashes are.
 *
 * Room. At most `capacity` values are kept, beyond those in flight (being loaded
 * or refreshed). A value leaves only to make room for one that has been loaded,
 * and never while it is in flight; which of the others leaves is free, the
 * newcomer included. So while no more than `capacity` keys are in use, none
 * leaves. Memory is held for these values and the loads that run, and does not
 * grow with the loads that have been.
 *
 * Cost. A hit takes O(1) expected steps, however many values there are. */
#ifndef XFETCH_H
#define XFETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rule: is it time to refresh a value that expires at `expiry_s`, if the
 * last load of it took `delta_s` and this reader drew `uniform` from [0, 1)?
 *
 *     now_s - delta_s * beta * ln(uniform) >= expiry_s
 *
 * so a reader looks ahead by an exponentially distributed time of mean
 * beta * delta_s. Once now_s >= expiry_s the answer is true, whatever the rest
 * is. Before that it is false if any argument is NaN, or if delta_s, beta or
 * uniform is negative; it is true if uniform is 0 and delta_s and beta are at
 * least 0, zero and infinity included. The times are not negative. */
bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform);

/* The world as the cache sees it. All three may be called from any thread, by
 * several at a time. */
struct xfetch_env {
    /* The time. It never goes back. */
    double (*now_s)(void *world);
    /* A random number in [0, 1). A get asks for at most one. It may take time. */
    double (*uniform)(void *world);
    /* Asks the origin, which may take long, and may wait for other gets. True:
     * *value is the value and *ttl_s how long it is good for, from the moment
     * when load returns. False: the origin failed, and both are meaningless.
     * Must be called without any lock held; the other two may be called under
     * one. */
    bool (*load)(void *world, uint64_t key, uint64_t *value, double *ttl_s);
    /* Passed to each of them. */
    void *world;
};

enum xfetch_result {
    XFETCH_FRESH,  /* *value is live, or has just been loaded */
    XFETCH_STALE,  /* *value has expired, and the load that was to replace it failed */
    XFETCH_FAILED, /* there is no value, and the load failed; *value is untouched */
};

struct xfetch_cache;

/* An empty cache; `env` is copied. NULL, and nothing leaked, if there is no
 * memory, or if `capacity` is 0 or too large: as a key and its value take 16
 * bytes, anything above SIZE_MAX / 16 is. `beta` is 1 by custom; larger
 * refreshes earlier, 0 never early (a draw of 0 apart, as xfetch_get says). */
struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env);

/* The value of `key`.
 *
 * Live: it is served, unless xfetch_due says so for this get's draw and no load
 * of the key is running. Then this get loads, and returns the new value, while
 * others, due or not, go on being served the old one. If the load fails, the old
 * value stays as it is, delta and all: XFETCH_FRESH if it is still live at the time after the
 * load, else XFETCH_STALE. With more than 40 * beta * delta of its life left, no
 * value is refreshed; but a draw below exp(-40), 0 included, may be followed.
 *
 * Missing or expired: loaded by one, awaited by the others, also when the load
 * began as an early refresh and the value has expired since. If the load fails,
 * all of them get the expired value as XFETCH_STALE, or XFETCH_FAILED if there
 * is none. A failure is not remembered: a get that is called after one of them
 * has returned does not share it, but tries again.
 *
 * After a load, value, delta and expiry change together. Delta is the time
 * between just before the load and just after it, without any waiting of the
 * cache's own. The expiry is the time after the load plus the ttl. With a ttl that is
 * not positive, or NaN, the value serves those who waited for it as XFETCH_FRESH
 * and is expired from then on.
 *
 * Without memory for a load the answer may be that of a failed one, or the value
 * may be served and not kept. */
enum xfetch_result xfetch_get(struct xfetch_cache *cache, uint64_t key, uint64_t *value);

/* Frees the cache. NULL does nothing. */
void xfetch_free(struct xfetch_cache *cache);

#endif
