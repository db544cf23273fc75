// SPDX-License-Identifier: MIT
/** Adds to an ended run the names and lines that only tools can find, and has it judged. */
import { basename } from "node:path";
import type { Ended } from "../kata/run.ts";
import { CODE_AT, judgeEnd, withPrinted, type Explained } from "../judge/check.ts";
import type { Judgement } from "../kata/kata.ts";
import { signalName } from "../guest/start.ts";
import { readSanitizer, SANITIZER_EXIT } from "../judge/sanitizer.ts";
import type { Submission } from "../build/submission.ts";
import { learnerFrames, showFrame, symbolize, type StackFrame } from "../build/symbolize.ts";

export interface ExplainOptions {
  /** What ran: the executable or the library. */
  artefact: string;
  submission: Submission;
  limits: Explained["limits"];
  /** Was a sanitizer in it? Else what looks like its report is the program's own output. */
  sanitized: boolean;
}

/** The judgement of a run's end, or null when it ended well. `where` completes the sentence "SIGSEGV ..., where". */
export async function explainEnd(
  ended: Ended,
  { artefact, submission, limits, sanitized }: ExplainOptions,
  where: string,
): Promise<Judgement | null> {
  const shown = submission.files.map((file) => file.shown);
  const { crash, stacks } = ended.collected;
  const refused_at = BigInt((crash && Number(ended.collected.evidence.refused_at)) || 0);
  const overflowed = crash !== undefined && Boolean(ended.collected.evidence.stack_overflowed);
  const refusedStack = { ...NO_STACK, offsets: [refused_at] };
  const asked = [crash ?? NO_STACK, refusedStack, ...stacks];
  const [crashFrames, refusedFrames, ...stackFrames] = await symbolize(artefact, asked);
  const show = (frames: typeof crashFrames) => learnerFrames(frames!, shown).map(showFrame);
  const judgement = judgeEnd({
    ended,
    where,
    limits,
    refused: show(refusedFrames)[0],
    ...(crash && { crash: { signal: signalName(crash.signal), frames: show(crashFrames), overflowed } }),
    stacks: stacks
      .map((stack, at) => ({ id: stack.thread, frames: show(stackFrames[at]) }))
      .sort((a, b) => a.id - b.id)
      .map(({ frames }, at) => ({ thread: at + 1, frames }))
      .filter(({ frames }) => frames.length > 0),
    sanitizer: sanitized && ended.code === SANITIZER_EXIT ? readSanitizer(ended.output, shown) : undefined,
  });
  return judgement && withPrinted(judgement, ended, sanitized);
}

/** The learner's functions, in which the threads stood when they were asked. */
export async function functionsOf(
  { collected }: Ended,
  { artefact, submission }: Pick<ExplainOptions, "artefact" | "submission">,
): Promise<string[]> {
  const stacks = await symbolize(artefact, collected.stacks);
  const shown = submission.files.map((file) => file.shown);
  return stacks.flatMap((frames) => learnerFrames(frames, shown).map((frame) => frame.function));
}

const NO_STACK = { signal: 0, thread: 0, offsets: [] };

/**
 * A judgement in which the places in the guest's code are functions, files and lines, as far as they are the learner's; these
 * lines themselves follow, for the names in them.
 */
export async function withPlaces(
  judgement: Judgement,
  { artefact, submission }: Pick<ExplainOptions, "artefact" | "submission">,
): Promise<Judgement> {
  if (judgement.verdict === "pass") return judgement;
  const offsets = [...judgement.saw.matchAll(CODE_AT)].map(([, offset]) => BigInt(offset!));
  const stacks = await symbolize(
    artefact,
    offsets.map((offset) => ({ ...NO_STACK, offsets: [offset] })),
  );
  const shown = submission.files.map((file) => file.shown);
  const found = stacks.map((frames) => learnerFrames(frames, shown)[0]);
  const places = found.map((frame) => (frame ? showFrame(frame) : "the program"));
  const lines = new Set(found.flatMap((frame) => (frame ? [lineOf(frame, submission)] : [])));
  const detail = [judgement.detail ?? "", ...lines].filter((text) => text !== "").join("\n");
  const saw = judgement.saw.replace(CODE_AT, () => places.shift()!);
  return { ...judgement, saw, ...(detail && { detail }) };
}

/** "  counter.c:40  atomic_fetch_add(&shard->sum, n);" */
function lineOf({ file, line }: StackFrame, { files }: Submission): string {
  const text = files.find(({ shown }) => shown === file)?.text.split("\n")[line - 1] ?? "";
  return `  ${basename(file)}:${line}  ${text.trim()}`;
}
