/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios on real sockets. */
#include <stddef.h>

#include "network.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"one_byte", one_byte},       {"held", held},   {"unusual", unusual}, {"message_cost", message_cost},
    {"two_servers", two_servers}, {"bench", bench}, {"compare", compare}, {NULL, NULL},
};
