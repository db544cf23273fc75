/* SPDX-License-Identifier: MIT */
/* main.c -- the native door: one scenario of one driver, once.
 *
 *   guest SCENARIO SEED EVIDENCE [name=number]...
 *
 * EVIDENCE is a descriptor's number, or the path of a file; the run's nonce is
 * read from there. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence.h"
#include "frames.h"
#include "gate.h"
#include "own.h"
#include "scenario.h"
#include "threads.h"

static char **parameters;

static _Noreturn void bad_request(const char *what, const char *name) {
    dprintf(STDERR_FILENO, "guest: %s '%s'\n", what, name);
    _exit(EXIT_BAD_REQUEST);
}

uint64_t scenario_param(const char *name) {
    size_t length = strlen(name);
    for (char **p = parameters; *p; p++)
        if (strncmp(*p, name, length) == 0 && (*p)[length] == '=') return strtoull(*p + length + 1, NULL, 10);
    bad_request("no parameter", name);
}

static void left_early(void *unused) {
    (void)unused;
    evidence_broken_off("the program", "ended its caller's thread (pthread_exit)", "calls that return",
                        "pthread_exit: which threads are the program's own?");
}

struct errand {
    void *(*run)(void *);
    void *argument;
};

/* The code under test, which is called on this thread, does not end it. */
static void *run_to_the_end(struct errand errand) {
    void *result;
    pthread_cleanup_push(left_early, NULL);
    result = errand.run(errand.argument);
    pthread_cleanup_pop(0);
    return result;
}

static void *begin(void *argument) {
    struct errand errand = *(struct errand *)argument;
    free(argument);
    return run_to_the_end(errand);
}

pthread_t gate_thread(void *(*run)(void *), void *argument) {
    pthread_t thread;
    struct errand *errand = malloc(sizeof *errand);
    if (errand) *errand = (struct errand){run, argument};
    if (!errand || thread_create(&thread, NULL, begin, errand) != 0) bad_request("cannot start", "a driver's thread");
    return thread;
}

struct play {
    void (*run)(uint64_t seed);
    uint64_t seed;
};

static void *play(void *argument) {
    struct play *one = argument;
    one->run(one->seed);
    return NULL;
}

static int evidence_descriptor(const char *where) {
    char *end;
    long fd = strtol(where, &end, 10);
    return *end == '\0' ? (int)fd : open(where, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

int main(int argc, char **argv) {
    if (argc < 4) bad_request("usage:", "guest SCENARIO SEED EVIDENCE [name=number]...");
    parameters = argv + 4;
    for (const struct scenario *s = scenarios; s->name; s++) {
        if (strcmp(s->name, argv[1]) != 0) continue;
        own_seal();
        evidence_open(evidence_descriptor(argv[3]));
        stacks_install(!SANITIZED);
        run_to_the_end((struct errand){play, &(struct play){s->run, strtoull(argv[2], NULL, 10)}});
        frame_end();
        return 0; /* by the front door: leak checkers run at exit */
    }
    dprintf(STDERR_FILENO, "guest: kata.ts names the scenario '%s'; the drivers have", argv[1]);
    for (const struct scenario *s = scenarios; s->name; s++) dprintf(STDERR_FILENO, " %s", s->name);
    dprintf(STDERR_FILENO, "\n");
    _exit(EXIT_BAD_REQUEST);
}
