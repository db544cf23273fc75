/* SPDX-License-Identifier: MIT */
/* main.c -- the command line and the result document.
 *
 *   simulation --scenario NAME [--seed HEX] [--executions N] [--seconds N]
 *              [--json PATH]
 *
 * The document is the schedule explorer's (native/explorer/README.md), with
 * column 0 for the server and one column per client. Exit status: 0 nothing
 * found, 1 found, 2 a wrong command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "life.h"
#include "lives.h"
#include "report.h"
#include "search.h"

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0) return argv[i + 1];
    return otherwise;
}

static const struct world_scenario *scenario_named(const char *name) {
    for (const struct world_scenario *s = world_scenarios; s->name; s++)
        if (strcmp(s->name, name) == 0) return s;
    return NULL;
}

int main(int argc, char **argv) {
    const char *name = option(argc, argv, "--scenario", ""), *json = option(argc, argv, "--json", NULL);
    const struct world_scenario *scenario = scenario_named(name);
    if (!scenario) {
        fprintf(stderr, "simulation: kata.ts names the scenario '%s'; the drivers have", name);
        for (const struct world_scenario *s = world_scenarios; s->name; s++) fprintf(stderr, " %s", s->name);
        fprintf(stderr, "\n");
        return 2;
    }
    struct search s = {
        .play = lives_play,
        .first_seed = strtoull(option(argc, argv, "--seed", "1"), NULL, 16),
        .executions = strtoull(option(argc, argv, "--executions", "10000"), NULL, 10),
        .seconds = strtod(option(argc, argv, "--seconds", "60"), NULL),
    };
    life_prepare(scenario->run);
    bool found = search(&s);
    if (found) lives_shrink();
    char self[512] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return 2;
    report_prepare(self);
    if (json && !report_json(json, s.done, s.out_of_time)) return 2;
    return found;
}
