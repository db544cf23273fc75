/* SPDX-License-Identifier: MIT
 *
 * search.h -- one execution after another, until one has found something. */
#ifndef SEARCH_H
#define SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct search {
    bool (*play)(uint64_t seed); /* one execution; true: the search is over */
    uint64_t first_seed;         /* the next ones follow */
    uint64_t executions;         /* at most */
    double seconds;              /* at most, of the clock on the wall; 0: no limit */
    uint64_t done;               /* executions played */
    bool out_of_time;            /* fewer than asked for, since `seconds` were over */
};

/* True: the last execution ended the search. False: a limit did. */
bool search(struct search *);

#endif
