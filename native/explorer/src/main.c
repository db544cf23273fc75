/* SPDX-License-Identifier: MIT
 *
 * main.c -- the command: explorer SUBJECT.so [options]. README.md lists the options.
 *
 * Exit status: 0 nothing found, 1 something found, 2 misuse or a subject that cannot be explored.
 */
#include "execution.h"
#include "load.h"
#include "modes.h"
#include "options.h"
#include "picture.h"
#include "subject.h"
#include "trace.h"

#include "../include/explore.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct result result;

static void write_document(const struct options *options) {
    if (!options->json) return;
    FILE *file = options->json_descriptor >= 0 ? fdopen(options->json_descriptor, "w") : fopen(options->json, "w");
    if (!file) {
        perror(options->json);
        exit(2);
    }
    result_write(&result, file);
    fclose(file);
}

static _Noreturn void finish(const struct options *options) {
    result_resolve();
    write_document(options);
    if (!options->quiet) picture_draw(&result, options->width, stdout);
    fflush(stdout);
    bool refused = verdict.kind == VERDICT_UNKNOWN_SYMBOL || verdict.kind == VERDICT_LIMIT ||
                   verdict.kind == VERDICT_NOT_DETERMINISTIC;
    _exit(refused ? 2 : verdict.kind != VERDICT_PASS);
}

static void refuse(const struct options *options, const char *problem, bool unknown) {
    if (!unknown) {
        fprintf(stderr, "explorer: %s\n", problem);
        exit(2);
    }
    result.unknown = problem;
    verdict_note(VERDICT_UNKNOWN_SYMBOL, "the program refers to %s, which the explorer does not model", problem);
    finish(options);
}

static const struct explore_scenario *find_scenario(const char *name) {
    const struct explore_scenario *scenarios = subject_symbol("explore_scenarios");
    if (!scenarios || !scenarios->name) {
        fprintf(stderr, "explorer: the driver defines no explore_scenarios\n");
        exit(2);
    }
    for (const struct explore_scenario *at = scenarios; at->name; at++)
        if (!name || !strcmp(at->name, name)) return at;
    fprintf(stderr, "explorer: no scenario %s; there are", name);
    for (const struct explore_scenario *at = scenarios; at->name; at++) fprintf(stderr, " %s", at->name);
    fprintf(stderr, "\n");
    exit(2);
}

static _Noreturn void list_scenarios(void) {
    for (const struct explore_scenario *at = find_scenario(NULL); at->name; at++) puts(at->name);
    exit(0);
}

int main(int argc, char **argv) {
    struct options options;
    options_read(&options, argc, argv);
    char problem[1024];
    bool unknown;
    result = (struct result){
        .scenario = "", .mode = options.exhaustive ? "exhaustive" : "random", .strategy = "", .unknown = ""};
    if (!load_subject(options.subject, problem, sizeof problem, &unknown)) refuse(&options, problem, unknown);
    if (options.list) list_scenarios();
    const struct explore_scenario *scenario = find_scenario(options.scenario);
    result.scenario = scenario->name;
    executions_open(scenario->run);
    if (options.exhaustive)
        search_exhaustively(&options, &result);
    else
        search_randomly(&options, &result);
    finish(&options);
}
