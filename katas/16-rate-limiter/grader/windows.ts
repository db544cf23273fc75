// SPDX-License-Identifier: MIT
/** What windows answer on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";
import { LOCAL } from "./files.ts";
import { clamped, MOST, Windows } from "./model.ts";

interface WindowTale {
  limit: bigint;
  window_ns: bigint;
  keysMax: number;
  start: bigint;
  /** `calls`: that many at once. */
  calls: { key: bigint; step: bigint; calls?: number }[];
}

function planWindows({ limit, window_ns, keysMax, start, calls }: WindowTale): Step[] {
  const model = new Windows(limit, window_ns, keysMax);
  const window = { ref: "window" };
  const show = `window_new(${limit}, ${window_ns}, ${keysMax})`;
  const made: Step = { call: "window_new", args: [limit, window_ns, keysMax], as: "window", expect: "not NULL", show };
  const steps: Step[] = [made];
  let now = start;
  for (const { key, step, calls: many } of calls) {
    now = clamped(now + step);
    const told = `allow(key ${key}, now ${now})`;
    if (many !== undefined) {
      const expect = model.allowAll(key, now, many);
      const show = `${many} times ${told}`;
      steps.push({ call: "script_count_all", args: [window, key, now, many], expect, show });
      continue;
    }
    const text = model.allow(key, now);
    steps.push({ call: "script_count", args: [window, key, now], expect: { text }, show: told });
  }
  return [...steps, { call: "window_free", args: [window], show: "window_free()" }];
}

const tick = (key: bigint, step = 0n) => ({ key, step });
const ticks = (count: number, key: bigint, step = 0n) => Array.from({ length: count }, () => tick(key, step));
const second: WindowTale = { limit: 3n, window_ns: 6_400n, keysMax: 2, start: 1_000_000n, calls: [] };

const windowTales: WindowTale[] = [
  // at the end of its 64th slot a call counts still, and no longer after that
  { ...second, calls: [...ticks(4, 1n), tick(1n, 6_499n), tick(1n, 1n), ...ticks(3, 1n)] },
  { ...second, start: 1_000_050n, calls: [...ticks(4, 1n), tick(1n, 6_400n), tick(1n, 49n), tick(1n, 1n)] },
  // calls end one slot after the other, and not all at once
  {
    ...second,
    calls: [tick(1n), tick(1n, 100n), tick(1n, 3_000n), tick(1n), tick(1n, 3_400n), tick(1n), tick(1n, 100n), tick(1n)],
  },
  // a window's border is nowhere: twice the limit does not go through around one
  { ...second, start: 6_390n, calls: [...ticks(3, 1n), ...ticks(4, 1n, 10n)] },
  // long silence, and one of just the ring's length
  {
    ...second,
    calls: [
      ...ticks(3, 1n),
      tick(1n, 1_000_000n),
      ...ticks(3, 1n),
      tick(1n, 6_500n),
      tick(1n, 6_600n),
      tick(1n, 13_000n),
      ...ticks(3, 1n),
    ],
  },
  // older times count as the latest
  {
    ...second,
    calls: [
      tick(1n),
      tick(1n, -500_000n),
      tick(1n, -1n),
      tick(1n),
      tick(1n, 500_001n),
      tick(1n, 6_399n),
      tick(1n, 101n),
      ...ticks(3, 1n),
    ],
  },
  { ...second, calls: [tick(1n), tick(2n, 9_000n), tick(1n, -9_000n), tick(1n), tick(1n), tick(1n)] },
  // room
  {
    ...second,
    calls: [
      tick(1n),
      tick(2n, 200n),
      tick(3n),
      tick(1n, 3_000n),
      tick(3n),
      tick(3n, 3_499n),
      tick(3n, 1n),
      tick(2n),
      tick(1n),
      tick(2n, 6_500n),
    ],
  },
  { ...second, keysMax: 1, calls: [...ticks(3, 1n), tick(0n), tick(0n, 6_500n), tick(MOST), tick(1n)] },
  // so long a silence that the numbers of two slots agree in their last 8, 16 or 32 bits
  ...[8n, 16n, 32n].flatMap((bits): WindowTale[] => {
    const far = { ...second, window_ns: 64n, calls: [...ticks(3, 1n), tick(1n, 2n ** bits), ...ticks(3, 1n)] };
    return [far, { ...far, keysMax: 1, calls: [tick(1n), tick(2n, 2n ** bits), tick(1n), tick(2n, 2n ** bits + 3n)] }];
  }),
  // more calls in one slot than 16 bits can count
  {
    ...second,
    limit: 70_000n,
    calls: [
      { ...tick(1n), calls: 70_003 },
      tick(1n),
      { ...tick(1n, 6_500n), calls: 70_003 },
      tick(1n, 6_500n),
      tick(1n),
    ],
  },
  // the ends of all ranges
  { ...second, limit: MOST, calls: ticks(5, 1n) },
  { ...second, window_ns: MOST - 63n, start: 0n, calls: [...ticks(4, 1n), tick(1n, MOST), tick(1n)] },
  { ...second, window_ns: 64n, start: 0n, calls: [...ticks(4, 1n), tick(1n, 64n), ...ticks(4, 1n, 1n)] },
  { ...second, start: MOST, calls: [...ticks(4, 1n), tick(1n, -MOST), tick(0n, MOST)] },
];

const windowTale: fc.Arbitrary<WindowTale> = fc.record({
  limit: fc.constantFrom(1n, 2n, 3n, 7n),
  window_ns: fc.constantFrom(64n, 6_400n),
  keysMax: fc.constantFrom(1, 2, 4),
  start: fc.constantFrom(0n, 63n, 1_000_000n, MOST - 10_000n),
  calls: fc.array(
    fc.record({
      key: fc.constantFrom(0n, 1n, 2n, MOST),
      step: fc.oneof(
        fc.constantFrom(0n, 1n, -1n, 64n, 65n, 99n, 100n, 101n, 6_400n, 6_500n, -200n),
        fc.bigInt({ min: 0n, max: 7_000n }),
      ),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

/** Every answer of windows, with their room. */
export const windowMatchesModel: ScriptCheck<WindowTale> = {
  id: "window_matches_model",
  file: LOCAL,
  points: 7,
  runs: 200,
  commands: fc.tuple(windowTale) as unknown as fc.Arbitrary<WindowTale[]>,
  always: windowTales.map((told) => [told]),
  plan: (tales) => tales.flatMap(planWindows),
  lookAt: "window_allow: in which slots does a call count, and which calls count in the slot of now_ns?",
};
