/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios. */
#include "scenario.h"

#include <stddef.h>

#include "driver.h"

const struct scenario scenarios[] = {{"interleaved", interleaved},
                                     {"kills", kills},
                                     {"openings", openings},
                                     {"locked", locked},
                                     {"faults", faults},
                                     {"files", files},
                                     {"takeover", takeover},
                                     {"counts", counts},
                                     {"churn", churn},
                                     {"bench", bench},
                                     {NULL, NULL}};
