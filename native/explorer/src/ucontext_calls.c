/* SPDX-License-Identifier: MIT
 *
 * ucontext_calls.c -- makecontext. Its kin are the C library's own. */
#include "models.h"
#include "thread.h"
#include "verdict.h"

#include <stdarg.h>
#include <ucontext.h>

enum { ARGUMENTS = 6, STACK = 64 << 10 };

/* Where a function goes on that returns although nothing was linked behind it: for real, its thread ends there. */
static void report_return(void) {
    verdict_place(running->id, running->pc, 0, "returns");
    violate(VERDICT_MISUSE, "T%d returns from the function of a context without uc_link, behind {0}: its thread ends",
            running->id);
}

static ucontext_t *end_of_all(void) {
    static ucontext_t end;
    static char stack[STACK];
    getcontext(&end);
    end.uc_stack.ss_sp = stack;
    end.uc_stack.ss_size = sizeof stack;
    makecontext(&end, report_return, 0);
    return &end;
}

void model_makecontext(ucontext_t *context, void (*function)(void), int count, ...) {
    long a[ARGUMENTS] = {0}; /* a pointer in an int works on the processors that we know, and is widespread */
    va_list rest;
    if (count > ARGUMENTS) exceed("T%d calls makecontext with more than %d arguments", running->id, ARGUMENTS);
    va_start(rest, count);
    for (int i = 0; i < count; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    if (!context->uc_link) context->uc_link = end_of_all();
    makecontext(context, function, count, a[0], a[1], a[2], a[3], a[4], a[5]);
}
