/* SPDX-License-Identifier: MIT */
/* lines.h -- which memory the learner's code writes, and which thread writes it: for who shares a cache line. The
 * stress build's; in others nothing is noted. What the C library writes for the learner (memcpy, say) is not noted. */
#ifndef C10KATA_LINES_H
#define C10KATA_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From here to lines_end() the calling thread's writes are noted, as those of `who` (below LINES_WHO), in addition to
 * what was noted of it before. One thread at a time is one `who`. */
#define LINES_WHO 64
void lines_begin(uint64_t who);
void lines_end(void);

/* Reports the rows `writes`, which harness/src/judge/lines.ts judges, and forgets them: when the threads have been
 * joined. Of heap_keep_blocks() they have the block that was written. */
void lines_report(void);

/* native/stress tells each write; `update`: an atomic read-modify-write. `caller`: the return address. */
void lines_note(const volatile void *at, size_t size_bytes, bool update, void *caller);

#endif
