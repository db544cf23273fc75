/* SPDX-License-Identifier: MIT */
/* limits.c -- set inside the box: from outside, a limit of processes would count
 * all that the user runs, and root would have none. */
#include <sys/resource.h>

#include "box.h"

static bool set(int resource, unsigned long long most) {
    struct rlimit limit = {most, most};
    return most == 0 || setrlimit(resource, &limit) == 0;
}

bool bounds_set(const struct bounds *bounds) {
    struct rlimit no_core = {0, 0};
    return setrlimit(RLIMIT_CORE, &no_core) == 0 && set(RLIMIT_AS, bounds->address_bytes) &&
           set(RLIMIT_FSIZE, bounds->file_bytes) && set(RLIMIT_NPROC, bounds->processes) &&
           set(RLIMIT_CPU, bounds->cpu_s);
}
