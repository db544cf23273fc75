/* SPDX-License-Identifier: MIT
 *
 * options.c -- reading the command line. */
#include "options.h"

#include "findings.h"
#include "progress.h"
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_EXECUTIONS = 20000, DEFAULT_EXHAUSTIVE_LIMIT = 2000000, DEFAULT_WIDTH = 100 };

static _Noreturn void usage(const char *problem, const char *value) {
    fprintf(stderr, "explorer: %s%s\n", problem, value);
    fputs("usage: explorer SUBJECT.so [--scenario NAME] [--seed S] [--executions N]\n"
          "                [--seconds N] [--exhaustive PREEMPTIONS | all] [--every-order]\n"
          "                [--about VERDICT,...] [--json PATH | --json-fd N] [--width N] [--plain-steps]\n"
          "                [--quiet] [--list]\n",
          stderr);
    exit(2);
}

static uint64_t number(const char *text, int base) {
    char *end;
    unsigned long long value = strtoull(text, &end, base);
    if (end == text || *end || *text == '-') usage("not a number: ", text);
    return value;
}

static void read_seed(struct options *options, const char *text) {
    options->seed = text;
    options->seed_is_script = text[0] == 'x';
    if (!options->seed_is_script)
        options->first_seed = number(text, 16);
    else if (!script_read(&script, text))
        usage("not a seed: ", text);
}

static int terminal_width(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col ? DEFAULT_WIDTH : size.ws_col;
}

static bool read_flag(struct options *options, const char *name) {
    if (!strcmp(name, "--quiet"))
        options->quiet = true;
    else if (!strcmp(name, "--plain-steps"))
        plain_steps = true;
    else if (!strcmp(name, "--list"))
        options->list = true;
    else if (!strcmp(name, "--every-order"))
        options->every_order = true;
    else
        return false;
    return true;
}

static void read_value(struct options *options, const char *name, const char *value) {
    if (!value) usage("no value for ", name);
    if (!strcmp(name, "--scenario")) {
        options->scenario = value;
    } else if (!strcmp(name, "--seed")) {
        read_seed(options, value);
    } else if (!strcmp(name, "--executions")) {
        options->executions = number(value, 10);
    } else if (!strcmp(name, "--seconds")) {
        options->seconds = number(value, 10);
    } else if (!strcmp(name, "--exhaustive")) {
        options->exhaustive = true;
        options->max_preemptions = strcmp(value, "all") ? (uint32_t)number(value, 10) : UINT32_MAX;
    } else if (!strcmp(name, "--about")) {
        if (!findings_ask_for(value)) usage("not a list of verdicts: ", value);
    } else if (!strcmp(name, "--json")) {
        options->json = value;
    } else if (!strcmp(name, "--json-fd")) {
        options->json = value;
        options->json_descriptor = (int)number(value, 10);
    } else if (!strcmp(name, "--width")) {
        options->width = (int)number(value, 10);
    } else {
        usage("unknown option ", name);
    }
}

void options_read(struct options *options, int argc, char **argv) {
    *options = (struct options){.seed = "0", .json_descriptor = -1, .width = terminal_width()};
    for (int i = 1; i < argc; i++) {
        if (read_flag(options, argv[i])) continue;
        if (!strncmp(argv[i], "--", 2)) {
            read_value(options, argv[i], argv[i + 1]);
            i++;
        } else {
            options->subject = argv[i];
        }
    }
    if (!options->subject) usage("no subject", "");
    if (!options->executions) options->executions = options->exhaustive ? DEFAULT_EXHAUSTIVE_LIMIT : DEFAULT_EXECUTIONS;
}
