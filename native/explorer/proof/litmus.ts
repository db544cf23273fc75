// SPDX-License-Identifier: MIT

/** The memory model: litmus tests have the outcomes their comments state, random programs those of the axioms. */
import { allowedOutcomes } from "./axioms";
import { litmusFiles, litmusTests } from "./expectations";
import { build, explore, written } from "./explorer";
import { driverOf, randomProgram } from "./programs";
import { all, long } from "./tally";

export async function proveLitmus(cc: string): Promise<void> {
  for (const file of litmusFiles()) await proveLitmusIn(cc, file);
}

async function proveLitmusIn(cc: string, file: string): Promise<void> {
  const so = await build({ file, planted: 0, cc });
  const bound = (threads: number) => String(threads > 2 ? 2 : 4);
  await all(
    litmusTests(file),
    ({ name }) => `${cc} litmus ${name}`,
    async ({ name, threads, expected, allows }) => {
      const result = await explore(so, name, "--exhaustive", bound(threads));
      const outcomes = Object.keys(result.outcomes);
      if (result.verdict !== "pass") return `${result.verdict}: ${result.message}`;
      if (!result.schedules?.complete) return "the search was cut off";
      return allows(outcomes) ? undefined : `expected ${expected}, got ${outcomes.join(" ")}`;
    },
  );
}

/** Random programs of atomics: no outcome that the axioms of C11 forbid, and nearly all that they allow. */
export async function proveAxioms(cc: string): Promise<void> {
  const programs = Array.from({ length: long ? 3000 : 200 }, (_, i) => randomProgram(i + (cc === "gcc" ? 0 : 100_000)));
  const so = await build({ file: await written("programs.c", driverOf(programs)), planted: 0, cc });
  let produced = 0;
  let allowed = 0;
  await all(
    [...programs.keys()],
    (i) => `${cc} axioms program ${i}`,
    async (i) => {
      const { threads } = programs[i]!;
      const axioms = allowedOutcomes(programs[i]!);
      const result = await explore(
        so,
        `p${i}`,
        "--exhaustive",
        threads.length > 2 ? "3" : "4",
        "--executions",
        "60000",
      );
      const outcomes = Object.keys(result.outcomes);
      produced += outcomes.length;
      allowed += axioms.size;
      const illegal = outcomes.filter((outcome) => !axioms.has(outcome));
      if (result.verdict !== "pass") return `${result.verdict}: ${result.message}`;
      return illegal.length === 0 ? undefined : `outcomes ${illegal.join(" ")} of ${JSON.stringify(threads)}`;
    },
  );
  console.log(
    `${cc}: ${programs.length} random programs of atomics: ${produced} of the ${allowed} outcomes that C11 allows, and no other`,
  );
}
