// SPDX-License-Identifier: MIT
/** A wait for one busy descriptor among many idle ones: select, poll, epoll. */
import { measured, type ConceptLab } from "@c10kata/harness/concept-lab";

const IDLE = [10, 30, 100, 300, 1_000, 3_000, 10_000];

export async function lab(): Promise<ConceptLab> {
  const rows = await measured(
    "mux",
    IDLE.map((idle) => [String(idle)]),
  );
  const series = [...rows].map(([name, points]) => ({
    name,
    points: points.map(([idle, ns]): [number, number] => [idle, ns / 1000]),
  }));
  const [most, poll] = rows.get("poll")!.at(-1)!;
  const [few, pollFew] = rows.get("poll")![0]!;
  const epoll = rows.get("epoll")!;
  return {
    plots: [
      {
        title: "One busy descriptor among idle ones",
        x: { title: "idle descriptors", scale: "log" },
        y: { title: "microseconds a wait, with the write and the read", scale: "log" },
        series,
      },
    ],
    says:
      `From ${few} to ${most.toLocaleString("en")} idle descriptors a wait with poll becomes ${(poll / pollFew).toFixed(0)} times as dear, with epoll ` +
      `${(epoll.at(-1)![1] / epoll[0]![1]).toFixed(1)} times; select takes no descriptor above 1,023 at all.`,
  };
}
