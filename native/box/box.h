/* SPDX-License-Identifier: MIT */
/* box.h -- what init.c asks of the other files. Linux alone has all of it. */
#ifndef BOX_H
#define BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What holds for the program and for all that it starts. 0: as it is outside. */
struct bounds {
    unsigned long long address_bytes, file_bytes, processes, cpu_s;
};

/* Sets them for the calling process, for good. False: errno says why. */
bool bounds_set(const struct bounds *bounds);

/* Refuses system calls that a program under test has no use for, for good: EPERM.
 * `traces`: ptrace stays, which LeakSanitizer stops its own threads with.
 * `rings`: io_uring stays, for a kata that is about it.
 * The caller can gain no privileges any more (no_new_privs). False: errno says why. */
bool filter_load(bool traces, bool rings);

/* What may be opened, with all that lies below; each list ends with NULL. */
struct walls {
    char *const *lists; /* the names in these folders only */
    char *const *reads;
    char *const *writes; /* and changed, and removed */
};

/* The calling process, and what it starts, opens nothing else, and signals nobody
 * else, for good. False: errno says why, ENOSYS where the kernel is too old. */
bool walls_set(const struct walls *walls);

#endif
