// SPDX-License-Identifier: MIT
/**
 * The lesson's figures: what each shard bears without hot keys, with replicas, with copies, and with both, counted in virtual time
 * on the submission (the reference, where it is there); and, computed, what the threshold does as shards are added.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";
import { busiest, zipf } from "./loads.ts";
import { evenness, SETTINGS, zipfEvidence } from "./zipf.ts";

const TRAFFIC = { shards: 8, keys: 10_000, reads: 60_000, replicas: 8 };
const SHARDS = [2, 4, 8, 16, 32, 64];
const EXPONENT = 1.2;

const reference = join(kata.folder, "../../solutions", kata.id, kata.edits[0]!);

/** Fetches of each shard, for each of the four caches. */
async function counted(guest: string, even: 0 | 1): Promise<Plot> {
  const { evidence } = await labRun(guest, "zipf", { ...TRAFFIC, even });
  const { loads } = zipfEvidence.parse(evidence);
  const where = even ? "the other keys' homes are even" : "homes are where hashing puts them";
  return {
    title: `Zipf 1.2, ${TRAFFIC.reads} reads, ${TRAFFIC.keys} keys: ${where}`,
    x: { title: "shard" },
    y: { title: "fetches" },
    series: SETTINGS.map((name, setting) => ({
      name: `${name}: ${evenness(loads, setting).ratio.toFixed(2)} times the mean`,
      points: loads.filter((row) => row.setting === setting).map((row) => [row.shard, row.fetches]),
    })),
  };
}

/** Who is hot decides how even it can be. */
function threshold(): Plot {
  const shares = zipf(TRAFFIC.keys, EXPONENT);
  const rules: [name: string, share: (shards: number) => number][] = [
    ["no key is hot", () => 1],
    ["more than 1/shards", (shards) => 1 / shards],
    ["more than 1/(4 shards)", (shards) => 1 / (4 * shards)],
    ["more than 1/(16 shards)", (shards) => 1 / (16 * shards)],
  ];
  return {
    title: `The busiest shard, with hot keys on all shards (computed; Zipf ${EXPONENT}, ${TRAFFIC.keys} keys, homes by hashing)`,
    x: { title: "shards", scale: "log" },
    y: { title: "times the mean" },
    series: rules.map(([name, share]) => ({
      name,
      points: SHARDS.map((shards): [number, number] => [shards, busiest(shares, shards, share(shards))]),
    })),
  };
}

export async function lab(path: string): Promise<Plot[]> {
  const guest = await labProgram(kata, existsSync(reference) ? reference : path);
  return [await counted(guest, 1), await counted(guest, 0), threshold()];
}
