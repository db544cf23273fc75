/* SPDX-License-Identifier: MIT */
/* hot_key.h -- a cache in front of shards that finds the keys which are read far
 * more often than others, keeps a replica of each for a while, and spreads them
 * over copies on several shards.
 *
 * Threads. Any thread may call anything but hot_free at any time. The cache has no
 * threads of its own. Two caches share nothing. No lock is held while fetch or
 * store runs: a slow one delays no call that does not need its result, and both
 * may call hot_get and hot_put for other keys, and hot_stats. Waiting sleeps: no
 * polling, no timer. Memory is taken by hot_new alone, see there.
 *
 * Copies. A copy is named by (shard, key, split): `split` 0 is the home copy, which
 * exists of every key; splits 1 to `splits` - 1 are of hot keys alone. Each lies on
 * the shard hot_shard(key, split, shards). A shard keeps of each copy the value with
 * the highest version: a store of a lower one changes nothing, and answers true all
 * the same. A store that answers false may have been done, or not. Versions are at
 * least 1 and below 2^63; of one key and version there is one value.
 *
 * Hot keys. Reads, which are calls of hot_get whatever they answer, are counted in
 * windows of HOT_READS_PER_SHARD * shards, one window after another; a read that finds
 * its window full begins the next one. First of all a read is counted. If its key has
 * more than HOT_READS_PER_SHARD reads in this window then (more than 1/shards of it), the key is
 * hot, from this very read on. When a window begins, those hot keys cool down that had no more than
 * HOT_READS_PER_SHARD reads in the last one. At most `replicas_max` keys are hot at a
 * time: while so many are, no other becomes hot.
 * Counting is by space-saving (Metwally, Agrawal, El Abbadi 2005), with at most
 * HOT_COUNTERS counters: of as many different keys in one window a count is exact;
 * of more, it may be too high by up to 1/HOT_COUNTERS of the window, and is never too low.
 *
 * Get. The replica of a hot key answers while it is good: its age is less than
 * `staleness_ns`. Age counts from the return of the fetch, or of the store of the home copy, that brought it.
 * Otherwise a copy is fetched. Of a key that is not hot, or with `splits` 1, that is
 * the home copy. Of a hot key it is the copy random() % splits; random is called
 * for this alone. A copy other than home is *filled* if, since the key became hot, it has
 * been fetched or stored with a version as high as any of this key that the cache has
 * answered, or stored in the home copy with success. If it is not filled, or its
 * fetch fails, the home copy is fetched in its place, and what that brings is stored
 * in the copy, so that it is filled: by one get at a time. One that began to store when the key
 * was hot before may go on meanwhile. A copy whose fetch failed is no longer filled. If the fetch
 * of a home copy fails, the answer is false; failures are not remembered. What a fetch brings is the
 * replica of a hot key, unless a newer version is known, or may be; the age counts anew if the
 * version is the same.
 *
 * One fetch of a copy runs at a time. A get that needs this copy meanwhile waits, and shares
 * what comes of it; or, with all others that wait for it, what comes of one more fetch.
 *
 * Put. Its version is the higher one of now_ns() and 1 more than every version that
 * this cache has given or been answered, whatever the key; no two puts have the same one. It is stored in the home copy
 * first. If that fails, the answer is false and nothing else is done. If it succeeds,
 * the answer is true; if the key is hot then, the value is its replica, unless another put
 * may have been newer, and it has been stored in each other copy as well, once, before the
 * put returns. Whether these succeed changes no answer: one that did not is not filled. A put is no read.
 *
 * What holds, whatever threads do at the same time and whatever fails:
 *   - No copy is ever stored with a version higher than that of its home copy. A key
 *     that cools down is read from there.
 *   - Of puts the one with the highest version wins, in every copy that is read.
 *   - A thread never reads an older version than it has read before, or put with true.
 *   - A value is replaced when a put of a higher version returns true. A get that is called
 *     more than `staleness_ns`, plus the time that the fetch or store which brought the
 *     value took, after it was replaced does not answer it.
 * Others may write the same keys: the home copy first, then all `splits` copies, with versions
 * that no put of this cache gives. Their values are replaced, and replace, when all copies are written.
 * Two caches that write the same keys do not keep this, as they may not agree on which are hot.
 *
 * Load. Where reads follow Zipf's law with exponent 1.2, and the keys that are not hot burden all shards
 * alike, no shard is asked more than 1.3 times as often as the mean: with replicas, with copies, and with both.
 *
 * Of the C library the cache may use malloc and its kin, memcpy and its kin, POSIX
 * threads and semaphores, and sched_yield: no clock, no sleep. */
#ifndef HOT_KEY_H
#define HOT_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOT_READS_PER_SHARD 64
#define HOT_COUNTERS 1024
#define HOT_SHARDS_MAX 256

/* The caller's world, called on threads that are in a call of this cache, by several at a time. */
struct hot_env {
    /* Reads a copy; slow. False: it is not there, or the shard failed; both results are meaningless. */
    bool (*fetch)(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version);
    /* Writes a copy; slow. False: see above. */
    bool (*store)(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version);
    /* Quick, and do not call the cache. The time never goes back, and is below 2^63. */
    uint64_t (*now_ns)(void *world);
    uint64_t (*random)(void *world);
    void *world;
};

/* Where a copy lies. The home copies of keys are spread evenly; `split` is below `shards`. */
static inline size_t hot_shard(uint64_t key, uint32_t split, size_t shards) {
    key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
    key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return ((key ^ key >> 33) % shards + split) % shards;
}

/* reads: calls of hot_get. hits: of these, answered by a replica that was there and good. shared: of the
 * others, those for which fetch was not called. fetches, stores: calls of these functions. All
 * since hot_new. hot: how many keys are hot now. Exact when no other call is in progress. */
struct hot_stats {
    uint64_t reads, hits, shared, fetches, stores;
    size_t hot;
};

struct hot_cache;

/* An empty cache; `env` is copied, nothing is called. `replicas_max`: any number; more than 2 * shards keys are never
 * hot at a time. 0: none is. `staleness_ns`: any number; 0: no replica is ever good; UINT64_MAX: it always is.
 * It takes 128 KiB at most, plus 128 bytes and 16 * splits for each key that can be hot.
 * NULL if `shards` is 0 or above HOT_SHARDS_MAX, if `splits` is 0 or above `shards`, or if there
 * is no memory; then nothing is left behind. */
struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits, struct hot_env);

/* The value of `key` in *value, and true. False: it is not there, or the shard failed; *value is untouched. */
bool hot_get(struct hot_cache *, uint64_t key, uint64_t *value);

/* Writes. True: done, and read from now on, as said above. */
bool hot_put(struct hot_cache *, uint64_t key, uint64_t value);

struct hot_stats hot_stats(struct hot_cache *);

/* Frees the cache; what the shards keep stays. No call is in progress or follows. NULL does nothing. */
void hot_free(struct hot_cache *);

#endif
