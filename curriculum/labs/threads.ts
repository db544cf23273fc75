// SPDX-License-Identifier: MIT
/** What threads cost that do nothing but exist. */
import { measured, type ConceptLab } from "@c10kata/harness/concept-lab";

const COUNTS = [10, 30, 100, 300, 1_000, 3_000, 10_000];

export async function lab(): Promise<ConceptLab> {
  const rows = await measured(
    "threads",
    COUNTS.map((count) => [String(count)]),
  );
  const start = rows.get("start and join")!;
  rows.delete("start and join");
  const series = [...rows].map(([name, points]) => ({ name, points: points.filter(([, mib]) => mib > 0) }));
  const at = (name: string) => rows.get(name)!.at(-1)!;
  const [threads, touched] = at("memory touched");
  const [, kernel] = at("kernel: stacks and page tables");
  const [, virtual] = at("address space");
  const each = (mib: number) => `${((1024 * mib) / threads).toFixed(1)} KiB`;
  return {
    plots: [
      {
        title: "Memory of threads that wait",
        x: { title: "threads", scale: "log" },
        y: { title: "MiB", scale: "log" },
        series,
      },
      {
        title: "Starting a thread and joining it",
        x: { title: "threads at once", scale: "log" },
        y: { title: "microseconds for each" },
        series: [{ name: "start and join", points: start }],
      },
    ],
    says:
      `${threads.toLocaleString("en")} waiting threads reserve ${(virtual / 1024).toFixed(0)} GiB of address space, but touch ` +
      `${each(touched)} each, and the kernel keeps ${each(kernel)} for each: ${(touched + kernel).toFixed(0)} MiB together.`,
  };
}
