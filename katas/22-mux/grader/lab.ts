// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: what a wait costs with each kind as the watches grow in number, one of them
 * ready and a tenth of them. CPU time, so that others on the machine disturb little. It is the reference's, or the submission's
 * where solutions/ is not there.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { KINDS } from "./growth.ts";
import kata from "./kata.ts";

const ROUNDS = 3;
const PINNED = 0;
const WATCHED = [10, 30, 100, 300, 1_000, 3_000, 10_000];
/** select takes no descriptor above 1,023, and the process has some open beside. */
const SELECT_MOST = 1_000;
/** Of one measurement: so many watches are looked at in all, if each wait looks at all of them. */
const LOOKED_AT = 2_000_000;
const WAITS_MOST = 20_000;

/** The reference, or `submission` where solutions/ is not there. */
function programOf(submission: string): string {
  const reference = join(kata.folder, "../../solutions", kata.id, kata.edits[0]!);
  return existsSync(reference) ? reference : submission;
}

/** Microseconds of CPU time a wait, with what the driver does between two: the median of some runs. */
async function microseconds(guest: string, kind: number, watched: number, ready: number): Promise<number> {
  const waits = Math.min(WAITS_MOST, Math.ceil(LOOKED_AT / watched));
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { evidence } = await labRun(guest, "cost", { kind, watched, ready, waits }, PINNED);
    samples.push(Number(evidence.cpu_us) / waits);
  }
  return samples.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

async function byWatches(guest: string, title: string, readyOf: (watched: number) => number): Promise<Plot> {
  const series: Plot["series"] = KINDS.map((name) => ({ name, points: [] }));
  for (const watched of WATCHED) {
    for (const [kind, { points }] of series.entries()) {
      if (KINDS[kind] === "select" && watched > SELECT_MOST) continue;
      points.push([watched, await microseconds(guest, kind, watched, readyOf(watched))]);
    }
  }
  return {
    title,
    x: { title: "watches", scale: "log" },
    y: { title: "CPU time for a wait, a write and a read (µs)", scale: "log" },
    series,
  };
}

/** Also what `bun kata lab mux` shows. */
export async function oneReady(path: string): Promise<Plot> {
  return await byWatches(await labProgram(kata, path), "One watch of many is ready", () => 1);
}

export async function lab(submission: string): Promise<Plot[]> {
  const path = programOf(submission);
  const guest = await labProgram(kata, path);
  return [await oneReady(path), await byWatches(guest, "A tenth of the watches is ready", (watched) => watched / 10)];
}
