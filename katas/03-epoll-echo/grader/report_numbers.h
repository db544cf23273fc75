/* SPDX-License-Identifier: MIT */
/* report_numbers.h -- a report of the load generator's as network-evidence.ts reads it. */
#ifndef REPORT_NUMBERS_H
#define REPORT_NUMBERS_H

#include <stdint.h>
#include <string.h>

#include "loadgen.h"

enum { REPORT_NUMBERS = 28 };

static inline void report_numbers(const struct load_report *r, uint64_t numbers[static REPORT_NUMBERS]) {
    const struct histogram *latency = &r->latency_ns;
    const uint64_t head[] = {r->clients,
                             r->messages,
                             r->bytes,
                             r->ns,
                             histogram_at(latency, 0.5),
                             histogram_at(latency, 0.99),
                             histogram_at(latency, 0.999),
                             latency->max};
    const struct load_witness *const witnesses[] = {&r->wrong, &r->cut, &r->unended, &r->unserved};
    memcpy(numbers, head, sizeof head);
    numbers += sizeof head / sizeof *head;
    for (size_t i = 0; i < sizeof witnesses / sizeof *witnesses; i++) {
        const struct load_witness *w = witnesses[i];
        const uint64_t values[] = {w->clients, w->client, w->at, w->expected, w->seen};
        memcpy(numbers, values, sizeof values);
        numbers += sizeof values / sizeof *values;
    }
}

#endif
