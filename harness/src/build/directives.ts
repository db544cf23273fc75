// SPDX-License-Identifier: MIT
/**
 * The preprocessor directives of a C file, seen as a compiler sees them: trigraphs replaced, lines joined, comments
 * gone (C11 5.1.1.2, phases 1 to 3). Pure.
 */

/** A directive that would let a file lie about itself, or mean one thing here and another there. */
export interface Trick {
  line: number;
  /** As a report shows it: "#line", "#ifdef __SANITIZE_THREAD__". */
  shown: string;
  why: string;
}

const TRIGRAPHS: Record<string, string> = {
  "=": "#",
  "/": "\\",
  "'": "^",
  "(": "[",
  ")": "]",
  "!": "|",
  "<": "{",
  ">": "}",
  "-": "~",
};
/** Stands for a line break that does not end a line: spliced away, or inside a comment. */
const JOINT = "\u0001";
/** Joints inside a token do not part it for the compiler: `/\<newline>*` opens a comment. */
const COMMENT_OR_LITERAL =
  /\/\u0001*\*[^]*?\*\u0001*\/|\/\u0001*\/[^\n]*|"(?:\\\u0001*.|[^"\\\n])*"|'(?:\\\u0001*.|[^'\\\n])*'/g;

/** They say which build it is, or belong to one. */
const BUILDS_OWN = /\b__(?:SANITIZE|sanitizer|tsan|asan|lsan|ubsan|OPTIMIZE|NO_INLINE)\w*/;
/** The system's headers by their short names. */
const SHORT_NAME = /^\s*<(?!\/)(?!.*\.\.)[\w./+-]+\.h>\s*$/;

/** The first such directive of a file, or undefined. */
export function trickIn(text: string): Trick | undefined {
  const lone = /\r(?!\n)/.exec(text);
  if (lone)
    return { line: lineAt(text, lone.index), shown: "a carriage return", why: "compilers disagree on its meaning" };
  return firstOf(text, trickOf);
}

function firstOf(text: string, find: (logical: string) => Omit<Trick, "line"> | undefined): Trick | undefined {
  let line = 1;
  for (const logical of comparable(text).split("\n")) {
    const found = find(logical.replaceAll(JOINT, ""));
    if (found) return { ...found, line: line + leadingJoints(logical) };
    line += 1 + logical.split(JOINT).length - 1;
  }
  return undefined;
}

/** They say for which system a file is compiled. */
const PLATFORM = /\b_*(?:WIN(?:32|64|NT)|MINGW\w*|CYGWIN\w*|MSC_VER|linux\w*|gnu_linux\w*|unix\w*|ELF|LP64|SEH)_*\b/;

/** The first condition of a file that tells Windows from Linux, or undefined. */
export function platformIn(text: string): Trick | undefined {
  return firstOf(text, (logical) => {
    const [, word, rest = ""] = /^\s*(?:#|%:)\s*((?:el)?if(?:n?def)?)\b([^]*)$/.exec(logical) ?? [];
    const found = word && PLATFORM.exec(rest);
    if (!found) return undefined;
    return { shown: `#${word} ${found[0]}`, why: "the grader plays the file on Linux, and runs it on Windows" };
  });
}

function trickOf(logical: string): Omit<Trick, "line"> | undefined {
  const directive = /^\s*(?:#|%:)\s*(\w+)([^]*)$/.exec(logical);
  if (!directive) return undefined;
  const [, word, rest] = directive as unknown as [string, string, string];
  if (word === "line" || /^\d/.test(word))
    return { shown: "#line", why: "it would give the file's lines other numbers" };
  const file = fileTrick(word, rest);
  if (file) return file;
  const own = BUILDS_OWN.exec(rest);
  if (!own || !/^(if|ifdef|ifndef|elif|undef|define)$/.test(word)) return undefined;
  if (word === "define" && !rest.trimStart().startsWith(own[0])) return undefined; // used, not defined
  return {
    shown: `#${word} ${own[0]}`,
    why: "with it the file could mean something else in another build",
  };
}

/** Files by other ways than their names: a name in quotation marks is left out here, and judged when it is found. */
function fileTrick(word: string, rest: string): Omit<Trick, "line"> | undefined {
  if (/^(include_next|import|embed)$/.test(word))
    return { shown: `#${word}`, why: "files are included by #include and their names" };
  if (word === "include" && rest.trim() !== "" && !SHORT_NAME.test(rest))
    return { shown: `#include ${rest.trim()}`, why: "files are included by their short names" };
  const asked = rest
    .replace(/\bdefined\s*\(?\s*__has_include\b/g, "")
    .matchAll(/\b(__has_\w*(?:include|embed)\w*)(.*)/g);
  const odd = [...asked].find(([, , of]) => !SHORT_NAME.test(/^\s*\(([^)]*)\)/.exec(of!)?.[1] ?? ""));
  if (odd && !/^(ifdef|ifndef)$/.test(word))
    return { shown: odd[1]!, why: "it asks for more than the system's headers" };
  return undefined;
}

/** Line breaks that end no line become JOINT, comments and literals nearly nothing. */
function comparable(text: string): string {
  return text
    .replace(/[\0\u0001]/g, " ")
    .replaceAll("\r\n", "\n")
    .replace(/\?\?([=/'()!<>-])/g, (_, sign: string) => TRIGRAPHS[sign]!)
    .replace(/\\[ \t\f\v]*\n/g, JOINT)
    .replace(COMMENT_OR_LITERAL, (found) => ` ${found.replace(/[^\n\u0001]/g, "").replaceAll("\n", JOINT)}`);
}

const lineAt = (text: string, index: number) => text.slice(0, index).split("\n").length;
const leadingJoints = (logical: string) => /^[\s\u0001]*/.exec(logical)![0].split(JOINT).length - 1;
