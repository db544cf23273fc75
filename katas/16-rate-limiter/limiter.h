/* SPDX-License-Identifier: MIT */
/* limiter.h -- who may go on, and who has to come later: token buckets and sliding windows, in one process.
 *
 * Threads. Any thread may call limiter_allow and window_allow at any time. Different limiters and windows share
 * nothing. Keys are any 64-bit numbers, now_ns any number of nanoseconds since whatever the caller likes.
 *
 * Buckets. A limiter has a bucket for each key. It holds `burst` tokens at most, is full at first, and gets per_second
 * tokens a second, evenly: in n nanoseconds n * per_second / 10^9 of them, whatever part of a token that is. All of
 * that is exact, and stays so however many calls there are: no rounding, no drift, no overflow at any arguments.
 *
 * limiter_allow(key, cost, now_ns) answers whether the key's bucket holds `cost` tokens at now_ns, and takes them if it
 * does; else it takes nothing. So calls that were allowed with a now_ns from a to b cost at most
 * burst + per_second * (b - a) / 10^9 together, for each key, in any order and on any threads. A cost of 0 is always
 * allowed and changes nothing; a cost above `burst` never is.
 *
 * Older times. Clocks go back, and of two threads the slower one comes with the older now_ns. What has been taken from
 * a bucket is taken at all times: a call with an older now_ns finds what the bucket would have held then, less
 * everything that has been taken since, and so never more than a later one.
 *
 * Room. A key takes room only while its bucket is not full. With keys_max keys that are not full at now_ns, a call for
 * another key is refused, whatever its cost but 0; with fewer, it is not refused for lack of room. As long as no more
 * than keys_max different keys have come, none leaves. When a full bucket has left to make room, a call for a key that
 * has none, with a now_ns older than the moment at which that one was full, may find less than it would have found, and
 * never more.
 *
 * retry_after_ns. If it is not NULL, *retry_after_ns is always written: 0 for a call that is allowed; otherwise the
 * time from now_ns to the first nanosecond at which the same call would be allowed if nobody else called meanwhile.
 * UINT64_MAX: never, or after more than that.
 *
 * Windows. Time is divided into slots of window_ns / 64, from 0 on. An allowed call counts in its own slot and the
 * 64 that follow, so for window_ns at least and for a slot more at most. window_allow(key, now_ns) is allowed, and
 * counts from then on, while fewer than `limit` calls for the key count. The clock of a window is the latest now_ns
 * that it was given, for any key: a call with an older one is answered as if it had come with that. A key takes room
 * while calls for it count. With keys_max such keys, a call for another key is refused. *retry_after_ns is as above,
 * from the call's own now_ns.
 *
 * Progress. A limiter_allow for a key whose bucket is not full neither locks nor waits: whatever call of another thread
 * is paused, wherever and for however long, it ends after a bounded number of steps. A call that brings a new key may
 * wait for another one that does so, and those of a window for each other. Nothing here sleeps or asks for the time.
 *
 * Memory. Only limiter_new and window_new allocate: at most 64 bytes for each of keys_max keys, and 1,024 bytes for a
 * window's; and at most 8 KiB beside. */
#ifndef LIMITER_H
#define LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;
struct window;

/* NULL: per_second is 0 or over 10^18, burst or keys_max is 0, or there is no memory; then nothing is leaked. */
struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max);
bool limiter_allow(struct limiter *limiter, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns);

/* No call is in progress. NULL does nothing. */
void limiter_free(struct limiter *limiter);

/* NULL: limit or keys_max is 0, window_ns is 0 or no multiple of 64, or there is no memory; then nothing is leaked. */
struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max);
bool window_allow(struct window *window, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns);

/* No call is in progress. NULL does nothing. */
void window_free(struct window *window);

/* 16 bytes are compared and swapped as one by __sync_bool_compare_and_swap and __sync_val_compare_and_swap, of an
 * unsigned __int128 at a multiple of 16; the builds have what these need (-mcx16). */

#endif
