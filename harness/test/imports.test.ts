// SPDX-License-Identifier: MIT
/** Imports point one way, pure modules stay pure, and learner code has one door (DESIGN section 2). */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const SRC = join(import.meta.dir, "../src");

/** A module imports from its own room and from those that stand here behind its room's name. */
const ROOMS: Record<string, string> = {
  base: "",
  kata: "base",
  build: "base kata",
  judge: "base kata",
  guest: "base kata build",
  report: "base kata judge",
  page: "base kata judge report",
  play: "base kata build judge guest",
  score: "base kata build judge play",
  cli: "base kata build judge guest report play page score",
};

/** Rooms and modules that compute and touch nothing outside. */
const PURE = [
  /^judge\//,
  /^base\/(box-tier|contrast|histogram|path|statistics|readable|slots)$/,
  /^kata\/(evidence|kata|log-axis|schema|plot|plot-schema|run)$/,
  /^build\/(attributes|directives)$/,
  /^guest\/evidence$/,
  /^report\/exports\/(?!formats)/,
  /^report\/(plot-svg|plot-terminal|printed|terminal|trace)$/,
];

interface Import {
  from: string;
  what: string;
  typeOnly: boolean;
}

const modules = [...new Glob("**/*.{ts,tsx}").scanSync(SRC)].map((path) => path.replace(/\.ts$/, "")).sort();
const textOf = (name: string) => readFileSync(join(SRC, name.endsWith(".tsx") ? name : `${name}.ts`), "utf8");

function importsOf(name: string): Import[] {
  const statements = textOf(name).matchAll(/^(?:import|export) ((?:type )?)[^;]*?from "([^"]+)"|^import "([^"]+)"/gms);
  return [...statements].map(([, type, from, bare]) => {
    const what = from ?? bare!;
    const own = what.startsWith(".") ? normalize(join(dirname(name), what)).replace(/\.ts$/, "") : what;
    return { from: name, what: own, typeOnly: type === "type " };
  });
}

const all = modules.flatMap(importsOf);
const inside = all.filter(({ what }) => modules.includes(what));
const pure = modules.filter((name) => PURE.some((form) => form.test(name)));
const roomOf = (name: string) => name.split("/")[0]!;
const shown = (imports: Import[]) => imports.map(({ from, what }) => `${from} -> ${what}`);

test("every module is in a room, and every room has modules", () => {
  expect([...new Set(modules.map(roomOf))]).toEqual(Object.keys(ROOMS).sort());
  expect(shown(all.filter(({ what }) => what.startsWith("..")))).toEqual([]);
});

test("imports between rooms point one way", () => {
  const allowed = ({ from, what }: Import) => [roomOf(from), ...ROOMS[roomOf(from)]!.split(" ")].includes(roomOf(what));
  expect(shown(inside.filter((one) => !allowed(one)))).toEqual([]);
});

test("no module imports itself in the end", () => {
  const next = Map.groupBy(
    inside.filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  );
  const reached = (name: string, seen = new Set<string>()): Set<string> => {
    for (const { what } of next.get(name) ?? []) if (!seen.has(what)) reached(what, seen.add(what));
    return seen;
  };
  expect(modules.filter((name) => reached(name).has(name))).toEqual([]);
});

describe("pure modules touch nothing outside", () => {
  test.each(pure)("%s", (name) => {
    expect(textOf(name)).not.toMatch(/\bBun\.(spawn|file|write|which|env)|process\.(env|stdout|stderr|kill)|fetch\(/);
    const outward = importsOf(name).filter(({ what, typeOnly }) => !typeOnly && /^(node:|bun)/.test(what));
    expect(outward).toEqual([]);
    const impure = importsOf(name).filter(({ what, typeOnly }) => !typeOnly && modules.includes(what));
    expect(impure.map(({ what }) => what).filter((what) => !pure.includes(what))).toEqual([]);
  });
});

const saying = (pattern: RegExp) => modules.filter((name) => pattern.test(textOf(name)));

test("only guest.ts starts learner code, only command.ts starts tools, only background.ts ourselves, only debugger.ts debuggers", () => {
  expect(saying(/node:child_process/)).toEqual(["guest/guest"]);
  expect(saying(/Bun\.(spawn|spawnSync|\$)|import \{[^}]*\$[^}]*\} from "bun"/)).toEqual([
    "base/command",
    "cli/background",
    "cli/debugger",
  ]);
});

test("only child.ts loads a library, and nobody imports it", () => {
  expect(saying(/"bun:ffi"/)).toEqual(["guest/child"]);
  expect(inside.filter(({ what }) => what === "guest/child")).toEqual([]);
});

test("child.ts runs beside learner code: of the harness it imports types only", () => {
  expect(importsOf("guest/child").filter(({ what, typeOnly }) => modules.includes(what) && !typeOnly)).toEqual([]);
});

test("the clock of a judgement is nobody's: checks and scores ask for no time and no chance", () => {
  for (const name of pure) expect(textOf(name)).not.toMatch(/Date\.now|performance\.now|Math\.random|crypto\./);
});
