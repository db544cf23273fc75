/* SPDX-License-Identifier: MIT */
/* fault.h -- what a signal's handler is told: where the thread was, and whether its stack was used up. */
#ifndef C10KATA_FAULT_H
#define C10KATA_FAULT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

static inline uintptr_t fault_pc(const void *context) {
    const ucontext_t *machine = context;
#if defined(__x86_64__)
    return (uintptr_t)machine->uc_mcontext.gregs[REG_RIP];
#else
    return (uintptr_t)machine->uc_mcontext.pc;
#endif
}

static inline uintptr_t fault_sp(const void *context) {
    const ucontext_t *machine = context;
#if defined(__x86_64__)
    return (uintptr_t)machine->uc_mcontext.gregs[REG_RSP];
#else
    return (uintptr_t)machine->uc_mcontext.sp;
#endif
}

/* It touched the page at the end of its stack, or less than a page below it: a push, a call, a local variable, or
 * a probe of -fstack-clash-protection. Whose stack it is does not matter. */
static inline bool fault_is_stack_overflow(const siginfo_t *info, const void *context) {
    enum { PAGE = 4096, NULL_PAGES = 16 };
    uintptr_t at = (uintptr_t)info->si_addr, sp = fault_sp(context);
    bool by_access = info->si_signo == SIGSEGV && (info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR);
    return by_access && at / PAGE >= NULL_PAGES && (at / PAGE == sp / PAGE || (at < sp && sp - at <= PAGE));
}

#endif
