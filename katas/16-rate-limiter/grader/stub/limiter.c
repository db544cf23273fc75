/* SPDX-License-Identifier: MIT */
/* limiter.c -- token buckets and sliding windows, in one process.
 *
 * This is one of two files that you edit. The full contract is in limiter.h;
 * run `bun kata hint 16` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. No key gets more than burst + per_second * t in any time t.
 *   2. Nobody is refused who could have been allowed, not by a millionth of a token.
 *   3. A refused caller knows when to come again, to the nanosecond.
 *   4. A thread that stops half-way stops no key whose bucket is not full.
 *
 * Before you type, answer this on paper: what would you have to know of a
 * bucket, if you were told only one thing about it, to say at any time how
 * much it holds? */
#include "limiter.h"

#include <stdlib.h>

struct limiter {
    int todo; /* What is kept of a key, and where is a key that is full? */
};

struct window {
    int todo; /* Of a call that was allowed, what is still known a moment later? */
};

struct limiter *limiter_new(uint64_t per_second, uint64_t burst, size_t keys_max) {
    (void)per_second, (void)burst, (void)keys_max;
    return calloc(1, sizeof(struct limiter));
}

/* Any thread may call this at any time. */
bool limiter_allow(struct limiter *limiter, uint64_t key, uint64_t cost, uint64_t now_ns, uint64_t *retry_after_ns) {
    (void)limiter, (void)key, (void)cost, (void)now_ns;
    if (retry_after_ns) *retry_after_ns = 0; /* TODO: when would it be allowed? */
    return false;                            /* TODO: take `cost` tokens, if they are there. */
}

void limiter_free(struct limiter *limiter) {
    free(limiter);
}

struct window *window_new(uint64_t limit, uint64_t window_ns, size_t keys_max) {
    (void)limit, (void)window_ns, (void)keys_max;
    return calloc(1, sizeof(struct window));
}

/* Any thread may call this at any time. */
bool window_allow(struct window *window, uint64_t key, uint64_t now_ns, uint64_t *retry_after_ns) {
    (void)window, (void)key, (void)now_ns;
    if (retry_after_ns) *retry_after_ns = 0;
    return false; /* TODO: count the call, if there is room for one more. */
}

void window_free(struct window *window) {
    free(window);
}
