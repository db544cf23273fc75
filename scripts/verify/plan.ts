// SPDX-License-Identifier: MIT
/** What `bun run verify` was asked for, and what follows from it and from the commit: which katas, which part of them. */
import { parseArgs } from "node:util";
import { hashOf, ROOT } from "../../harness/src/base/cache.ts";
import { Unusable } from "../../harness/src/base/command.ts";
import { Sentence } from "../../harness/src/base/sentence.ts";
import { toolchain, type Toolchain } from "../../harness/src/build/toolchain.ts";
import type { Kata } from "../../harness/src/kata/kata.ts";
import { findKata, kataIds } from "../../harness/src/kata/shelf.ts";
import { changesIn, type Changes } from "./changes.ts";
import { drawn, type Trial } from "./trials.ts";

const MINUTES = 12;

function optionsOf(argv: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = { all: flag, compiled: flag, repeat: text, base: text, minutes: text };
  try {
    const { values, positionals } = parseArgs({ args: argv, allowPositionals: true, options });
    const repeat = values.repeat === undefined ? undefined : wholeNumber("--repeat", values.repeat);
    const minutes = wholeNumber("--minutes", values.minutes ?? String(MINUTES));
    return { ...values, repeat, minutes, named: positionals };
  } catch (error) {
    throw error instanceof Sentence ? error : new Unusable((error as Error).message);
  }
}

function wholeNumber(name: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new Unusable(`${name} ${value}: not a whole number above 0`);
  return Number(value);
}

/** What is to be proven this time, and until when. */
export interface Plan {
  options: ReturnType<typeof optionsOf>;
  tools: Toolchain;
  katas: Kata[];
  changes: Changes;
  /** Katas that are proven whole, by id. */
  whole: Set<string>;
  /** Another order for each commit and compiler follows from it. */
  draw: string;
  deadline: number;
}

export async function planned(argv: string[]): Promise<Plan> {
  const began = performance.now();
  const options = optionsOf(argv);
  const { named, all, repeat, base, minutes } = options;
  const tools = await toolchain();
  const katas: Kata[] = [];
  for (const id of named.length > 0 ? new Set(named) : kataIds()) katas.push(await findKata(id));
  const changes = await changesIn(ROOT, base);
  const unlimited = all || named.length > 0 || repeat !== undefined;
  const isWhole = ({ id, drivers, headers }: Kata) =>
    unlimited || [`katas/${id}`, `solutions/${id}`, ...drivers, ...headers].some(changes.touch);
  const whole = new Set(katas.filter(isWhole).map(({ id }) => id));
  const limit = unlimited ? "no limit of time" : `${minutes} minutes`;
  console.log(`${tools.version}; ${changes.since}; ${limit}`);
  console.log(
    `whole: ${[...whole].join(", ") || "no kata"}; drawn by '${changes.commit.slice(0, 7)}', ${tools.family}`,
  );
  const deadline = unlimited ? Infinity : began + minutes * 60_000;
  return { options, tools, katas, changes, whole, draw: hashOf(changes.commit, tools.family), deadline };
}

/** What is graded whatever the time, then what of the katas that have changed, then what of the others. */
export function queues({ draw, whole }: Plan, trials: Trial[]) {
  const { must, soon, rest } = drawn(trials, draw);
  const may = [...soon, ...rest];
  return {
    must,
    changed: may.filter(({ program }) => whole.has(program.kata)),
    others: may.filter(({ program }) => !whole.has(program.kata)),
  };
}
