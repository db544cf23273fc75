/* SPDX-License-Identifier: MIT
 *
 * crash.h -- signals: crashes of the subject, and loops that do nothing at all. */
#ifndef CRASH_H
#define CRASH_H

#include <stdint.h>

void crash_open(void);

/* Grows whenever the program does anything the explorer sees. */
extern uint64_t progress;

#endif
