// SPDX-License-Identifier: MIT
/**
 * What the learner's object imports and defines, against the kata's rules: an allow-list, so that a call
 * nobody thought of is refused by name. Purely static: nothing of the learner's runs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached, hashOf } from "../base/cache.ts";
import { examine } from "./examine.ts";
import { command, Unusable } from "../base/command.ts";
import { leadsTo } from "../base/path.ts";
import { forbiddenText } from "./dialect.ts";
import type { OwnNames } from "./learner.ts";
import { EVERYWHERE } from "../kata/calls.ts";
import type { Finding, Kata } from "../kata/kata.ts";
import type { SourceFile, Submission } from "./submission.ts";
import { toolchain } from "./toolchain.ts";

export interface Audit {
  /** Contract functions that no object defines. */
  lacking: string[];
  /** The first thing that is not allowed, if any. */
  forbidden?: Finding;
  own: OwnNames;
}

/** What a compiler may call on its own behalf; errno. */
const COMPILERS_OWN = new Set(
  (
    "bcmp __udivti3 __umodti3 __udivmodti4 __divti3 __modti3 __divmodti4 __multi3 __ashlti3 __ashrti3 __lshrti3 __floattidf __floatuntidf __fixdfti " +
    "__fixunsdfti __popcountdi2 __popcountsi2 __paritydi2 __clzdi2 __ctzdi2 __bswapdi2 __muloti4 __mulodi4 " +
    "__stack_chk_fail __errno_location _GLOBAL_OFFSET_TABLE_ __tls_get_addr"
  ).split(" "),
);

/** Atomic operations of gcc's on arm64, which are found out while a program runs. */
const ATOMICS = /^__aarch64_(cas|swp|ld(add|clr|eor|set))\d+_/;

/** A library may have several of one function, which its headers choose from: __isoc23_strtol is strtol. */
const plainName = (name: string) => name.replace(/^__isoc(99|23)_/, "");

/** Calls of Windows' that Linux has, too, have other names in the object (native/simkernel/windows): bind is winsock_bind. */
const writtenName = (name: string) => plainName(name).replace(/^winsock_/, "");

/** `due`: the contract functions that the objects have to define. */
export async function audit(kata: Kata, submission: Submission, objects: string[], due = kata.exports): Promise<Audit> {
  const files = await Promise.all(
    submission.files.map(async (file, at) => ({
      file,
      symbols: await symbolsOf(objects[at]!, file),
      sections: await sectionsOf(objects[at]!),
      text: await forbiddenText(kata, submission, file),
    })),
  );
  const defined = files.flatMap(({ symbols }) => symbols.filter((symbol) => symbol.defined));
  const lacking = due.filter((name) => !defined.some((symbol) => symbol.name === name));
  const always = new Set([...kata.exports, ...EVERYWHERE, ...COMPILERS_OWN]);
  const isAllowed = (name: string, imports: string[]) =>
    [name, plainName(name)].some((one) => always.has(one) || imports.includes(one)) || ATOMICS.test(name);
  const reserved = await libraryNames();

  const findings = files.flatMap(({ file, symbols, sections, text }): Finding[] => [
    ...(text ? [text] : []),
    ...importFindings(
      importsOf(kata, file),
      symbols
        .filter((symbol) => !symbol.defined && !isAllowed(symbol.name, importsOf(kata, file)))
        .filter((symbol) => !defined.some((other) => other.name === symbol.name)),
    ),
    ...symbols
      .filter((symbol) => symbol.defined && !kata.exports.includes(symbol.name) && isReserved(symbol.name, reserved))
      .map((symbol) => definitionFinding(symbol)),
    ...(sections.some(({ name }) => RUNS_EARLY.test(name)) ? [constructorFinding(file.shown)] : []),
    ...(sections.some(({ name, isCode }) => name === STACK_NOTE && isCode) ? [stackFinding(file.shown)] : []),
    ...sizeFindings(sections, file.shown),
  ]);
  const shared = new Set(
    files.flatMap(({ symbols }) => symbols.filter(({ defined }) => !defined).map(({ name }) => name)),
  );
  const extra = defined.map(({ name }) => name).filter((name) => !kata.exports.includes(name));
  return {
    lacking,
    forbidden: findings[0],
    own: {
      local: sorted(extra.filter((name) => !shared.has(name))),
      shared: sorted(extra.filter((name) => shared.has(name))),
    },
  };
}

