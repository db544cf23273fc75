/* SPDX-License-Identifier: MIT
 *
 * crash.h -- signals: crashes of the subject, and loops that do nothing at all. */
#ifndef CRASH_H
#define CRASH_H

void crash_open(void);

#endif
