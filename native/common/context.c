/* SPDX-License-Identifier: MIT
 *
 * context.c -- x86-64 (System V) and AArch64. A port adds its two pieces here. */
#include "context.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

enum { SAVED_WORDS = 6 };

__asm__(".text\n"
        ".globl context_switch\n"
        ".hidden context_switch\n"
        ".type context_switch, @function\n"
        "context_switch:\n"
        "  push %rbp\n  push %rbx\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
        "  mov %rsp, (%rdi)\n"
        "  mov %rsi, %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n  pop %rbp\n"
        "  ret\n"
        ".size context_switch, . - context_switch\n");

void *context_new(char *stack_top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)((uintptr_t)stack_top & ~(uintptr_t)15);
    *--sp = 0; /* entry starts as if called: 8 below a multiple of 16, with no caller */
    *--sp = (uint64_t)(uintptr_t)entry;
    sp -= SAVED_WORDS;
    memset(sp, 0, SAVED_WORDS * sizeof *sp);
    return sp;
}

#elif defined(__aarch64__)

enum { SAVED_WORDS = 20, LINK_REGISTER = 11 };

__asm__(".text\n"
        ".globl context_switch\n"
        ".hidden context_switch\n"
        ".type context_switch, %function\n"
        "context_switch:\n"
        "  sub sp, sp, #160\n"
        "  stp x19, x20, [sp, #0]\n  stp x21, x22, [sp, #16]\n  stp x23, x24, [sp, #32]\n"
        "  stp x25, x26, [sp, #48]\n  stp x27, x28, [sp, #64]\n  stp x29, x30, [sp, #80]\n"
        "  stp d8, d9, [sp, #96]\n  stp d10, d11, [sp, #112]\n"
        "  stp d12, d13, [sp, #128]\n  stp d14, d15, [sp, #144]\n"
        "  mov x9, sp\n"
        "  str x9, [x0]\n"
        "  mov sp, x1\n"
        "  ldp x19, x20, [sp, #0]\n  ldp x21, x22, [sp, #16]\n  ldp x23, x24, [sp, #32]\n"
        "  ldp x25, x26, [sp, #48]\n  ldp x27, x28, [sp, #64]\n  ldp x29, x30, [sp, #80]\n"
        "  ldp d8, d9, [sp, #96]\n  ldp d10, d11, [sp, #112]\n"
        "  ldp d12, d13, [sp, #128]\n  ldp d14, d15, [sp, #144]\n"
        "  add sp, sp, #160\n"
        "  ret\n"
        ".size context_switch, . - context_switch\n");

void *context_new(char *stack_top, void (*entry)(void)) {
    uint64_t *sp = (uint64_t *)((uintptr_t)stack_top & ~(uintptr_t)15) - SAVED_WORDS;
    memset(sp, 0, SAVED_WORDS * sizeof *sp);
    sp[LINK_REGISTER] = (uint64_t)(uintptr_t)entry;
    return sp;
}

#else
#error "context.c: add the stack switch of this processor"
#endif