const importsOf = ({ imports, imports_of }: Kata, { name }: SourceFile) => [...imports, ...(imports_of[name] ?? [])];

const sorted = (names: string[]) => [...new Set(names)].sort();

/** What a tool says of an object. Those of the cache never change, so that each is asked about once. */
async function toldOf(object: string, tool: string, ...words: string[]): Promise<string> {
  const folder = await cached(hashOf("told", object, tool, ...words), async (made) => {
    const { code, stdout, stderr } = await examine([tool, ...words, object]);
    if (code !== 0) throw new Unusable(`${tool} failed: ${stderr.trim()}`);
    writeFileSync(join(made, "text"), stdout);
  });
  return readFileSync(join(folder, "text"), "utf8");
}

interface Symbol {
  name: string;
  defined: boolean;
  /** file:line of a use or the definition, in the submitted file. */
  at: string;
}

export async function symbolsOf(object: string, file?: SourceFile): Promise<Symbol[]> {
  const listing = await toldOf(object, "nm", "-l", "-g", "-f", "bsd");
  return listing.split("\n").flatMap((line) => {
    if (line === "") return [];
    const match = /^(?:[0-9a-f]+)? +([A-Za-z]) ([^\t]+)(?:\t(.+))?$/.exec(line);
    if (!match) throw new Unusable(`nm says something new: '${line}'`);
    const [, type, name, place = ""] = match as unknown as [string, string, string, string?];
    return [{ name, defined: !"Uwv".includes(type), at: file ? placeIn(file, name, place) : "" }];
  });
}

/** The place that debug information tells, if it is in the file, else the first line that says the name. */
function placeIn({ shown, text }: SourceFile, name: string, place: string): string {
  const number = /:(\d+)$/.exec(place)?.[1];
  if (number && leadsTo(place, `${shown}:${number}`)) return `${shown}:${number}`;
  const at = text.split("\n").findIndex((line) => line.match(/[A-Za-z_]\w*/g)?.includes(name));
  return at < 0 ? shown : `${shown}:${at + 1}`;
}

/** Does any of the objects import `name`? */
export async function importsAny(objects: string[], name: string): Promise<boolean> {
  const symbols = await Promise.all(objects.map((object) => symbolsOf(object)));
  return symbols.flat().some((symbol) => symbol.name === name && !symbol.defined);
}

const RUNS_EARLY = /^\.(init_array|preinit_array|ctors|fini_array|dtors|init|fini)\b/;
/** As code: the object asks for a stack on which code can run. */
const STACK_NOTE = ".note.GNU-stack";
const STATIC_BYTES_MAX = 2 ** 28;

interface Section {
  name: string;
  bytes: number;
  isCode: boolean;
}

async function sectionsOf(object: string): Promise<Section[]> {
  const listing = await toldOf(object, "objdump", "-h", "-w");
  return [...listing.matchAll(/^ *\d+ (\S+) +([0-9a-f]+) (.*)$/gm)].map(([, name, size, flags]) => ({
    name: name!,
    bytes: Number.parseInt(size!, 16),
    isCode: /\bCODE\b/.test(flags!),
  }));
}

let libraryNamesOnce: Promise<Set<string>> | undefined;

