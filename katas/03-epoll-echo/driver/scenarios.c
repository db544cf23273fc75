/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios on real sockets. */
#include <stddef.h>

#include "scenario.h"

const struct scenario scenarios[] = {{NULL, NULL}};
