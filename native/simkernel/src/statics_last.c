/* SPDX-License-Identifier: MIT */
/* statics_last.c -- linked after the learner's objects; see statics.c and stopped.c. */
extern char statics_data_last[], statics_bss_last[];
char statics_data_last[64] __attribute__((aligned(64))) = {1};
char statics_bss_last[64] __attribute__((aligned(64)));

void statics_code_last(void);
void statics_code_last(void) {
}
