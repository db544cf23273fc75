/* SPDX-License-Identifier: MIT */
/* learners_first.c -- linked before the learner's objects: their static variables lie between this and learners_last.c.
 * See own.c. */
extern char learners_data_first[], learners_bss_first[];
extern _Thread_local char learners_tls_data_first[], learners_tls_zeros_first[];
char learners_data_first[64] __attribute__((aligned(64))) = {1};
char learners_bss_first[64] __attribute__((aligned(64)));
_Thread_local char learners_tls_data_first[64] __attribute__((aligned(64))) = {1};
_Thread_local char learners_tls_zeros_first[64] __attribute__((aligned(64)));
