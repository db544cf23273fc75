/* SPDX-License-Identifier: MIT */
/* registers.c -- what a call has to keep, behind a wait.
 *
 *   registers  threads, rounds
 *
 * On one worker each thread has values of its own in the registers that a function has to keep, and a rounding of its
 * own, and yields. Evidence: `tried`; `lost`, how often a register had another value; `rounds_otherwise`, how often
 * a control word had. `known`: 0 on a processor whose registers this driver does not know. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

static uint64_t tried, lost, rounds_otherwise;

#if defined(__x86_64__)
enum { KNOWN = 1 };

/* rbx, rbp and r12 to r15 hold numbers from `value` on over a call of `function`; not 0: one of them has changed. */
uint64_t call_with(uint64_t value, void (*function)(void));
__asm__(".text\n"
        ".globl call_with\n"
        ".type call_with, @function\n"
        "call_with:\n"
        "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n  push %rdi\n"
        "  mov %rdi, %rbx\n  lea 1(%rdi), %rbp\n  lea 2(%rdi), %r12\n"
        "  lea 3(%rdi), %r13\n  lea 4(%rdi), %r14\n  lea 5(%rdi), %r15\n"
        "  call *%rsi\n"
        "  pop %rdi\n"
        "  mov %rbx, %rax\n  sub %rdi, %rax\n"
        "  sub %rdi, %rbp\n  dec %rbp\n  or %rbp, %rax\n"
        "  sub %rdi, %r12\n  sub $2, %r12\n  or %r12, %rax\n"
        "  sub %rdi, %r13\n  sub $3, %r13\n  or %r13, %rax\n"
        "  sub %rdi, %r14\n  sub $4, %r14\n  or %r14, %rax\n"
        "  sub %rdi, %r15\n  sub $5, %r15\n  or %r15, %rax\n"
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

static void yield_with(void *arg) {
    uint64_t me = (uint64_t)(uintptr_t)arg;
    set_rounding(me % 4);
    for (uint64_t i = 0; i < scenario_param("rounds"); i++) {
        lost += call_with((me + 1) << 32 | i << 8, green_yield) != 0;
        rounds_otherwise += !rounds_as(me % 4);
        tried++;
    }
    set_rounding(0);
}
#else
enum { KNOWN = 0 };

static void yield_with(void *arg) {
    (void)arg;
}
#endif

static void first(void *arg) {
    (void)arg;
    go_all(scenario_param("threads"), yield_with);
}

void registers(uint64_t seed) {
    (void)seed;
    run_green(1, first);
    evidence_count("known", KNOWN);
    evidence_count("tried", tried);
    evidence_count("lost", lost);
    evidence_count("rounds_otherwise", rounds_otherwise);
}
