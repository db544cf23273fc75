// SPDX-License-Identifier: MIT
/** One counter, four ways, counted by several threads at once. */
import { timed, type ConceptLab } from "@c10kata/harness/concept-lab";

const WAYS = {
  mutex: "one mutex",
  atomic: "one atomic",
  shards: "an atomic for each thread, side by side",
  padded: "an atomic for each thread, 128 bytes apart",
};
const THREADS = [1, 2, 4, 8];
const ADDS = 4_000_000;

export async function lab(): Promise<ConceptLab> {
  const runs = Object.keys(WAYS).flatMap((way) => THREADS.map((threads) => [way, String(threads), String(ADDS)]));
  const seconds = await timed("counter", runs);
  const series = Object.values(WAYS).map((name, way) => ({
    name,
    points: THREADS.map((threads, at): [number, number] => [threads, ADDS / seconds[way * THREADS.length + at]! / 1e6]),
  }));
  const [mutex, atomic, shards, padded] = series.map(({ points }) => points[1]![1]);
  const times = (a: number, b: number) => `${(a / b).toFixed(1)} times`;
  return {
    plots: [
      {
        title: "Adds to one counter",
        x: { title: "threads", scale: "log" },
        y: { title: "million adds a second, all threads together", scale: "log" },
        series,
      },
    ],
    says:
      `With two threads one atomic does ${times(atomic!, mutex!)} what a mutex does, atomics side by side in one cache line ` +
      `${times(shards!, atomic!)} what the one atomic does, and the same atomics apart ${times(padded!, atomic!)}.`,
  };
}