/** Every name that the C library exports: defining one of them would replace it for the whole process. */
export function libraryNames(): Promise<Set<string>> {
  return (libraryNamesOnce ??= (async () => {
    const { cc } = await toolchain();
    const path = (await command([cc, "-print-file-name=libc.so.6"])).stdout.trim();
    const { stdout } = await command(["nm", "-D", "--defined-only", "-f", "posix", path]);
    // name@VERSION, with one @, is an old version that nothing new is linked with: not a name of today's library
    const names = stdout.split("\n").filter((line) => !/^[^@ ]+@[^@]/.test(line));
    return new Set(names.map((line) => line.split(/[@ ]/)[0]!));
  })());
}

export function isReserved(name: string, library: Set<string>): boolean {
  return name === "main" || name.startsWith("__") || /^_[A-Z]/.test(name) || library.has(name);
}

const USES_SHOWN = 5;
const EVERYWHERE_SAID = "string and number functions, snprintf, printf for debugging, assert and abort";

/** One finding for an operation that hides a lock, one for everything else that is not on the list. */
function importFindings(imports: string[], symbols: Symbol[]): Finding[] {
  const hidden = symbols.find(({ name }) => name.startsWith("__atomic_"));
  const others = symbols.filter(({ name }) => !name.startsWith("__atomic_")).toSorted((a, b) => lineOf(a) - lineOf(b));
  const allowed = imports.length > 0 ? imports.map(writtenName).join(", ") : "nothing";
  const more = others.length > USES_SHOWN ? `, and ${others.length - USES_SHOWN} more` : "";
  return [
    ...(hidden ? [hiddenLockFinding(hidden)] : []),
    ...(others.length > 0
      ? [
          {
            saw:
              others
                .slice(0, USES_SHOWN)
                .map(({ name, at }) => `${at} uses ${writtenName(name)}`)
                .join(", ") + more,
            expected: `of functions from elsewhere: ${allowed}; and in every kata ${EVERYWHERE_SAID}`,
            lookAt: "the kata's README, on the contract: what may be called, and why so little",
          },
        ]
      : []),
  ];
}

const lineOf = ({ at }: Symbol) => Number(at.split(":").at(-1)) || 0;

function hiddenLockFinding({ name, at }: Symbol): Finding {
  return {
    saw: `${at}: an atomic operation too wide for this compiler, which calls ${name} of libatomic; that may take a lock`,
    expected:
      "atomic objects of at most 8 bytes, or 16 bytes that only __sync_bool_compare_and_swap and __sync_val_compare_and_swap touch whole: both are one instruction",
    lookAt: "the type of the atomic object on that line: what has to change together, and what not?",
  };
}

function definitionFinding({ name, at }: Symbol): Finding {
  const owner = name === "main" ? "the grader's program" : "the C library";
  return {
    saw: `${at} defines ${name}, a name that belongs to ${owner}`,
    expected: "the contract's functions, and other names that only this file has",
    lookAt: `does ${name} need another name, or the word static?`,
  };
}

/** More would not even link: offsets in code are 32 bits wide. */
function sizeFindings(sections: Section[], shown: string): Finding[] {
  const bytes = sections
    .filter(({ name }) => !name.startsWith(".debug"))
    .reduce((sum, section) => sum + section.bytes, 0);
  if (bytes <= STATIC_BYTES_MAX) return [];
  return [
    {
      saw: `${shown} has ${Math.round(bytes / 2 ** 20)} MiB of code and static data`,
      expected: `at most ${STATIC_BYTES_MAX / 2 ** 20} MiB`,
      lookAt: "arrays outside of functions: how large are they?",
    },
  ];
}

function stackFinding(shown: string): Finding {
  return {
    saw: `${shown} takes the address of a nested function, for which its stack has to be executable`,
    expected: "C11, which has no nested functions",
    lookAt: "functions inside of functions: which of their caller's variables do they use?",
  };
}

function constructorFinding(shown: string): Finding {
  return {
    saw: `${shown} has code that runs before or after the program (a constructor or destructor)`,
    expected: "code that runs when the contract's functions are called, and only then",
    lookAt: "__attribute__((constructor)) and the like",
  };
}
