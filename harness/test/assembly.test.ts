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
  ["bytes in place of an instruction", 'asm(".byte 0x0f, 0x05");', 1, ".byte"],
  ["one behind a label", String.raw`asm("here: rdtsc\n");`, 1, "rdtsc"],
  ["one behind a semicolon", 'asm("nop; int $3");', 1, "int"],
  ["another section", 'asm(".section .init_array");', 1, ".section .init_array"],
  ["text from a file", String.raw`asm(".incbin \"x\"");`, 1, ".incbin"],
])("%s is named", (_, text, line, word) => {
  expect(strange(text)).toEqual({ line, word });
});

test("what is left keeps its lines", () => {
  expect(withoutAssembly(`int a;\n${SWITCH}\nint b;`).split("\n").length).toBe(6);
  expect(withoutAssembly(SWITCH)).not.toContain("asm");
});
