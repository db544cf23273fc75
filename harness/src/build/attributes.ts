// SPDX-License-Identifier: MIT
/**
 * Attributes and pragmas that say of code what no reader of it sees: where it lies, when it runs, what else it is called.
 * Found in preprocessed text, so that no macro hides one. Pure.
 */

export interface Line {
  line: number;
  /** Without comments; what literals hold is left out. */
  code: string;
}

export interface Hidden {
  line: number;
  /** As the text has it: "section", "#pragma weak". */
  shown: string;
  why: string;
}

const ELSEWHERE = "code or data where the compiler would not put it";
const OTHER_NAME = "another name for what is called";
const UNASKED = "code that runs when nobody calls it";
const OFF = "switching a sanitizer off";
/** Without the underscores around them: an attribute may be written either way. */
const ATTRIBUTES: Record<string, string> = {
  section: ELSEWHERE,
  address_space: "memory that no pointer of C reaches",
  alias: OTHER_NAME,
  weakref: OTHER_NAME,
  symver: OTHER_NAME,
  constructor: UNASKED,
  destructor: UNASKED,
  naked: "a function whose code is not the compiler's",
  ifunc: "code that runs while the program is being loaded",
  no_sanitize: OFF,
  no_sanitize_thread: OFF,
  no_sanitize_address: OFF,
  no_sanitize_memory: OFF,
  no_sanitize_undefined: OFF,
  no_sanitize_coverage: "switching the step counter off",
  disable_sanitizer_instrumentation: OFF,
  no_address_safety_analysis: OFF,
};
const PRAGMAS: [RegExp, string][] = [
  [/^(?:weak|redefine_extname)\b/, OTHER_NAME],
  [/^clang\s+section\b/, ELSEWHERE],
  [/^GCC\s+(?:system_header|dependency)\b/, "a file that is treated as another one"],
];

const OPENS = /\b__attribute(?:__)?\s*\(\s*\(|\[\s*\[/g;
const bare = (word: string) => word.replace(/^__|__$/g, "");

/** The first such attribute or pragma of a text, or undefined. */
export function hiddenIn(lines: Line[]): Hidden | undefined {
  const text = withBrackets(lines.map(({ code }) => code).join("\n"));
  const pragma = lines.flatMap(({ line, code }): Hidden[] => {
    const said = /^\s*#\s*pragma\s+(.*)$/.exec(code)?.[1] ?? "";
    const match = PRAGMAS.find(([what]) => what.test(said));
    return match ? [{ line, shown: `#pragma ${match[0].exec(said)![0]}`, why: match[1] }] : [];
  });
  const attributes = [...text.matchAll(OPENS)].flatMap((open): Hidden[] => {
    const from = open.index + open[0].length;
    return namesFrom(text, from).flatMap(({ name, index }) =>
      Object.hasOwn(ATTRIBUTES, bare(name))
        ? [
            {
              line: lines[text.slice(0, index).split("\n").length - 1]!.line,
              shown: name,
              why: ATTRIBUTES[bare(name)]!,
            },
          ]
        : [],
    );
  });
  return [...pragma, ...attributes].sort((a, b) => a.line - b.line)[0];
}

/** Preprocessing leaves digraphs as they are. */
const withBrackets = (text: string) => text.replaceAll("<:", " [").replaceAll(":>", "] ");

/** The attributes of a list, up to the parenthesis that ends it; not what stands in their own parentheses. */
function namesFrom(text: string, from: number): { name: string; index: number }[] {
  const names: { name: string; index: number }[] = [];
  const tokens = /[A-Za-z_]\w*|[()[\]]/g;
  tokens.lastIndex = from;
  for (let depth = 0; depth >= 0; ) {
    const token = tokens.exec(text);
    if (!token) break;
    if (/[([]/.test(token[0])) depth++;
    else if (/[)\]]/.test(token[0])) depth--;
    else if (depth === 0) names.push({ name: token[0], index: token.index });
  }
  return names;
}
