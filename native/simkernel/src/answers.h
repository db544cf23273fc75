/* SPDX-License-Identifier: MIT */
/* answers.h -- where the choices of a life come from (choice.h). */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdint.h>

void answers_from_seed(uint64_t seed);
/* What `script` holds, and the plain way beyond its end. */
void answers_from_script(void);

#endif
