// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, in virtual time: how often a paused process writes after its successor, if it does not look at the
 * clock, if it does, and if the store looks at its token; and what a ttl costs on either side. Some seconds.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";
import { validNs } from "./model.ts";

const ROUNDS = 20_000;
const TTL_MS = 10_000;
const PAUSES_MS = [100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
const TTLS_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000];
const LONG_PAUSE_MS = 2_000;

const reference = join(kata.folder, "../../solutions", kata.id, kata.edits[0]!);

/** Rounds in a thousand in which the write of the one that was paused came after its successor's. */
async function harm(guest: string, pause_ms: number, ttl_ms: number) {
  const { evidence } = await labRun(guest, "pauses", { rounds: ROUNDS, pause_us: pause_ms * 1000, ttl_ms });
  const share = (name: string) => (Number(evidence[name]) * 1000) / ROUNDS;
  return { unchecked: share("unchecked"), checked: share("checked"), fenced: share("fenced") };
}

async function byPauses(guest: string): Promise<Plot> {
  const seen: { pause: number; unchecked: number; checked: number; fenced: number }[] = [];
  for (const pause of PAUSES_MS) seen.push({ pause: pause / 1000, ...(await harm(guest, pause, TTL_MS)) });
  const of = (name: "unchecked" | "checked" | "fenced") => seen.map((one): [number, number] => [one.pause, one[name]]);
  return {
    title: `A ttl of ${TTL_MS / 1000} s, a pause before the look at the clock and one after it`,
    x: { title: "mean of each pause (s)", scale: "log" },
    y: { title: "stale writes in 1,000 rounds" },
    series: [
      { name: "does not look", points: of("unchecked") },
      { name: "looks at the clock before it writes", points: of("checked") },
      { name: "the store looks at the token", points: of("fenced") },
    ],
  };
}

/** A short ttl is lost to pauses; a long one keeps everybody waiting after a crash, which comes at any time of it. */
async function byTtl(guest: string): Promise<Plot[]> {
  const lost: [number, number][] = [];
  for (const ttl of TTLS_MS) lost.push([ttl / 1000, (await harm(guest, LONG_PAUSE_MS, ttl)).unchecked]);
  const x = { title: "ttl (s)" };
  return [
    {
      title: `Leases lost to pauses of ${LONG_PAUSE_MS / 1000} s in the mean, two of them`,
      x,
      y: { title: "lost in 1,000" },
      series: [{ name: "measured", points: lost }],
    },
    {
      title: "After a crash: how long nobody can write, with renewals every third of the ttl",
      x,
      y: { title: "mean wait (s)" },
      series: [
        { name: "computed", points: TTLS_MS.map((ttl): [number, number] => [ttl / 1000, (ttl * 5) / 6 / 1000]) },
      ],
    },
    {
      title: "What is left of a ttl after 1 % and 2 ms for the drift",
      x: { title: "ttl (ms)", scale: "log" },
      y: { title: "valid (% of the ttl)" },
      series: [
        {
          name: "computed",
          points: [10, 20, 50, 100, 1_000, 10_000].map((ttl): [number, number] => [
            ttl,
            Number(validNs(ttl)) / (ttl * 1e4),
          ]),
        },
      ],
    },
  ];
}

export async function lab(path: string): Promise<Plot[]> {
  const guest = await labProgram(kata, existsSync(reference) ? reference : path);
  return [await byPauses(guest), ...(await byTtl(guest))];
}
