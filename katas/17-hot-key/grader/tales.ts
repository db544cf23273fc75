// SPDX-License-Identifier: MIT
/** The call lists that every grading tries: what the contract names, one by one. */
import type { Setting } from "./model.ts";

export type Command =
  | { get: number }
  | { reads: number; times: number }
  | { put: number; value: number }
  | { write: number; value: number }
  | { later: number | bigint }
  | { draw: number }
  | { fail: "fetch" | "store" | "lost"; split: number; times: number };

export interface Tale {
  setting: Setting;
  commands: Command[];
}

/** The read of a key that makes it hot. */
export const READS = 65;

const FOR_EVER = 2n ** 64n - 1n;
const four = (part: Partial<Setting> = {}): Setting => ({
  ...{ shards: 4, replicasMax: 4, staleness: 1_000n, splits: 1 },
  ...part,
});
const put = (key: number, value: number): Command => ({ put: key, value });
const get = (key: number): Command => ({ get: key });
const reads = (key: number, times: number): Command => ({ reads: key, times });
const later = (ns: number | bigint): Command => ({ later: ns });
const fail = (what: "fetch" | "store" | "lost", split: number, times = 1): Command => ({ fail: what, split, times });
/** Key 1 is hot, with a value; its copies are not filled. */
const hot = [put(1, 7), reads(1, READS)];
/** And filled, by a put. */
const filled = [...hot, put(1, 8)];
const splitting = four({ staleness: 0n, splits: 4 });
const draw = (next: number): Command => ({ draw: next });

