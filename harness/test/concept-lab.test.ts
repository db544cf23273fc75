// SPDX-License-Identifier: MIT
/** Labs that belong to no kata: each is there, and says in a sentence what its figures show. */
import { expect, test } from "bun:test";
import { whyNotDrawn } from "../src/kata/plot.ts";
import { conceptLabs, measured, runConceptLab, timed, Unusable } from "../src/play/concept-lab.ts";

const TIMEOUT_MS = 60_000;

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
