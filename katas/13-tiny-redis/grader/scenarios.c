/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios. */
#include "driver.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"refusals", refusals},
    {"growth", growth},
    {"churn", churn},
    {"neighbours", neighbours},
    {"bench", bench},
    {"cost", cost},
    {0},
};
