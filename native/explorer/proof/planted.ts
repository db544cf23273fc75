// SPDX-License-Identifier: MIT

/** Planted mistakes are found with the verdict their comments name, correct programs raise no alarm, replays repeat. */
import { basename } from "node:path";
import { type Planted, plantedIn, subjectFiles } from "./expectations";
import { build, explore, scenarios, transcript } from "./explorer";
import { all, compilers, long, seedsWith } from "./tally";

const seedDistance = 0x100000;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export async function proveCorrect(cc: string): Promise<void> {
  const subjects = await Promise.all(subjectFiles().map((file) => build({ file, planted: 0, cc })));
  const cases = (
    await Promise.all(subjects.map(async (so) => (await scenarios(so)).map((scenario) => ({ so, scenario }))))
  ).flat();
  const executions = Math.ceil((long ? 10_000_000 : 1_000_000) / compilers.length / cases.length);
  await all(
    cases,
    ({ so, scenario }) => `${cc} correct ${basename(so)} ${scenario}`,
    async ({ so, scenario }) => {
      const result = await explore(
        so,
        scenario,
        "--executions",
        String(executions),
        "--seed",
        cc === "gcc" ? "0" : "40000000",
      );
      return result.verdict === "pass" ? undefined : `${result.verdict}: ${result.message} (seed ${result.seed})`;
    },
  );
  console.log(`${cc}: ${cases.length * executions} executions of ${cases.length} correct scenarios`);
}

/** The first scenario that finds it, and the executions until then on each further seed. */
async function find(
  { file, planted, verdicts, within }: Planted,
  cc: string,
): Promise<{ problem?: string; found: number[] }> {
  const so = await build({ file, planted, cc });
  for (const scenario of await scenarios(so)) {
    const first = await explore(so, scenario);
    if (first.verdict === "pass") continue;
    if (!verdicts.includes(first.verdict)) return { problem: `${first.verdict}: ${first.message}`, found: [] };
    const again = await findAgain(so, scenario, verdicts, first.found_at, seedsWith(cc));
    const slow = again.found.find((executions) => executions > within);
    return slow === undefined
      ? again
      : { ...again, problem: `found only after ${slow} executions, not within ${within}` };
  }
  return { problem: "not found", found: [] };
}

async function findAgain(
  so: string,
  scenario: string,
  verdicts: string[],
  first: number,
  seeds: number,
): Promise<{ problem?: string; found: number[] }> {
  const found = [first];
  const slow = so.includes("misuse-18-"); // found by a clock, a second each
  for (let i = 1; i < (slow ? 2 : seeds); i++) {
    const result = await explore(so, scenario, "--seed", (i * seedDistance).toString(16), "--about", verdicts.join());
    if (!verdicts.includes(result.verdict)) return { problem: `seed ${i}: ${result.verdict} ${result.message}`, found };
    found.push(result.found_at);
  }
  return { found };
}

export async function provePlanted(cc: string): Promise<void> {
  const rows: string[] = [];
  const name = ({ file, planted }: Planted) => `${cc} planted ${basename(file, ".c")} ${planted}`;
  await all(subjectFiles().flatMap(plantedIn), name, async (planted) => {
    const { problem, found } = await find(planted, cc);
    rows.push(
      `${median(found)}`.padStart(6) +
        `${Math.max(...found)}`.padStart(7) +
        `  ${basename(planted.file, ".c")} ${planted.planted}: ${planted.what}`,
    );
    return problem;
  });
  rows.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  console.log(
    `${cc}: executions until found, median and most over ${seedsWith(cc)} seeds, the ten hardest\n${rows.slice(0, 10).join("\n")}`,
  );
}

/** Its failure is told, and the same choices do not lead to it again. */
const UNREPEATABLE = "subjects/lane_of_the_moment.c";

/** One mistake of every file: the same bytes with and without address randomisation, and from the printed seed. */
export async function proveReplay(cc: string): Promise<void> {
  const repeatable = subjectFiles().filter((file) => file !== UNREPEATABLE);
  const ones = repeatable.map((file) => plantedIn(file)[0]!);
  await all(
    ones,
    ({ file }) => `${cc} replay ${basename(file)}`,
    async ({ file, planted }) => {
      const so = await build({ file, planted, cc });
      for (const scenario of await scenarios(so)) {
        const { verdict, seed } = await explore(so, scenario);
        if (verdict === "pass") continue;
        const runs: string[] = [];
        for (const fixed of [false, false, true]) runs.push(await transcript(so, scenario, seed, fixed));
        return runs.every((run) => run === runs[0]) ? undefined : `three replays of seed ${seed} differ`;
      }
      return "nothing to replay";
    },
  );
}

/** The verdicts do not hang on the optimisation level. */
export async function proveLevels(cc: string): Promise<void> {
  const levels = ["-O0", "-O2"].flatMap((flags) => subjectFiles().map((file) => ({ file, flags })));
  await all(
    levels,
    ({ file, flags }) => `${cc} ${flags} ${basename(file)}`,
    async ({ file, flags }) => {
      const correct = await build({ file, planted: 0, cc, flags });
      for (const scenario of await scenarios(correct)) {
        const result = await explore(correct, scenario, "--executions", "2000");
        if (result.verdict !== "pass") return `${result.verdict}: ${result.message} (seed ${result.seed})`;
      }
      const { planted, verdicts } = plantedIn(file)[0]!;
      const wrong = await build({ file, planted, cc, flags });
      for (const scenario of await scenarios(wrong)) {
        const result = await explore(wrong, scenario);
        if (result.verdict !== "pass")
          return verdicts.includes(result.verdict) ? undefined : `${result.verdict}: ${result.message}`;
      }
      return "its first planted mistake was not found";
    },
  );
}
