/* SPDX-License-Identifier: MIT */
/* observe.h -- what the kernel tells of another process of ours, without any
 * privilege. A process that has ended reads as zeroes. */
#ifndef C10KATA_OBSERVE_H
#define C10KATA_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct observed {
    uint64_t cpu_ns;         /* user and system, of all its threads, ended ones too */
    uint64_t resident_bytes; /* memory of its own: heap, stacks, touched zero pages */
    uint64_t threads;
    uint64_t switches; /* of the threads that live: gave up the CPU or had to */
};

struct observed observe(pid_t);

/* Do all of its threads sleep, right now? */
bool observe_asleep(pid_t);

/* Are all of them stopped, as SIGSTOP does? */
bool observe_stopped(pid_t);

#endif
