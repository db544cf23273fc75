/* SPDX-License-Identifier: MIT */
/* statics_first.c -- linked before the learner's objects; see statics.c and stopped.c. */
extern char statics_data_first[], statics_bss_first[];
char statics_data_first[64] __attribute__((aligned(64))) = {1};
char statics_bss_first[64] __attribute__((aligned(64)));

void statics_code_first(void);
void statics_code_first(void) {
}
