/* SPDX-License-Identifier: MIT */
/* kinds.h -- a request of each kind, in this process. */
#ifndef KINDS_H
#define KINDS_H

#include <stdbool.h>

#include "idempotent_api.h"

enum kind { FRESH, REPLAY, REUSED, POOR, UNKNOWN, MALFORMED, NO_KEY, TOO_RICH, BALANCE, NOBODY, EXPIRED, KINDS };

/* The accounts that they need, and more. */
bool kind_fill(void);

/* Must the key have an answer before? */
bool kind_needs_answer(enum kind kind);

/* Was it answered as its kind is? */
bool kind_ask(struct api *api, enum kind kind, const char *key);

#endif
