// SPDX-License-Identifier: MIT
/** Constructors whose allocations are refused one after the other, as native/include/refusals.h tries them. Pure. */
import { z } from "zod";
import { count, rows } from "../kata/evidence.ts";
import type { Judgement } from "../kata/kata.ts";
import { codeAt, fail, pass } from "./check.ts";
import { plural } from "./words.ts";

/** What refuse_each() reports: a part of a scenario's evidence. */
export const refusalsEvidence = {
  /** `refused`: where memory was asked for that was refused, 0 if none was. The last attempt of either way, alone or not, was refused nothing, unless the constructor asks without end. */
  attempts: rows("nth", "alone", "refused", "made", "works", "kept"),
  lives: count,
  left_behind: count,
};
const schema = z.strictObject(refusalsEvidence);
export type Refusals = z.infer<typeof schema>;
type Attempt = Refusals["attempts"][number];

/** The contract's names, for the learner to read. */
export interface Made {
  make: string;
  end: string;
  /** "queue": `mpsc_new answered a queue that ...` */
  object: string;
  /** What one that is broken does at its first use: "loses its first node". */
  broken: string;
}

/** Without memory the constructor answers NULL and keeps nothing; the destructor gives everything back. */
export function judgeRefusals({ attempts, lives, left_behind }: Refusals, made: Made): Judgement {
  const { make, end, object, broken } = made;
  const leaky = attempts.find(({ kept }) => kept !== 0);
  if (leaky) {
    return fail({
      saw: `${held(leaky.kept)} ${leaky.made ? `after ${end}` : `after ${make} answered NULL`}${whatOf(leaky)}`,
      expected: "everything given back",
      lookAt: leaky.made ? end : `${make}: what was taken before the one that failed?`,
    });
  }
  const works = `a ${object} that works, or NULL`;
  const lookAt = `${make}: which failure goes unnoticed?`;
  const bad = attempts.find((attempt) => attempt.made && !attempt.works);
  if (bad) return fail({ saw: `${make} answered a ${object} that ${broken}${whatOf(bad)}`, expected: works, lookAt });
  const whole = [0, 1].map((alone) => attempts.findLast((attempt) => attempt.alone === alone));
  if (!whole.every((attempt) => attempt?.made)) return fail({ saw: `${make} never succeeds`, expected: works, lookAt });
  if (left_behind === 0) return pass();
  return fail({
    saw: `${held(left_behind)} after ${lives} ${object}s were made and freed`,
    expected: `${end} gives everything back`,
    lookAt: end,
  });
}

const whatOf = (attempt: Attempt) => (attempt.refused ? `: ${refusalOf(attempt)}` : "");

/** "allocation 3, in add (ring.c:30), was refused, and no other" */
export const refusalOf = ({ nth, alone, refused }: Pick<Attempt, "nth" | "alone" | "refused">) =>
  `allocation ${nth}, in ${codeAt(refused)}, was refused, and ${alone ? "no other" : "all later ones"}`;

/** Allocations beyond those that were held before; a count below zero arrives as a number near 2^64. */
export function held(allocations: number): string {
  if (allocations < 0 || allocations > 2 ** 53) return "more freed than allocated";
  return `${plural(allocations, "allocation")} still held`;
}
