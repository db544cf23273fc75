// SPDX-License-Identifier: MIT

/**
 * How fast: `bun native/explorer/proof/bench.ts [--cc clang]`. One process at a time; an idle machine, please.
 *
 * Compile and link of one exploration build, executions per second of the correct programs, and the time until each
 * planted mistake is found, shown and written down, median over 20 seeds.
 */
import { basename } from "node:path";
import { type Planted, plantedIn, subjectFiles } from "./expectations";
import { build, buildExplorer, explore, scenarios } from "./explorer";

const cc = Bun.argv.includes("--cc") ? Bun.argv[Bun.argv.indexOf("--cc") + 1]! : "gcc";
const seeds = 20;
const seedDistance = 0x100000;
const builds = 7;
const executions = 100_000;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function benchBuilds(): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < builds; i++)
    times.push(await seconds(() => build({ file: "examples/mpsc/vyukov.c", planted: 0, cc })));
  console.log(`compile and link of an exploration build: ${median(times).toFixed(3)} s (${cc}, median of ${builds})\n`);
}

async function benchRates(): Promise<void> {
  console.log("executions/s  steps each  correct program");
  for (const file of subjectFiles()) {
    const so = await build({ file, planted: 0, cc });
    for (const scenario of await scenarios(so)) {
      let steps = 0;
      const time = await seconds(async () => {
        steps = (await explore(so, scenario, "--executions", String(executions))).steps;
      });
      const rate = Math.round(executions / time);
      console.log(
        `${rate}`.padStart(12) + `${Math.round(steps / executions)}`.padStart(12) + `  ${basename(file)} ${scenario}`,
      );
    }
  }
}

async function timesToFind({ file, planted }: Planted): Promise<number[]> {
  const so = await build({ file, planted, cc });
  for (const scenario of await scenarios(so)) {
    if ((await explore(so, scenario)).verdict === "pass") continue;
    const times: number[] = [];
    for (let i = 0; i < seeds; i++)
      times.push(await seconds(() => explore(so, scenario, "--seed", (i * seedDistance).toString(16))));
    return times;
  }
  return [];
}

async function benchFinding(): Promise<void> {
  const rows: { name: string; middle: number; most: number }[] = [];
  for (const planted of subjectFiles().flatMap(plantedIn)) {
    if (planted.file.endsWith("misuse.c")) continue; /* those fail at once, or by a clock */
    const times = await timesToFind(planted);
    rows.push({
      name: `${basename(planted.file, ".c")} ${planted.planted}`,
      middle: median(times),
      most: Math.max(...times),
    });
  }
  rows.sort((a, b) => b.middle - a.middle);
  console.log(
    `\n   found in  at most  planted mistake (seconds, process and picture included; the ten slowest of ${rows.length})`,
  );
  for (const { name, middle, most } of rows.slice(0, 10)) {
    console.log(`${middle.toFixed(3)}`.padStart(11) + `${most.toFixed(3)}`.padStart(9) + `  ${name}`);
  }
}

await buildExplorer();
await benchBuilds();
await benchRates();
await benchFinding();
