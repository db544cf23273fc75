// SPDX-License-Identifier: MIT
/**
 * What a submission may not say, whatever its object looks like: words and directives that change what the builds
 * mean. Read after preprocessing, so that no macro hides a word; a file that would lie about its own lines, and a file
 * that is another one in another build, are refused first.
 */
import { strangeAssembly, withoutAssembly } from "./assembly.ts";
import { hiddenIn, type Line } from "./attributes.ts";
import { preprocess } from "./learner.ts";
import { trickIn } from "./directives.ts";
import { insideOfStream } from "./streams.ts";
import type { Build, Finding, Kata } from "../kata/kata.ts";
import type { SourceFile, Submission } from "./submission.ts";

/** They lead to memory that was not handed over: callers' frames, what else is loaded, the C library's own state. */
const REACHES =
  /^(__builtin_(return_address|frame_address|\w+_return_addr|apply|apply_args|return|dwarf_cfa|eh_return|unwind_init|thread_pointer|set_thread_pointer|stack_address|stack_restore|(init|adjust)_trampoline|setjmp|longjmp|ia32_(rd|wr)[fg]sbase\d*)|__seg_[fg]s|_GLOBAL_OFFSET_TABLE_|__tls_get_addr|_IO_\w+)$/;
const LEADS_ELSEWHERE = "a way to memory that the contract does not hand over";
const ASSEMBLY = /^(__)?asm(__)?$/;
const GRADERS_OWN = /^__(tsan|asan|lsan|ubsan|sanitizer)_/;
/** clang makes them instructions that no build of ours is told of, and gcc knows none of them. */
const UNSEEN_ATOMICS = /^__(sync_fetch_and_u?(max|min)|(c11_)?atomic_(fetch_(max|min)|(max|min)_fetch))$/;

/** Builds whose preprocessor may see something else than the plain build's. */
const COMPARED: Build[] = ["asan", "tsan", "stress", "explore"];

/** The first thing in the file's text that is not allowed, if any. */
export async function forbiddenText(
  kata: Kata,
  submission: Submission,
  file: SourceFile,
): Promise<Finding | undefined> {
  const trick = trickIn(file.text);
  if (trick) {
    return { saw: `${file.shown}:${trick.line} has ${trick.shown}: ${trick.why}`, expected: "C11 without it" };
  }
  const [plain, ...others] = await Promise.all(
    (["plain", ...COMPARED] as const).map(async (build) =>
      readPreprocessed(await preprocess(kata, submission, file, build), file),
    ),
  );
  const odd = others.findIndex(({ lines }) => !Bun.deepEquals(lines, plain!.lines));
  return (
    foreignFile(kata, plain!, file) ??
    bannedWord(kata, plain!, file) ??
    hidden(plain!, file) ??
    (await reaching(plain!, file)) ??
    (odd >= 0 ? changes(COMPARED[odd]!, file) : undefined)
  );
}

interface Preprocessed {
  text: string;
  /** The submitted file's own lines, directives and comments gone. */
  lines: Line[];
  /** Files that it includes and that are not the system's. */
  included: string[];
}

/** Markers say where lines are from: `# LINE "FILE" 1 3`, where 1 is a file's begin and 3 a system's file. */
function readPreprocessed(text: string, file: SourceFile): Preprocessed {
  const lines: Preprocessed["lines"] = [];
  const included: string[] = [];
  let line = 0;
  let own = false;
  for (const code of text.split("\n")) {
    const marker = /^# (\d+) "((?:\\.|[^"\\])*)"([ \d]*)$/.exec(code);
    if (!marker) {
      if (own && code.trim() !== "") lines.push({ line, code });
      line++;
      continue;
    }
    const name = marker[2]!.replace(/\\(.)/g, "$1");
    line = Number(marker[1]);
    own = name === file.shown;
    const flags = marker[3]!.split(" ");
    if (flags.includes("1") && !flags.includes("3") && !name.startsWith("<")) included.push(name);
  }
  return { text, lines, included };
}

function foreignFile(kata: Kata, { included }: Preprocessed, file: SourceFile): Finding | undefined {
  const folder = file.shown.slice(0, file.shown.lastIndexOf("/") + 1);
  const foreign = included.map((name) => name.replace(/^(\.\/)+/, "")).find((name) => !isBeside(name, folder));
  if (foreign === undefined) return undefined;
  return {
    saw: `${file.shown} includes ${foreign.split("/").at(-1)} from another folder`,
    expected: `the header of ${kata.id}, and those of the system by their short names`,
  };
}

const isBeside = (name: string, folder: string) =>
  name.startsWith(folder) && /^[^/]+\.h$/.test(name.slice(folder.length));

/** An empty statement of assembly holds the compiler back from moving accesses across it, and is no instruction. */
const BARRIER =
  /\b(?:asm|__asm|__asm__)\s*(?:volatile|__volatile|__volatile__)?\s*\(\s*""\s*(?::\s*:\s*:\s*"memory"\s*)?\)/g;

function bannedWord(kata: Kata, { lines }: Preprocessed, file: SourceFile): Finding | undefined {
  const strange = kata.assembly ? strangeAssembly(lines) : undefined;
  if (strange) {
    return {
      saw: `${file.shown}:${strange.line} has assembler with '${strange.word}'`,
      expected: "assembler that keeps registers and switches stacks, and nothing else",
    };
  }
  for (const { line, code } of kata.assembly ? linesWithout(lines) : lines) {
    const words = withoutLiterals(code.replace(BARRIER, "")).match(/[A-Za-z_]\w*/g) ?? [];
    const word = words.find((name) => whyBanned(name) !== undefined);
    if (word === undefined) continue;
    return { saw: `${file.shown}:${line} uses ${word}: ${whyBanned(word)}`, expected: "C11 without it" };
  }
  return undefined;
}

/** A statement of assembly may go over several lines. */
function linesWithout(lines: Line[]): Line[] {
  const codes = withoutAssembly(lines.map(({ code }) => code).join("\n")).split("\n");
  return lines.map(({ line }, at) => ({ line, code: codes[at]! }));
}

const withoutLiterals = (code: string) => code.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""');

function hidden({ lines }: Preprocessed, file: SourceFile): Finding | undefined {
  const found = hiddenIn(lines.map(({ line, code }) => ({ line, code: withoutLiterals(code) })));
  return found && { saw: `${file.shown}:${found.line} uses ${found.shown}: ${found.why}`, expected: "C11 without it" };
}

async function reaching({ text, lines }: Preprocessed, file: SourceFile): Promise<Finding | undefined> {
  const found = await insideOfStream(text, lines);
  return (
    found && { saw: `${file.shown}:${found.line} uses ${found.word}: ${LEADS_ELSEWHERE}`, expected: "C11 without it" }
  );
}

function whyBanned(word: string): string | undefined {
  if (GRADERS_OWN.test(word)) return "a name that belongs to the grader's tools";
  if (REACHES.test(word)) return LEADS_ELSEWHERE;
  if (UNSEEN_ATOMICS.test(word))
    return "an atomic operation that the grader cannot watch; a compare-exchange can do the same";
  return ASSEMBLY.test(word) ? "inline assembly" : undefined;
}

function changes(build: Build, file: SourceFile): Finding {
  return {
    saw: `${file.shown} compiles to another program in the ${build} build than in the plain one`,
    expected: "the same program in every build",
    lookAt: "conditional compilation: on what does it depend?",
  };
}
