// SPDX-License-Identifier: MIT
/** Programs of others that are clients of the learner's server. One that does not end is the server's fault only if the same one of another server ends meanwhile: else the machine is busy. */
import { command, type Finished } from "../base/command.ts";
import { fail, notMeasurable, type Judgement } from "../judge/check.ts";

export interface Ran extends Omit<Finished, "late"> {
  /** It had not ended in time; "alone": and the same one of another server had, time and again. */
  late: "perhaps busy" | "alone" | undefined;
}

/** Times in seconds: for one that is alone, and once more beside those of another server. */
export interface Patience {
  first: number;
  again: number;
}

/** On a busy machine each of them takes long, too; who waits for ever is still there when so many have ended. */
const OTHERS = 10;

/** `other`: the words of one that another server will answer; undefined: there is none. */
export async function runClient(
  words: string[],
  input: string,
  other: string[] | undefined,
  patience: Patience,
): Promise<Ran> {
  const run = (argv: string[], seconds: number) =>
    command(argv, { input, timeout_ms: Math.max(1, Math.round(seconds * 1000)) });
  const first = await run(words, patience.first);
  if (!first.late) return { ...first, late: undefined };
  if (!other) return { ...first, late: "perhaps busy" };
  let waits = true;
  const since_ms = performance.now();
  const left = () => patience.again - (performance.now() - since_ms) / 1000;
  const tried = run(words, patience.again).finally(() => (waits = false));
  let ended = 0;
  while (waits && ended < OTHERS && !(await run(other, left())).late) ended++;
  const again = await tried;
  return { ...again, late: again.late && (ended < OTHERS ? "perhaps busy" : "alone") };
}

/** Of one that was late. */
export function judgeLate(name: string, late: NonNullable<Ran["late"]>, patience: Patience, lookAt: string): Judgement {
  if (late !== "alone") return notMeasurable(`${name} had not ended after ${patience.first} s`);
  return fail({
    saw: `${name} waits for an answer: it had not ended after ${patience.again} s`,
    expected: `another server answered the same one ${OTHERS} times meanwhile`,
    lookAt,
  });
}
