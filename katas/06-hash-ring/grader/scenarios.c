/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios. */
#include "driver.h"

#include <stddef.h>

#include "scenario.h"

const struct scenario scenarios[] = {
    {"movement", movement}, {"shares", shares}, {"readers", readers}, {"counts", counts}, {"no_memory", no_memory},
    {"churn", churn},       {"rings", rings},   {"bench", bench},     {NULL, NULL},
};
