/* SPDX-License-Identifier: MIT */
#ifndef THREADS_PROOF_H
#define THREADS_PROOF_H

/* Watches `stop_fd`, has `jobs` jobs done by two workers, and answers their sum. */
int pool_run(int stop_fd, int jobs, void (*job)(void));

#endif
