// SPDX-License-Identifier: MIT
/** Programs of others that are clients of the learner's server. One that does not end is the server's fault only if the same one of another server ends meanwhile: else the machine is busy. */
import { command, type Finished } from "../base/command.ts";
import { fail, notMeasurable, type Judgement } from "../judge/check.ts";

export interface Ran extends Omit<Finished, "late"> {
  /** It had not ended in time; "alone": and the one beside it had. */
  late: "perhaps busy" | "alone" | undefined;
}

/** Times in seconds: for one that is alone, once more beside one of another server, and for that one. */
export interface Patience {
  first: number;
  again: number;
  other: number;
}

/** `other`: the words of one that another server will answer; undefined: there is none. */
export async function runClient(
  words: string[],
  input: string,
  other: string[] | undefined,
  patience: Patience,
): Promise<Ran> {
  const run = (argv: string[], seconds: number) => command(argv, { input, timeout_ms: seconds * 1000 });
  const first = await run(words, patience.first);
  if (!first.late) return { ...first, late: undefined };
  if (!other) return { ...first, late: "perhaps busy" };
  const [again, theirs] = await Promise.all([run(words, patience.again), run(other, patience.other)]);
  return { ...again, late: again.late && (theirs.late ? "perhaps busy" : "alone") };
}

/** Of one that was late. */
export function judgeLate(name: string, late: NonNullable<Ran["late"]>, patience: Patience, lookAt: string): Judgement {
  if (late !== "alone") return notMeasurable(`${name} had not ended after ${patience.first} s`);
  return fail({
    saw: `${name} waits for an answer: it had not ended after ${patience.again} s`,
    expected: `another server answered the same one at the same time in less than ${patience.other} s`,
    lookAt,
  });
}
