// SPDX-License-Identifier: MIT
/** A loop that a grading has met costs one deadline; everything else has all of its time. */
import { expect, test } from "bun:test";
import { fail } from "../src/judge/check.ts";
import { Patience, type Run } from "../src/play/patience.ts";

const DEADLINE_MS = 20_000;
const late = (deadline_ms: number, name: string, verdict: "timeout" | "deadlock" = "timeout", silent = 1): Run => ({
  ended: {
    by: "deadline",
    sinceProgress: { cpu_s: 1, wall_s: (silent * deadline_ms) / 1_000, running: true, starved: false },
  },
  broken: { verdict, saw: "the run had not ended", expected: "an end" },
  functions: async () => [name, "called_by_the_driver"],
});

/** The deadlines that the runs of one grading had. */
async function deadlines(...runs: ((deadline_ms: number) => Run | null)[]): Promise<number[][]> {
  const patience = new Patience();
  const all: number[][] = [];
  for (const run of runs) {
    const had: number[] = [];
    await patience.play(DEADLINE_MS, async (deadline_ms) => {
      had.push(deadline_ms);
      return run(deadline_ms);
    });
    all.push(had);
  }
  return all;
}

const loop = (deadline_ms: number) => late(deadline_ms, "spin");
const well = () => null;

test("the first loop has its whole deadline, the same again a quarter", async () => {
  expect(await deadlines(loop, loop, loop)).toEqual([[20_000], [5_000], [5_000]]);
});

test("without a loop nobody is hurried, and a run that ends well is played once", async () => {
  expect(await deadlines(well, (ms) => late(ms, "waits", "deadlock"), well)).toEqual([[20_000], [20_000], [20_000]]);
  expect(await deadlines(loop, well)).toEqual([[20_000], [5_000]]);
});

test("a run that is late elsewhere, asleep, or not silent is played anew with all of its time", async () => {
  const other = (ms: number): Run => ({ ...late(ms, "slow"), functions: async () => ["slow"] });
  expect(await deadlines(loop, other)).toEqual([[20_000], [5_000, 20_000]]);
  expect(await deadlines(loop, (ms) => late(ms, "spin", "deadlock"))).toEqual([[20_000], [5_000, 20_000]]);
  expect(await deadlines(loop, (ms) => late(ms, "spin", "timeout", 0.5))).toEqual([[20_000], [5_000, 20_000]]);
});

test("the verdict is that of the run that counts", async () => {
  const patience = new Patience();
  await patience.play(DEADLINE_MS, async (ms) => loop(ms));
  const slow = async (ms: number): Promise<Run> =>
    ms < DEADLINE_MS
      ? { ...late(ms, "slow"), functions: async () => ["slow"] }
      : { ...late(ms, "slow"), broken: fail({ saw: "7", expected: "8" }) };
  expect((await patience.play(DEADLINE_MS, slow)).broken).toMatchObject({ verdict: "wrong", saw: "7" });
});
