/* SPDX-License-Identifier: MIT */
/* registers.c -- what a call has to keep, behind a wait.
 *
 *   registers  threads, rounds
 *
 * On one worker each thread has values of its own in the registers that a function has to keep, and a rounding of its
 * own, and yields. Evidence: `tried`; `lost`, how often a register had another value; `rounds_otherwise`, how often
 * a control word had. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

static uint64_t tried, lost, rounds_otherwise;

/* Over a call of `function` those registers have the values in `held`; behind it `held` has what is in them then. */
void call_with(uint64_t *held, void (*function)(void));

#if defined(__x86_64__)
enum { HELD = 6 }; /* rbx, rbp, r12 to r15 */

__asm__(".text\n"
        ".globl call_with\n"
        ".type call_with, @function\n"
        "call_with:\n"
        "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n  push %rdi\n"
        "  mov (%rdi), %rbx\n  mov 8(%rdi), %rbp\n  mov 16(%rdi), %r12\n"
        "  mov 24(%rdi), %r13\n  mov 32(%rdi), %r14\n  mov 40(%rdi), %r15\n"
        "  call *%rsi\n"
        "  pop %rdi\n"
        "  mov %rbx, (%rdi)\n  mov %rbp, 8(%rdi)\n  mov %r12, 16(%rdi)\n"
        "  mov %r13, 24(%rdi)\n  mov %r14, 32(%rdi)\n  mov %r15, 40(%rdi)\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
        "  ret\n"
        ".size call_with, . - call_with\n");

/* Bits 13 and 14 of mxcsr, 10 and 11 of the older unit's word. */
static void set_rounding(unsigned way) {
    unsigned newer;
    unsigned short older;
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(newer), "=m"(older));
    newer = (newer & ~0x6000u) | way << 13;
    older = (unsigned short)((older & ~0xc00u) | way << 10);
    __asm__ volatile("ldmxcsr %0\n fldcw %1" : : "m"(newer), "m"(older));
}

static bool rounds_as(unsigned way) {
    unsigned newer;
    unsigned short older;
    __asm__ volatile("stmxcsr %0\n fnstcw %1" : "=m"(newer), "=m"(older));
    return (newer >> 13 & 3) == way && (older >> 10 & 3) == way;
}
#elif defined(__aarch64__)
enum { HELD = 19 }; /* x19 to x29, d8 to d15 */

__asm__(".text\n"
        ".globl call_with\n"
        ".type call_with, %function\n"
        "call_with:\n"
        "  sub sp, sp, #176\n  str x0, [sp]\n"
        "  stp x19, x20, [sp, #16]\n  stp x21, x22, [sp, #32]\n  stp x23, x24, [sp, #48]\n"
        "  stp x25, x26, [sp, #64]\n  stp x27, x28, [sp, #80]\n  stp x29, x30, [sp, #96]\n"
        "  stp d8, d9, [sp, #112]\n  stp d10, d11, [sp, #128]\n"
        "  stp d12, d13, [sp, #144]\n  stp d14, d15, [sp, #160]\n"
        "  ldp x19, x20, [x0]\n  ldp x21, x22, [x0, #16]\n  ldp x23, x24, [x0, #32]\n"
        "  ldp x25, x26, [x0, #48]\n  ldp x27, x28, [x0, #64]\n  ldr x29, [x0, #80]\n"
        "  ldp d8, d9, [x0, #88]\n  ldp d10, d11, [x0, #104]\n"
        "  ldp d12, d13, [x0, #120]\n  ldp d14, d15, [x0, #136]\n"
        "  blr x1\n"
        "  ldr x0, [sp]\n"
        "  stp x19, x20, [x0]\n  stp x21, x22, [x0, #16]\n  stp x23, x24, [x0, #32]\n"
        "  stp x25, x26, [x0, #48]\n  stp x27, x28, [x0, #64]\n  str x29, [x0, #80]\n"
        "  stp d8, d9, [x0, #88]\n  stp d10, d11, [x0, #104]\n"
        "  stp d12, d13, [x0, #120]\n  stp d14, d15, [x0, #136]\n"
        "  ldp x19, x20, [sp, #16]\n  ldp x21, x22, [sp, #32]\n  ldp x23, x24, [sp, #48]\n"
        "  ldp x25, x26, [sp, #64]\n  ldp x27, x28, [sp, #80]\n  ldp x29, x30, [sp, #96]\n"
        "  ldp d8, d9, [sp, #112]\n  ldp d10, d11, [sp, #128]\n"
        "  ldp d12, d13, [sp, #144]\n  ldp d14, d15, [sp, #160]\n"
        "  add sp, sp, #176\n"
        "  ret\n"
        ".size call_with, . - call_with\n");

/* Bits 22 and 23 of fpcr. */
static void set_rounding(unsigned way) {
    uint64_t word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    word = (word & ~(UINT64_C(3) << 22)) | (uint64_t)way << 22;
    __asm__ volatile("msr fpcr, %0" : : "r"(word));
}

static bool rounds_as(unsigned way) {
    uint64_t word;
    __asm__ volatile("mrs %0, fpcr" : "=r"(word));
    return (word >> 22 & 3) == way;
}
#else
#error "registers.c: add the registers of this processor, as green.c adds its switch"
#endif

static bool keeps_registers(uint64_t value, void (*function)(void)) {
    uint64_t held[HELD];
    bool kept = true;
    for (uint64_t i = 0; i < HELD; i++) held[i] = value + i;
    call_with(held, function);
    for (uint64_t i = 0; i < HELD; i++) kept &= held[i] == value + i;
    return kept;
}

static void yield_with(void *arg) {
    uint64_t me = (uint64_t)(uintptr_t)arg;
    set_rounding(me % 4);
    for (uint64_t i = 0; i < scenario_param("rounds"); i++) {
        lost += !keeps_registers((me + 1) << 32 | i << 8, green_yield);
        rounds_otherwise += !rounds_as(me % 4);
        tried++;
    }
    set_rounding(0);
}

static void first(void *arg) {
    (void)arg;
    go_all(scenario_param("threads"), yield_with);
}

void registers(uint64_t seed) {
    (void)seed;
    run_green(1, first);
    evidence_count("tried", tried);
    evidence_count("lost", lost);
    evidence_count("rounds_otherwise", rounds_otherwise);
}