export const tales: Tale[] = [
  // Hot from the 65th read of the window on, whatever was answered, and whatever other keys are read between.
  { setting: four(), commands: [put(1, 7), reads(1, 64), get(1), get(1), get(1)] },
  { setting: four(), commands: [reads(1, 64), put(1, 7), get(1), get(1)] },
  { setting: four(), commands: [put(1, 7), reads(1, 40), reads(2, 100), reads(1, 24), get(3), get(1), get(1), get(2)] },
  { setting: four({ shards: 1, splits: 1 }), commands: [put(1, 7), reads(1, 300)] },
  { setting: four(), commands: [put(3, 0), reads(3, 64), get(3), get(3), put(0, 0), reads(0, READS), get(0)] },
  // A window has 256 reads here; the 257th begins the next, and counts in it. 64 are too few to stay hot, 65 are not.
  { setting: four(), commands: [put(1, 7), reads(2, 192), reads(1, 64), reads(1, 64), get(1), get(1)] },
  { setting: four(), commands: [...hot, reads(2, 191), reads(1, 64), reads(2, 192), get(1), get(1)] },
  { setting: four(), commands: [...hot, reads(2, 191), reads(1, 65), reads(2, 191), get(1), get(1)] },
  { setting: four(), commands: [...hot, reads(2, 191), get(1), reads(2, 255), get(2), get(1), reads(1, 63), get(1)] },
  {
    setting: four(),
    commands: [put(1, 7), put(2, 9), ...[1, 2, 3, 1, 2, 3].map((key) => reads(key, 85)), get(1), get(2)],
  },
  { setting: four(), commands: [reads(0, READS), reads(0, 300), put(0, 4), get(0)] },
  // What was counted 256 windows ago counts no more.
  { setting: four({ shards: 2 }), commands: [put(1, 7), reads(1, 40), reads(2, 88 + 255 * 128), reads(1, 30), get(1)] },
  // No more than replicas_max; one more becomes hot when there is room, and it is read more than 64 times.
  {
    setting: four({ replicasMax: 1 }),
    commands: [...hot, put(2, 9), reads(2, 80), get(2), reads(2, 110), get(2), reads(2, 80), get(2)],
  },
  { setting: four({ replicasMax: 0 }), commands: [put(1, 7), reads(1, 130), get(1)] },
  // Good for less than its staleness; a put, or the same version fetched again, makes it young.
  { setting: four(), commands: [...hot, later(999), get(1), later(1), get(1), later(999), get(1), later(1), get(1)] },
  { setting: four(), commands: [...hot, later(600), put(1, 8), get(1), later(999), get(1), later(1), get(1)] },
  { setting: four({ staleness: 0n }), commands: [...hot, get(1), put(1, 8), get(1)] },
  { setting: four({ staleness: 1n }), commands: [...hot, get(1), later(1), get(1), get(1)] },
  {
    setting: four({ staleness: FOR_EVER }),
    commands: [...hot, later(2n ** 62n), get(1), put(1, 8), later(2n ** 61n), get(1)],
  },
  { setting: four({ staleness: 2n ** 63n }), commands: [later(2n ** 62n), ...hot, later(2n ** 62n), get(1)] },
  { setting: four({ staleness: FOR_EVER - 1n }), commands: [later(1000), ...hot, get(1), later(5000), get(1)] },
  { setting: four(), commands: [...hot, { write: 1, value: 150 }, get(1), later(1000), get(1)] },
  // Copies: drawn, filled by the get that draws them or by a put, and fetched from then on.
  { setting: splitting, commands: [...hot, ...[0, 1, 2, 3, 1, 2, 3, 0].flatMap((split) => [draw(split), get(1)])] },
  { setting: splitting, commands: [...filled, ...[0, 1, 2, 3, 7].flatMap((split) => [draw(split), get(1)])] },
  {
    setting: four({ staleness: 1_000n, splits: 4 }),
    commands: [...filled, get(1), later(1_000), draw(2), get(1), get(1), later(1_000), get(1)],
  },
  { setting: four({ staleness: FOR_EVER, splits: 4 }), commands: [...filled, get(1), put(1, 9), get(1)] },
  {
    setting: four({ shards: 8, staleness: 0n, splits: 8 }),
    commands: [...hot, draw(5), get(1), draw(5), get(1), put(1, 9), draw(7), get(1)],
  },
  {
    setting: splitting,
    commands: [...filled, { write: 1, value: 150 }, draw(2), get(1), draw(2), get(1), draw(1), get(1), draw(1), get(1)],
  },
  {
    setting: four({ staleness: 0n, splits: 3 }),
    commands: [...hot, ...[2 ** 32 + 1, 2 ** 32 + 1, 2 ** 52, 2 ** 52].flatMap((split) => [draw(split), get(1)])],
  },
  { setting: splitting, commands: [put(2, 5), draw(1), get(2), get(2), ...filled, get(2), get(2)] },
  { setting: splitting, commands: [put(2, 5), ...filled, draw(1), ...[2, 1, 2, 2, 1, 2, 1].map(get)] },
  // Failures: of home the answer is false, and it is tried again; another copy is no longer filled, and home is asked.
  { setting: four(), commands: [put(1, 7), fail("fetch", 0), get(1), get(1)] },
  { setting: four(), commands: [...hot, fail("fetch", 0), get(1), later(1_000), get(1), get(1)] },
  { setting: splitting, commands: [...filled, fail("fetch", 2), draw(2), get(1), draw(2), get(1)] },
  {
    setting: splitting,
    commands: [...filled, fail("fetch", 2), fail("fetch", 0), draw(2), get(1), draw(2), get(1), draw(2), get(1)],
  },
  {
    setting: splitting,
    commands: [...filled, fail("fetch", 2), fail("store", 2), draw(2), get(1), draw(2), get(1), draw(2), get(1)],
  },
  { setting: splitting, commands: [...hot, fail("fetch", 0), draw(3), get(1), draw(3), get(1), draw(3), get(1)] },
  ...(["store", "lost"] as const).flatMap((what): Tale[] => [
    { setting: four(), commands: [put(1, 7), fail(what, 0), put(1, 8), get(1), put(1, 9), get(1)] },
    { setting: four(), commands: [...hot, fail(what, 0), put(1, 8), get(1), later(1_000), get(1)] },
    {
      setting: splitting,
      commands: [...filled, fail(what, 0), put(1, 9), ...[1, 0, 1, 2].flatMap((split) => [draw(split), get(1)])],
    },
    {
      setting: splitting,
      commands: [...filled, fail(what, 2), put(1, 9), ...[2, 1, 2, 3].flatMap((split) => [draw(split), get(1)])],
    },
    { setting: splitting, commands: [...hot, fail(what, 2), draw(2), get(1), draw(2), get(1), draw(2), get(1)] },
  ]),
  // Cooled down: one copy again, the last written one; hot again: the copies of the last time are not filled.
  {
    setting: splitting,
    commands: [
      ...filled,
      reads(2, 500),
      draw(2),
      get(1),
      put(1, 9),
      get(1),
      reads(1, 64),
      draw(2),
      get(1),
      draw(2),
      get(1),
    ],
  },
  {
    setting: four({ splits: 4 }),
    commands: [...filled, reads(2, 500), { write: 1, value: 150 }, get(1), get(1), reads(1, 63), get(1), get(1)],
  },
  // Versions: the time, or one more than any that was given or answered, whatever the key and whether it succeeded.
  {
    setting: four(),
    commands: [later(5_000), put(1, 7), put(2, 8), later(1), put(3, 9), later(1), put(1, 8), later(500), put(1, 9)],
  },
  {
    setting: four(),
    commands: [
      { write: 1, value: 150 },
      { write: 1, value: 151 },
      put(2, 8),
      get(1),
      put(2, 9),
      fail("store", 0),
      put(3, 1),
      put(3, 2),
    ],
  },
];
