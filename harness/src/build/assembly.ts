// SPDX-License-Identifier: MIT
/**
 * Assembler statements of a kata that allows them for switching stacks: instructions that move and keep registers, and
 * go on elsewhere. No system call, nothing that only a number names. Pure.
 */
import type { Line } from "./attributes.ts";

const INSTRUCTIONS = new Set(
  (
    "push pushq pop popq mov movq movl lea leaq add addq sub subq and andq xor xorl xorq xchg xchgq jmp call callq ret retq nop ud2 endbr64 " +
    "stmxcsr ldmxcsr fnstcw fldcw movaps movups movdqu movdqa " +
    "stp ldp str ldr b bl br blr brk bti hint mrs msr"
  ).split(" "),
);
const DIRECTIVES =
  /^\.(text|globl|global|hidden|local|type|size|align|balign|p2align|cfi_\w+|previous|pushsection|popsection|section)\b/;
const SECTION = /^\.(?:push)?section\b(?!\s+(?:\.text|\.note\.GNU-stack)\b)/;
const LABEL = /^[A-Za-z_.][\w.$]*:|^\d+:/;
const STATEMENT =
  /\b(?:asm|__asm|__asm__)\b(?:\s*(?:volatile|__volatile|__volatile__|goto|inline))*\s*\(((?:"(?:\\.|[^"\\])*"|[^"()]|\([^()]*\))*)\)/g;

/** The first word that is no part of a switch of stacks, or undefined. */
export function strangeAssembly(lines: Line[]): { line: number; word: string } | undefined {
  const text = lines.map(({ code }) => code).join("\n");
  for (const { 0: whole, 1: inside, index } of text.matchAll(STATEMENT)) {
    const template = [...inside!.split(/(?<=["\s]):/)[0]!.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, part]) => part!);
    const word = template
      .join("")
      .split(/\\n|;/)
      .map(strangeIn)
      .find((found) => found !== undefined);
    const at = text.slice(0, index + whole.indexOf("(")).split("\n").length - 1;
    if (word !== undefined) return { line: lines[at]!.line, word };
  }
  return undefined;
}

function strangeIn(statement: string): string | undefined {
  let rest = statement.replaceAll(/\\t|%%/g, (found) => (found === "%%" ? "%" : " ")).trim();
  while (LABEL.test(rest)) rest = rest.replace(LABEL, "").trim();
  if (rest === "" || rest.startsWith("#") || rest.startsWith("//")) return undefined;
  const word = rest.split(/\s/)[0]!;
  if (SECTION.test(rest)) return rest;
  return DIRECTIVES.test(rest) || INSTRUCTIONS.has(word.toLowerCase()) ? undefined : word;
}

/** Without them: what is left may not mention assembly. */
export const withoutAssembly = (code: string) => code.replace(STATEMENT, (found) => found.replace(/[^\n]/g, ""));
