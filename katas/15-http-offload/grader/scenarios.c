/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios on real sockets. */
#include <stddef.h>

#include "driver.h"
#include "scenario.h"

const struct scenario scenarios[] = {{"crowd", crowd}, {"bench", bench}, {"latency", latency}, {NULL, NULL}};
