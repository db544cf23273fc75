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
/** Whole statements: what a directive is told could be bytes for an instruction, or code that runs while the program is loaded. */
const DIRECTIVES = [
  /^\.(text|previous|popsection)$/,
  /^\.(push)?section +\.text([.\w]*)( *, *"ax"( *, *[@%]progbits)?)?$/,
  /^\.(push)?section +\.note\.GNU-stack( *, *""( *, *[@%]progbits)?)?$/,
  /^\.(globl|global|hidden|local) +[\w.$]+$/,
  /^\.type +[\w.$]+ *, *[@%](function|object|notype)$/,
  /^\.size +[\w.$]+ *, *[\w.$ +-]+$/,
  /^\.(align|balign|p2align) +\d+$/,
  /^\.cfi_((start|end)proc|(def|adjust)_cfa\w*|(rel_)?offset|restore|undefined|same_value|register|return_column|remember_state|restore_state)( +[\w%,. +-]+)?$/,
];
/** Registers, numbers, names, and memory that one of them tells; no thread's own (%fs:0), no alternatives ({a|b}). */
const OPERANDS = /^[\w%$#()[\].,+*@! -]*$/;
const COMMENT = /(^|\s)(#\s|\/\/).*$/;
const LABEL = /^[A-Za-z_.][\w.$]*:|^\d+:/;
const STATEMENT =
  /\b(?:asm|__asm|__asm__)\b(?:\s*(?:volatile|__volatile|__volatile__|goto|inline))*\s*\(((?:"(?:\\.|[^"\\])*"|[^"()]|\([^()]*\))*)\)/g;
/** The strings that a statement begins with; behind them, operands. */
const TEMPLATE = /^\s*(?:"(?:\\.|[^"\\])*"\s*)+/;

/** The first word that is no part of a switch of stacks, or undefined. */
export function strangeAssembly(lines: Line[]): { line: number; word: string } | undefined {
  const text = lines.map(({ code }) => code).join("\n");
  for (const { 0: whole, 1: inside, index } of text.matchAll(STATEMENT)) {
    const parts = (TEMPLATE.exec(inside!)?.[0] ?? "").matchAll(/"((?:\\.|[^"\\])*)"/g);
    const word = strangeOf([...parts].map(([, part]) => part!).join(""));
    const at = text.slice(0, index + whole.indexOf("(")).split("\n").length - 1;
    if (word !== undefined) return { line: lines[at]!.line, word };
  }
  return undefined;
}

/** Of escapes only \n and \t: a number could stand for the end of a line. */
function strangeOf(template: string): string | undefined {
  const escaped = /\\[^nt]\w*/.exec(template)?.[0];
  return (
    escaped ??
    template
      .split(/\\n|;/)
      .map(strangeIn)
      .find((found) => found !== undefined)
  );
}

function strangeIn(statement: string): string | undefined {
  let rest = statement.replaceAll(/\\t|%%/g, (found) => (found === "%%" ? "%" : " ")).replace(COMMENT, "");
  for (rest = rest.trim(); LABEL.test(rest); rest = rest.replace(LABEL, "").trim());
  if (rest === "" || DIRECTIVES.some((form) => form.test(rest))) return undefined;
  const [word = "", ...operands] = rest.split(/\s+/);
  if (!INSTRUCTIONS.has(word.toLowerCase())) return word.startsWith(".") ? rest : word;
  return OPERANDS.test(operands.join(" ")) ? undefined : rest;
}

/** Without them: what is left may not mention assembly. */
export const withoutAssembly = (code: string) => code.replace(STATEMENT, (found) => found.replace(/[^\n]/g, ""));
