// SPDX-License-Identifier: MIT
/**
 * What the learner's object imports and defines, against the kata's rules: an allow-list, so that what nobody thought
 * of is refused by name and not by accident later. Purely static: nothing of the learner's runs.
 */
import { preprocess } from "./build.ts";
import { command, Unusable } from "./command.ts";
import type { Finding, Kata } from "./kata.ts";
import type { Submission } from "./submission.ts";
import { toolchain } from "./toolchain.ts";

export interface Audit {
  /** Contract functions that no object defines. */
  lacking: string[];
  /** The first thing that is not allowed, if any. */
  forbidden?: Finding;
  /** Global names beyond the contract: harmless, kept local by the build. */
  localize: string[];
}

/** What a compiler may call on its own behalf, and assert(). */
const COMPILERS_OWN = new Set(
  "memcpy memmove memset memcmp __stack_chk_fail __assert_fail _GLOBAL_OFFSET_TABLE_ __tls_get_addr".split(" "),
);

const BANNED_WORDS: Record<string, string> = {
  asm: "inline assembly",
  __asm: "inline assembly",
  __asm__: "inline assembly",
  no_sanitize: "switching a sanitizer off",
  no_sanitize_thread: "switching a sanitizer off",
  no_sanitize_address: "switching a sanitizer off",
  no_sanitize_undefined: "switching a sanitizer off",
  no_sanitize_coverage: "switching the step counter off",
  disable_sanitizer_instrumentation: "switching a sanitizer off",
  no_address_safety_analysis: "switching a sanitizer off",
};

export async function audit(kata: Kata, submission: Submission, objects: string[]): Promise<Audit> {
  const files = await Promise.all(
    submission.files.map(async (file, at) => ({
      file,
      symbols: await symbolsOf(objects[at]!),
      startsEarly: await hasConstructor(objects[at]!),
      word: await bannedWord(kata, file),
    })),
  );
  const defined = files.flatMap(({ symbols }) => symbols.filter((symbol) => symbol.defined));
  const lacking = kata.exports.filter((name) => !defined.some((symbol) => symbol.name === name));
  const contract = new Set([...kata.exports, ...kata.imports, ...COMPILERS_OWN]);
  const reserved = await libraryNames();

  const findings = files.flatMap(({ file, symbols, startsEarly, word }): Finding[] => [
    ...symbols
      .filter((symbol) => !symbol.defined && !contract.has(symbol.name))
      .filter((symbol) => !defined.some((other) => other.name === symbol.name))
      .map((symbol) => importFinding(kata, symbol, file.shown)),
    ...symbols
      .filter((symbol) => symbol.defined && !kata.exports.includes(symbol.name) && isReserved(symbol.name, reserved))
      .map((symbol) => definitionFinding(symbol, file.shown)),
    ...(startsEarly ? [constructorFinding(file.shown)] : []),
    ...(word ? [word] : []),
  ]);
  const extra = defined.filter((symbol) => !kata.exports.includes(symbol.name)).map((symbol) => symbol.name);
  return { lacking, forbidden: findings[0], localize: [...new Set(extra)].sort() };
}

interface Symbol {
  name: string;
  defined: boolean;
  /** file:line of a use or the definition, when debug information tells. */
  at?: string;
}

async function symbolsOf(object: string): Promise<Symbol[]> {
  const { code, stdout, stderr } = await command(["nm", "-l", "-g", "-f", "bsd", object]);
  if (code !== 0) throw new Unusable(`nm failed: ${stderr.trim()}`);
  return stdout.split("\n").flatMap((line) => {
    const match = /^(?:[0-9a-f]+)? +([A-Za-z]) (\S+)(?:\t(\S+:\d+))?$/.exec(line);
    if (!match) return [];
    return [{ name: match[2]!, defined: !"Uwv".includes(match[1]!), at: match[3]?.replace(/^.*\/\.\/|^\.\//, "") }];
  });
}

/** Does any of the objects import `name`? */
export async function importsAny(objects: string[], name: string): Promise<boolean> {
  const symbols = await Promise.all(objects.map(symbolsOf));
  return symbols.flat().some((symbol) => symbol.name === name && !symbol.defined);
}

async function hasConstructor(object: string): Promise<boolean> {
  const { stdout } = await command(["objdump", "-h", object]);
  return /\.(init_array|preinit_array|ctors|fini_array|dtors|init|fini)\b/.test(stdout);
}

let libraryNamesOnce: Promise<Set<string>> | undefined;

/** Every name that the C library exports: defining one of them would replace it for the whole process. */
function libraryNames(): Promise<Set<string>> {
  return (libraryNamesOnce ??= (async () => {
    const { cc } = await toolchain();
    const path = (await command([cc, "-print-file-name=libc.so.6"])).stdout.trim();
    const { stdout } = await command(["nm", "-D", "--defined-only", "-f", "posix", path]);
    return new Set(stdout.split("\n").map((line) => line.split(/[@ ]/)[0]!));
  })());
}

function isReserved(name: string, library: Set<string>): boolean {
  return name === "main" || name.startsWith("__") || /^_[A-Z]/.test(name) || library.has(name);
}

function importFinding(kata: Kata, { name, at }: Symbol, shown: string): Finding {
  const hiddenLock = name.startsWith("__atomic_");
  const allowed = kata.imports.length > 0 ? kata.imports.join(", ") : "nothing";
  return {
    saw: hiddenLock
      ? `${at ?? shown}: an atomic operation too wide for this machine; the compiler calls ${name}, which may take a lock`
      : `${at ?? shown} uses ${name}`,
    expected: hiddenLock ? "atomic objects of at most 8 bytes" : `of the C library: ${allowed}`,
    lookAt: `the rules in the comment at the top of ${kata.exports.length > 0 ? "the kata's header" : "the README"}`,
  };
}

function definitionFinding({ name, at }: Symbol, shown: string): Finding {
  const owner = name === "main" ? "the grader's program" : "the C library";
  return {
    saw: `${at ?? shown} defines ${name}, a name that belongs to ${owner}`,
    expected: "the contract's functions, and names of the file's own beside them",
    lookAt: `does ${name} need another name, or the word static?`,
  };
}

function constructorFinding(shown: string): Finding {
  return {
    saw: `${shown} has code that runs before or after the program (a constructor or destructor)`,
    expected: "code that runs when the contract's functions are called, and only then",
    lookAt: "__attribute__((constructor)) and its kin",
  };
}

/** Looks for words that change what the builds mean, on the lines that are the learner's own. */
async function bannedWord(kata: Kata, file: Submission["files"][number]): Promise<Finding | undefined> {
  let line = 0;
  let own = false;
  for (const text of (await preprocess(kata, file)).split("\n")) {
    const marker = /^# (\d+) "([^"]*)"/.exec(text);
    if (marker) {
      line = Number(marker[1]);
      own = marker[2] === file.shown;
      continue;
    }
    const code = text.replace(/"(\\.|[^"\\])*"/g, '""');
    const word = own ? code.match(/[A-Za-z_]\w*/g)?.find((name) => Object.hasOwn(BANNED_WORDS, name)) : undefined;
    if (word) {
      return { saw: `${file.shown}:${line} uses ${word}: ${BANNED_WORDS[word]}`, expected: "C11 without it" };
    }
    line++;
  }
  return undefined;
}
