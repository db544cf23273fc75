/* SPDX-License-Identifier: MIT */
/* overflow.c -- the memory right below the stack pointer can be read, unless the stack ends there. */
#include "overflow.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    BELOW = 128,        /* bytes under the stack pointer that a function may use: the red zone */
    FRAME_MAX = 1 << 20 /* of one function: it meets the end anywhere in its frame */
};

static uintptr_t stack_pointer(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.sp;
#else
    (void)context;
    return 0;
#endif
}

/* The kernel reads the set before it finds that there is no such operation. */
static bool is_readable(uintptr_t address) {
    int before = errno;
    (void)syscall(SYS_rt_sigprocmask, -1, address & ~(uintptr_t)7, NULL, (size_t)8);
    bool readable = errno != EFAULT;
    errno = before;
    return readable;
}

bool stack_overflowed(const siginfo_t *info, const void *context) {
    uintptr_t stack = stack_pointer(context), at = (uintptr_t)info->si_addr;
    bool near = at >= stack - FRAME_MAX && at < stack + FRAME_MAX;
    return info->si_signo == SIGSEGV && stack > FRAME_MAX && near && !is_readable(stack - BELOW);
}
