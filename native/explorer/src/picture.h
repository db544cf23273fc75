/* SPDX-License-Identifier: MIT
 *
 * picture.h -- the trace for humans: one column per thread, one row per step. */
#ifndef PICTURE_H
#define PICTURE_H

#include "result.h"

/* Falls back to one indented list when the columns would be too narrow for `width` characters. */
void picture_draw(const struct result *, int width, FILE *);

#endif
