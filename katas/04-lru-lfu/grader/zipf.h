/* SPDX-License-Identifier: MIT */
/* zipf.h -- ranks 1 to n, rank k with a probability proportional to 1 / k^s.
 *
 * Exact for every n and s > 0 but 1, in constant time and memory: rejection-
 * inversion (Hormann and Derflinger, ACM TOMACS 1996). */
#ifndef ZIPF_H
#define ZIPF_H

#include <stdint.h>

#include "rng.h"

struct zipf {
    double s, n;
    double low, high; /* the range that is drawn from: areas under x^-s */
    double sure;      /* this close to the point that was hit, nothing is rejected */
};

struct zipf zipf_new(uint64_t n, double s);
uint64_t zipf_draw(const struct zipf *z, struct rng *rng);

#endif
