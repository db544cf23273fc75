// SPDX-License-Identifier: MIT
/** One grading in a process of its own, told to the parent as it goes on: who wants it no longer ends the process. */
import { isRefusal, Sentence } from "../base/sentence.ts";
import { begunFirst, readSubmission } from "../build/submission.ts";
import type { CheckResult, Result } from "../judge/score.ts";
import { findKata } from "../kata/shelf.ts";
import { Grading, newSeed } from "../play/grade.ts";
import { Workpiece } from "../play/workpiece.ts";
import { tidyWhenInterrupted } from "./interrupt.ts";

export interface Order {
  /** The learner's own files of this kata are graded. */
  kata: string;
  /** This check and what it needs are tried before all others. */
  first?: string;
  /** The file that was saved: its checks are tried before those of the others. */
  file?: string;
}

export type News =
  | { kind: "begun"; checks: string[]; files: string[] }
  | { kind: "check"; check: CheckResult }
  | { kind: "finished"; result: Result }
  /** Nothing is graded, in a sentence. */
  | { kind: "refused"; why: string };

const tell = (news: News) => process.send!(news);

async function grade({ kata: id, first, file }: Order): Promise<void> {
  const kata = await findKata(id);
  const submission = readSubmission(kata);
  const grading: Grading = new Grading(new Workpiece(kata, submission), {
    seed: newSeed(),
    ...(first && { first }),
    ...(file && { file }),
    onResult: (check) => tell({ kind: "check", check }),
  });
  tell({ kind: "begun", checks: grading.checks.map((check) => check.id), files: begunFirst(kata, submission) });
  tell({ kind: "finished", result: await grading.start().finished() });
}

function whyOf(error: unknown): string {
  if (error instanceof Sentence || isRefusal(error)) return error.message;
  return `harness error, not your code: ${(error as Error).stack}`;
}

tidyWhenInterrupted();
process.on("disconnect", () => process.kill(process.pid, "SIGTERM")); // the parent is gone
process.once("message", (order: Order) =>
  grade(order)
    .catch((error) => tell({ kind: "refused", why: whyOf(error) }))
    .finally(() => process.exit()),
);
