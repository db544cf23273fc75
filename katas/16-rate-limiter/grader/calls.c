/* SPDX-License-Identifier: MIT */
/* calls.c -- scripted calls, whose answers are put into words. */
#include <inttypes.h>
#include <stdio.h>

#include "driver.h"

/* What *retry_after_ns holds before a call, and still holds if nothing was written. */
#define UNTOUCHED UINT64_C(0x5ca1ab1e0ddba115)

static const char *words(bool allowed, uint64_t retry) {
    static char text[96];
    if (allowed && retry == 0) return "allowed";
    if (retry == UNTOUCHED)
        snprintf(text, sizeof text, "%s, *retry_after_ns not written", allowed ? "allowed" : "refused");
    else if (retry == UINT64_MAX && !allowed)
        return "refused for ever";
    else
        snprintf(text, sizeof text, "%s, retry after %" PRIu64 " ns", allowed ? "allowed" : "refused", retry);
    return text;
}

const char *script_allow(struct limiter *limiter, uint64_t key, uint64_t cost, uint64_t now_ns);
const char *script_allow(struct limiter *limiter, uint64_t key, uint64_t cost, uint64_t now_ns) {
    uint64_t retry = UNTOUCHED;
    bool allowed = limiter_allow(limiter, key, cost, now_ns, &retry);
    return words(allowed, retry);
}

/* So many calls at one moment: how many were allowed. */
uint64_t script_count_all(struct window *window, uint64_t key, uint64_t now_ns, uint64_t calls);
uint64_t script_count_all(struct window *window, uint64_t key, uint64_t now_ns, uint64_t calls) {
    uint64_t allowed = 0;
    while (calls-- > 0) allowed += window_allow(window, key, now_ns, NULL);
    return allowed;
}

const char *script_count(struct window *window, uint64_t key, uint64_t now_ns);
const char *script_count(struct window *window, uint64_t key, uint64_t now_ns) {
    uint64_t retry = UNTOUCHED;
    bool allowed = window_allow(window, key, now_ns, &retry);
    return words(allowed, retry);
}
