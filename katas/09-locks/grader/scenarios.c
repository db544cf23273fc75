/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios. */
#include "driver.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"play", play},       {"last_user", last_user}, {"signallers", signallers}, {"all", all},   {"units", units},
    {"readers", readers}, {"crowd", crowd},         {"bench", bench},           {"cost", cost}, {NULL, NULL},
};
