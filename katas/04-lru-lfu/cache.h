/* SPDX-License-Identifier: MIT */
/* cache.h -- two caches of fixed capacity, O(1), shared by threads.
 *
 * A cache maps keys to values and holds at most `capacity` entries. When a new
 * key needs room, one entry leaves:
 *
 *   lru   the one whose last use is longest ago
 *   lfu   the one with the fewest uses; of several, the one whose last use is
 *         longest ago
 *
 * Uses. A put is a use, whether it adds a key or overwrites its value. So is a
 * get that finds its key, also when the caller wants no value. A get that
 * misses is no use. For lfu, the put that adds a key is its first use: a key
 * that was evicted or removed has lost its count. Counts do not saturate below
 * 2^32. The order of last use has no such limit: it holds however many uses lie
 * between two.
 *
 * Threads. Any thread may call any function at any time, `size` included; only
 * for `free` all other calls must have returned. Calls take effect one after the
 * other, each somewhere between its beginning and its end, as if on one thread
 * (they are linearizable). Mutexes, readers-writer and spin locks, condition
 * variables and semaphores of POSIX are welcome, and atomics; not the locks of
 * threads.h, which ThreadSanitizer does not see. A loop of your own that waits for
 * another thread calls sched_yield() at least every 1,000 rounds; the locks of
 * POSIX wait as they do, pthread_spin_lock() too. Different caches share nothing.
 *
 * Cost. Amortized O(1) steps a call (any but `new` and `free`), whatever the
 * capacity, the number of entries, the calls before and the counts: also in an
 * empty cache, when every entry has a count of its own, when there is a large gap
 * between two counts, and for keys made to collide under simple hashes (the key
 * itself, a remainder, a product with a constant, halves xored). A fixed, known
 * mixer is good enough: keys that were made for it may cost more. But they are
 * keys like all others: two keys have two entries, also when their hashes differ
 * in a few bits only.
 *
 * Memory. Only `new` allocates. Capacities to 2^24 work; there a new cache may
 * keep 1 GiB in use, and memory from calloc counts when it is first touched.
 * Larger ones work, or are refused. Only `new` can fail.
 *
 * Every uint64_t is a valid key, and a valid value. */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache_entry {
    uint64_t key, value;
};

struct lru_cache;
struct lfu_cache;

/* An empty cache, or NULL: capacity 0, no memory, or sizes that overflow.
 * After NULL nothing is kept. */
struct lru_cache *lru_new(size_t capacity);

/* Is there an entry of `key`? If so it is used, and its value goes to `value`,
 * which may be NULL. If not, `value` is untouched. */
bool lru_get(struct lru_cache *cache, uint64_t key, uint64_t *value);

/* Sets the value of `key`, adding an entry if there is none. True: one left to
 * make room, and is in `evicted`, which may be NULL. False: none left, and
 * `evicted` is untouched. Overwriting never evicts. */
bool lru_put(struct lru_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted);

/* Removes the entry of `key`; false if there was none. */
bool lru_remove(struct lru_cache *cache, uint64_t key);

/* Number of entries, at most the capacity. */
size_t lru_size(struct lru_cache *cache);

/* Gives everything back. No other call may be in progress. NULL does nothing. */
void lru_free(struct lru_cache *cache);

/* The same for lfu. */
struct lfu_cache *lfu_new(size_t capacity);
bool lfu_get(struct lfu_cache *cache, uint64_t key, uint64_t *value);
bool lfu_put(struct lfu_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted);
bool lfu_remove(struct lfu_cache *cache, uint64_t key);
size_t lfu_size(struct lfu_cache *cache);
void lfu_free(struct lfu_cache *cache);

#endif
