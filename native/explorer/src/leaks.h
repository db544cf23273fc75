/* SPDX-License-Identifier: MIT
 *
 * leaks.h -- blocks that nobody can free any more. */
#ifndef LEAKS_H
#define LEAKS_H

/* At the end of an execution: notes the verdict when a live block is reachable from nowhere. */
void leaks_check(void);

#endif
