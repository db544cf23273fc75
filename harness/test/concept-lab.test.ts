// SPDX-License-Identifier: MIT
/** Labs that belong to no kata, and the drills of the curriculum's pages: each shows what its page says. */
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { whyNotDrawn } from "../src/kata/plot-schema.ts";
import { kataIds, KATAS } from "../src/kata/shelf.ts";
import { conceptLabs, measured, runConceptLab, timed, Unusable } from "../src/play/concept-lab.ts";
import { kata, start } from "./child.ts";

const TIMEOUT_MS = 60_000;

test.each([
  ["transfer", "deadlock"],
  ["two_flags", "neither thread saw the other's flag"],
  ["stack", "is there twice"],
])(
  "the drill %s has its fault, which the explorer finds",
  async (name, said) => {
    const file = join("curriculum", "drills", name);
    const { code, stdout } = await kata(["explore", `${file}.c`, "--driver", `${file}_driver.c`]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(said)]);
  },
  2 * TIMEOUT_MS, // compiles the explorer, where nobody has yet
);

test("the drill readers prints both locks' reads for each length of a section", async () => {
  const program = join(mkdtempSync(join(tmpdir(), "c10kata-drill-")), "readers");
  const warnings = ["-Wall", "-Wextra", "-Werror"];
  const argv = [process.env.CC ?? "gcc", "-O2", "-pthread", ...warnings, "curriculum/drills/readers.c", "-o", program];
  expect(await start(argv).outcome).toEqual({ code: 0, stdout: "", stderr: "" });
  const { code, stdout } = await start([program, "2"]).outcome;
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ +steps +mutex +rwlock\n( +10* +\d+ +\d+\n){5}$/)]);
}, 30_000);

test("a concept's page names every kata, and every lab that a kata has", () => {
  const pages = [...new Bun.Glob("curriculum/[01]*.md").scanSync(ROOT)];
  const text = pages.map((page) => readFileSync(join(ROOT, page), "utf8")).join("\n");
  const labs = kataIds().filter((id) => existsSync(join(KATAS, id, "grader/lab.ts")));
  expect(labs.length).toBeGreaterThan(10);
  const wanted = [
    ...kataIds().map((id) => `katas/${id}/README.md`),
    ...labs.map((id) => `bun kata lab ${id.slice(0, 2)}`),
  ];
  expect(wanted.filter((name) => !text.includes(name))).toEqual([]);
});

test("the labs of the curriculum", () => {
  expect(conceptLabs()).toEqual(["counter", "mux", "stack", "switch", "threads"]);
});

test(
  "what a stack costs is what was touched of it: points of two series, and the sentence has their figures",
  async () => {
    const { plots, says } = await runConceptLab("stack");
    expect(plots.map(whyNotDrawn)).toEqual([null]);
    const touched = plots[0]!.series.find(({ name }) => name === "memory touched")!.points;
    expect(touched.map(([kib]) => kib)).toEqual([1, 4, 16, 64, 256, 1_024, 4_096]);
    for (const [used, kib] of touched) expect(kib).toBeWithin(used, used + 64);
    expect(says).toContain(`takes ${touched[0]![1].toFixed(0)} KiB of memory while it uses 1 KiB of it`);
  },
  TIMEOUT_MS,
);

test(
  "no way of counting loses an add, and what cannot be measured is a sentence",
  async () => {
    const ways = ["mutex", "atomic", "shards", "padded"];
    const seconds = await timed(
      "counter",
      ways.map((way) => [way, "4", "100000"]),
    );
    expect(seconds).toHaveLength(4);
    await expect(measured("counter", [["mutex", "0", "1"]])).rejects.toThrow(Unusable);
  },
  TIMEOUT_MS,
);
