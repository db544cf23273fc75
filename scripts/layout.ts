// SPDX-License-Identifier: MIT
/** What may lie in a kata's two folders; anything else is a stray file, and what is missing is named. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** defineKata() asks for the C files. */
const NEEDED = ["README.md", "checks.ts", "kata.ts", "package.json", "turbo.json"];
const ALLOWED = [/\.h$/, /\.c$/, /\.test\.ts$/, /\.ts$/, /^(README\.md|package\.json|turbo\.json|driver)$/];
/** Made by tools and ignored by git. */
const IGNORED = new Set(["node_modules", ".verify", ".turbo"]);
const TEST_LINES = 3;

/** One sentence per thing that does not belong, or is not there. */
export function strayFiles(kata: string, solutions: string): string[] {
  const names = readdirSync(kata).filter((name) => !IGNORED.has(name));
  const tests = names.filter((name) => name.endsWith(".test.ts"));
  const lines = tests.flatMap((name) => readFileSync(join(kata, name), "utf8").trimEnd().split("\n"));
  return [
    ...names.filter((name) => !ALLOWED.some((form) => form.test(name))).map((name) => `stray file '${name}'`),
    ...NEEDED.filter((name) => !names.includes(name)).map((name) => `no ${name}`),
    ...(tests.length === 1 && lines.length === TEST_LINES ? [] : [`not one *.test.ts of ${TEST_LINES} lines`]),
    ...packageDiffers(kata),
    ...strayAmong(solutions),
  ];
}

/** The package.json is the same in every kata but for the name. */
function packageDiffers(kata: string): string[] {
  const { name, ...rest } = JSON.parse(readFileSync(join(kata, "package.json"), "utf8"));
  const expected = {
    private: true,
    license: "MIT",
    type: "module",
    scripts: { kata: "bun ../../harness/src/cli.ts", verify: "bun ../../scripts/verify-kata.ts" },
    dependencies: { "@c10kata/harness": "*", "fast-check": "4.10.2", zod: "4.6.7" },
  };
  const same = name === `@c10kata/${basename(kata)}` && Bun.deepEquals(rest, expected);
  return same ? [] : ["package.json differs from the other katas' in more than the name"];
}

function strayAmong(solutions: string): string[] {
  const names = existsSync(solutions) ? readdirSync(solutions) : [];
  const form = /^(accepted|mutants|peers|[a-z0-9_]+\.c|[a-z0-9_.-]+\.test\.ts)$/;
  return names
    .filter((name) => !form.test(name))
    .map((name) => `stray file '${name}' in solutions`)
    .concat(
      names.some((name) => name.endsWith(".test.ts")) ? [] : ["no *.test.ts in solutions: the checks are unproven"],
    );
}
