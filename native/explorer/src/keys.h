/* SPDX-License-Identifier: MIT
 *
 * keys.h -- thread-specific values with destructors (pthread_key_*, tss_*). */
#ifndef KEYS_H
#define KEYS_H

void keys_reset(void);

/* Runs the destructors of the running thread's values, as its end does. */
void keys_destroy_values(void);

#endif
