/* SPDX-License-Identifier: MIT */
/* histogram.h -- durations counted in bins of about 3 % width: 32 bins for
 * each power of two, so that a percentile is right within a bin whatever its
 * size. Zero bytes are an empty one; one thread adds at a time. */
#ifndef C10KATA_HISTOGRAM_H
#define C10KATA_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_FINE 5 /* bits below the leading one that tell bins apart */
#define HISTOGRAM_BINS ((64 - HISTOGRAM_FINE + 1) << HISTOGRAM_FINE)

struct histogram {
    uint64_t total, max;
    uint64_t bins[HISTOGRAM_BINS];
};

static inline size_t histogram_bin(uint64_t value) {
    if (value < (1u << HISTOGRAM_FINE)) return value;
    unsigned above = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_FINE;
    return ((size_t)above << HISTOGRAM_FINE) + (value >> above);
}

static inline void histogram_add(struct histogram *h, uint64_t value) {
    h->bins[histogram_bin(value)]++;
    h->total++;
    if (value > h->max) h->max = value;
}

static inline void histogram_merge(struct histogram *into, const struct histogram *from) {
    for (size_t i = 0; i < HISTOGRAM_BINS; i++) into->bins[i] += from->bins[i];
    into->total += from->total;
    if (from->max > into->max) into->max = from->max;
}

/* Bins up to the last that counts something. */
static inline size_t histogram_length(const struct histogram *h) {
    return h->total ? histogram_bin(h->max) + 1 : 0;
}

/* The largest value of the bin in which the given share (0 to 1) is reached;
 * 0 when empty. */
static inline uint64_t histogram_at(const struct histogram *h, double share) {
    uint64_t wanted = (uint64_t)(share * (double)h->total), seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BINS && h->total > 0; i++) {
        seen += h->bins[i];
        if (seen == 0 || seen < wanted) continue;
        size_t above = i >> HISTOGRAM_FINE ? (i >> HISTOGRAM_FINE) - 1 : 0;
        uint64_t low = i < (2u << HISTOGRAM_FINE) ? i : (uint64_t)(i - (above << HISTOGRAM_FINE)) << above;
        uint64_t high = low + (UINT64_C(1) << above) - 1;
        return high < h->max ? high : h->max;
    }
    return 0;
}

#endif
