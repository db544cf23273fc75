/* SPDX-License-Identifier: MIT */
/* threads.c -- each thread gets a second stack for fatal signals: the far end of its own, where its first
 * function is, so that nothing has to be given back. In the builds that look for crashes the linker sends
 * all calls of pthread_create here (--wrap), the learner's too. */
#include "threads.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "frames.h"
#include "own.h"

enum { ROOMY = 16 * STACKS_ALTERNATE };

int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) __attribute__((weak));
int __wrap_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

struct beginning {
    void *(*run)(void *);
    void *argument;
    bool roomy;
};

/* Never inlined: a thread with a small stack has no room for it. */
__attribute__((noinline)) static void *run_roomy(struct beginning b) {
    char alternate[STACKS_ALTERNATE];
    sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = sizeof alternate}, NULL);
    void *result = b.run(b.argument);
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    return result;
}

static void *begin(void *argument) {
    struct beginning b = *(struct beginning *)argument;
    free(argument);
    own_thread_begins();
    return b.roomy ? run_roomy(b) : b.run(b.argument);
}

static size_t stack_size(const pthread_attr_t *attributes) {
    size_t size = 0;
    pthread_attr_t none;
    if (attributes) return pthread_attr_getstacksize(attributes, &size), size;
    if (pthread_attr_init(&none) != 0) return 0;
    pthread_attr_getstacksize(&none, &size);
    pthread_attr_destroy(&none);
    return size;
}

static int create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    return __real_pthread_create ? __real_pthread_create(thread, attributes, run, argument)
                                 : pthread_create(thread, attributes, run, argument);
}

int thread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    struct beginning *b = SANITIZED ? NULL : malloc(sizeof *b);
    if (!b) return create(thread, attributes, run, argument);
    *b = (struct beginning){run, argument, stack_size(attributes) >= ROOMY};
    int error = create(thread, attributes, begin, b);
    if (error) free(b);
    return error;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    return thread_create(thread, attributes, run, argument);
}
