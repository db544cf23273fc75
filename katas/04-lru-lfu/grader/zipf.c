/* SPDX-License-Identifier: MIT */
/* zipf.c -- rejection-inversion: draw a point under x^-s, take the nearest
 * whole number, and reject the points that stick out of its column. */
#include "zipf.h"

#include <math.h>

static double density(const struct zipf *z, double x) {
    return pow(x, -z->s);
}

static double area_to(const struct zipf *z, double x) {
    return (pow(x, 1 - z->s) - 1) / (1 - z->s);
}

static double end_of_area(const struct zipf *z, double area) {
    return pow(1 + area * (1 - z->s), 1 / (1 - z->s));
}

struct zipf zipf_new(uint64_t n, double s) {
    struct zipf z = {.s = s, .n = (double)n};
    z.low = area_to(&z, 1.5) - 1;
    z.high = area_to(&z, z.n + 0.5);
    z.sure = 2 - end_of_area(&z, area_to(&z, 2.5) - density(&z, 2));
    return z;
}

uint64_t zipf_draw(const struct zipf *z, struct rng *rng) {
    for (;;) {
        double uniform = (double)(rng_next(rng) >> 11) * 0x1p-53; /* in [0, 1) */
        double area = z->high + uniform * (z->low - z->high);
        double x = end_of_area(z, area), k = floor(x + 0.5);
        k = k < 1 ? 1 : k > z->n ? z->n : k;
        if (k - x <= z->sure || area >= area_to(z, k + 0.5) - density(z, k)) return (uint64_t)k;
    }
}
