// SPDX-License-Identifier: MIT
/** What it costs to let another go on. */
import { measured, type ConceptLab } from "@c10kata/harness/concept-lab";

/** In the order of switch.c's numbers. */
const WAYS = [
  "a call or its return",
  "a coroutine (ucontext)",
  "a thread on the same CPU (futex)",
  "a process on the same CPU (pipe)",
  "a thread on another CPU (futex)",
];

export async function lab(): Promise<ConceptLab> {
  const rows = await measured("switch", [[]]);
  const points = rows.get("one switch")!;
  const ns = (way: number) => points.find(([at]) => at === way)?.[1];
  return {
    plots: [
      {
        title: "One switch, one way",
        x: { title: "to", labels: WAYS.slice(0, points.length) },
        y: { title: "nanoseconds", scale: "log" },
        kind: "bars",
        series: [{ name: "one switch", points }],
      },
    ],
    says:
      `To let another thread on the same CPU go on takes ${ns(2)!.toFixed(0)} ns, ${(ns(2)! / ns(1)!).toFixed(0)} times what a coroutine takes ` +
      `and ${(ns(2)! / ns(0)!).toFixed(0)} times a call${ns(4) ? `; on another CPU, which may have to wake up first, ${ns(4)!.toFixed(0)} ns` : ""}.`,
  };
}
