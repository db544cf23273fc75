/* SPDX-License-Identifier: MIT */
/* sim_interface.c -- epoll: what of the drivers is its own. */
#include "sim.h"

#include <errno.h>

const struct interface interface = {.make = "epoll_create1", .watch = "epoll_ctl", .watch_errno = ENOSPC};

const struct world_scenario world_scenarios[] = {ECHO_SCENARIOS, {"edges", life_edges}, {0}};
