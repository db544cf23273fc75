// SPDX-License-Identifier: MIT

/** How a run of the proof is asked for, and what it has shown so far. */

export const long = Bun.argv.includes("--long");
const only = Bun.argv.includes("--cc") ? Bun.argv[Bun.argv.indexOf("--cc") + 1]! : undefined;
export const compilers = ["gcc", "clang"].filter((cc) => (only ? cc === only : Bun.which(cc)));

const manySeeds = 20; // with the first compiler; with the second a few, unless --long
const fewSeeds = 5;
const parallel = 2;

let passed = 0;
let failed = 0;

export const seedsWith = (cc: string) => (cc === compilers[0] || long ? manySeeds : fewSeeds);

export function check(name: string, problem: string | undefined): void {
  if (problem === undefined) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAIL  ${name}\n      ${problem}`);
}

/** Runs jobs on both cores; a thrown error is a failure of that job. */
export async function all<T>(
  items: T[],
  name: (item: T) => string,
  job: (item: T) => Promise<string | undefined>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      check(name(item), await job(item).catch((error: Error) => error.message));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Prints the sum; true: all holds, and something was tried. */
export function summed(): boolean {
  if (!only && compilers.length < 2) console.log(`not proven: only ${compilers.join()} is installed`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}
