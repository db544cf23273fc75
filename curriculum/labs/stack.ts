// SPDX-License-Identifier: MIT
/** A stack is address space until it is touched. */
import { measured, type ConceptLab } from "@c10kata/harness/concept-lab";

const USED_KIB = [1, 4, 16, 64, 256, 1_024, 4_096];

export async function lab(): Promise<ConceptLab> {
  const rows = await measured(
    "stack",
    USED_KIB.map((kib) => [String(kib)]),
  );
  const touched = rows.get("memory touched")!;
  const [least, most] = [touched[0]!, touched.at(-1)!];
  return {
    plots: [
      {
        title: "Stacks of 8 MiB: memory of each of 100 threads",
        x: { title: "KiB of the stack that a thread uses", scale: "log" },
        y: { title: "KiB", scale: "log" },
        series: [...rows].map(([name, points]) => ({ name, points })),
      },
    ],
    says:
      `A thread with 8 MiB of stack takes ${least[1].toFixed(0)} KiB of memory while it uses ${least[0]} KiB of it, and ` +
      `${most[1].toLocaleString("en", { maximumFractionDigits: 0 })} KiB once it has used ${most[0].toLocaleString("en")}: what was touched stays, what was only reserved costs nothing.`,
  };
}
