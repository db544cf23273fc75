/* SPDX-License-Identifier: MIT */
/* learners_last.c -- linked after the learner's objects, as learners_first.c is before them, and as wide as OBJECT in
 * trespass.h.
 * See own.c. */
extern char learners_data_last[], learners_bss_last[];
extern _Thread_local char learners_tls_data_last[], learners_tls_zeros_last[];
char learners_data_last[64] __attribute__((aligned(64))) = {1};
char learners_bss_last[64] __attribute__((aligned(64)));
_Thread_local char learners_tls_data_last[64] __attribute__((aligned(64))) = {1};
_Thread_local char learners_tls_zeros_last[64] __attribute__((aligned(64)));
