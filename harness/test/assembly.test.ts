// SPDX-License-Identifier: MIT
/** What a kata that allows assembler for switching stacks accepts of it. */
import { expect, test } from "bun:test";
import { strangeAssembly, withoutAssembly } from "../src/build/assembly.ts";

const lines = (text: string) => text.split("\n").map((code, at) => ({ line: at + 1, code }));
const strange = (text: string) => strangeAssembly(lines(text));

const SWITCH = String.raw`__asm__(".text\n"
        ".globl change\n"
        "change:\n\tpush %rbp; mov %rsp, (%rdi)\n"
        "  mov %rsi, %rsp\n  pop %rbp\n  ret\n");`;

test("a switch at file scope and operands of a statement are fine", () => {
  expect(strange(SWITCH)).toBeUndefined();
  expect(
    strange('void f(long *p) { __asm__ volatile("mov %%rsp, %0" : "=m"(*p) : "r"(g(1)) : "memory"); }'),
  ).toBeUndefined();
});

test.each([
  ["a system call", String.raw`asm volatile("mov $1, %eax\n syscall");`, 1, "syscall"],
  ["bytes in place of an instruction", 'asm(".byte 0x0f, 0x05");', 1, ".byte 0x0f, 0x05"],
  ["bytes that fill a gap", 'asm(".balign 4, 0x05");', 1, ".balign 4, 0x05"],
  ["a line that ends by a number", String.raw`asm("nop\012 syscall");`, 1, String.raw`\012`],
  ["another such one", String.raw`asm("nop\x0a syscall");`, 1, String.raw`\x0a`],
  ["one behind a comment with a colon", String.raw`asm("nop # :\n syscall\n ret" : : );`, 1, "syscall"],
  ["one of two alternatives", 'asm("nop {|rdtsc}");', 1, "nop {|rdtsc}"],
  ["a thread's own memory", 'asm("mov %fs:0, %rax");', 1, "mov %fs:0, %rax"],
  [
    "a function that is chosen while loading",
    'asm(".type f, %gnu_indirect_function");',
    1,
    ".type f, %gnu_indirect_function",
  ],
  ["what an unwinder carries out", 'asm(".cfi_escape 0x0f");', 1, ".cfi_escape 0x0f"],
  ["one behind a label", String.raw`asm("here: rdtsc\n");`, 1, "rdtsc"],
  ["one behind a semicolon", 'asm("nop; int $3");', 1, "int"],
  ["another section", 'asm(".section .init_array");', 1, ".section .init_array"],
  ["text from a file", String.raw`asm(".incbin \"x\"");`, 1, String.raw`\"x`],
])("%s is named", (_, text, line, word) => {
  expect(strange(text)).toEqual({ line, word });
});

test("what is left keeps its lines", () => {
  expect(withoutAssembly(`int a;\n${SWITCH}\nint b;`).split("\n").length).toBe(6);
  expect(withoutAssembly(SWITCH)).not.toContain("asm");
});
