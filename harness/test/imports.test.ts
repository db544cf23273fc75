// SPDX-License-Identifier: MIT
/** Imports point one way, pure modules stay pure, and learner code has one door (DESIGN section 2). */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const SRC = join(import.meta.dir, "../src");

/** From the bottom up. A module imports from lower layers only, and from nothing in its own. */
const LAYERS = [
  "sentence",
  "kata directives evidence plot statistics readable command cache slots status-line terminal-width",
  "score sanitizer toolchain submission",
  "symbolize run",
  "check interrupt build guest",
  "dialect canary explain exploration measure",
  "audit doctor explore lab script scenario throughput",
  "simulate stage",
  "grade report/json report/plot-svg report/terminal shelf",
  "report/plot-file report/plot-terminal",
  "bun-test cli",
];

const PURE = (
  "check score statistics sanitizer evidence directives readable slots exploration plot report/plot-svg " +
  "report/plot-terminal report/terminal"
).split(" ");

interface Import {
  from: string;
  what: string;
  typeOnly: boolean;
}

const modules = [...new Glob("**/*.ts").scanSync(SRC)].map((path) => path.replace(/\.ts$/, "")).sort();
const textOf = (name: string) => readFileSync(join(SRC, `${name}.ts`), "utf8");

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
const layerOf = (name: string) => LAYERS.findIndex((layer) => layer.split(" ").includes(name));

test("every module has a layer, and every layer names modules", () => {
  expect(modules).toEqual(LAYERS.flatMap((layer) => layer.split(" ")).sort());
  expect(all.filter(({ what }) => what.startsWith("..")).map(({ from, what }) => `${from} -> ${what}`)).toEqual([]);
});

test("imports point down", () => {
  const upward = inside.filter(({ from, what }) => layerOf(from) <= layerOf(what));
  expect(upward.map(({ from, what }) => `${from} -> ${what}`)).toEqual([]);
});

describe("pure modules touch nothing outside", () => {
  test.each(PURE)("%s", (name) => {
    expect(textOf(name)).not.toMatch(/\bBun\.(spawn|file|write|which|env)|process\.(env|stdout|stderr|kill)|fetch\(/);
    const outward = importsOf(name).filter(({ what, typeOnly }) => !typeOnly && /^(node:|bun)/.test(what));
    expect(outward).toEqual([]);
    const impure = importsOf(name).filter(({ what, typeOnly }) => !typeOnly && modules.includes(what));
    const allowed = [...PURE, "kata"]; // the vocabulary looks whether a kata's files exist, when it is defined
    expect(impure.map(({ what }) => what).filter((what) => !allowed.includes(what))).toEqual([]);
  });
});

const saying = (pattern: RegExp) => modules.filter((name) => pattern.test(textOf(name)));

test("only run.ts starts learner code, only command.ts starts tools", () => {
  expect(saying(/node:child_process/)).toEqual(["run"]);
  expect(saying(/Bun\.(spawn|spawnSync|\$)|import \{[^}]*\$[^}]*\} from "bun"/)).toEqual(["command"]);
});

test("only guest.ts loads a library, and nobody imports it", () => {
  expect(saying(/"bun:ffi"/)).toEqual(["guest"]);
  expect(inside.filter(({ what }) => what === "guest")).toEqual([]);
});

test("guest.ts runs beside learner code: of the harness it imports types only", () => {
  expect(importsOf("guest").filter(({ what, typeOnly }) => modules.includes(what) && !typeOnly)).toEqual([]);
});

test("the clock of a judgement is nobody's: checks and scores ask for no time and no chance", () => {
  for (const name of PURE) expect(textOf(name)).not.toMatch(/Date\.now|performance\.now|Math\.random|crypto\./);
});
