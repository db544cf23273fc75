// SPDX-License-Identifier: MIT
/** The chosen step of a trace in words, with what happens before it. */
import type { TraceStep } from "../../kata/kata.ts";
import type { Relation } from "./order.ts";

export const did = ({ what, note, times }: TraceStep) =>
  `${what}${note && `: ${note}`}${times > 1 ? ` (${times} times)` : ""}`;

interface Props {
  id: string;
  steps: TraceStep[];
  at: number;
  relations: (Relation | null)[];
}

export function ChosenStep({ id, steps, at, relations }: Props) {
  const step = steps[at]!;
  return (
    <div class="chosen-step" id={id}>
      <p>
        <b>
          step {at + 1} of {steps.length}, {step.who}
        </b>
        {step.line > 0 && (
          <>
            , {step.function && <code>{step.function}</code>} at {step.file}:{step.line}
          </>
        )}
      </p>
      {step.source && <pre>{step.source}</pre>}
      <p>{did(step)}</p>
      {step.after ? <Ordered steps={steps} at={at} relations={relations} /> : <Since steps={steps} at={at} />}
    </div>
  );
}

/** By thread: as far as its steps happen before the chosen one, and those that nothing orders with it. */
function Ordered({ steps, at, relations }: Omit<Props, "id">) {
  const { thread, after } = steps[at]!;
  const concurrent = new Map<string, number[]>();
  for (const [nth, { who }] of steps.entries())
    if (relations[nth] === "concurrent") concurrent.set(who, [...(concurrent.get(who) ?? []), nth + 1]);
  const before = after!.filter((last) => steps[last]!.thread !== thread);
  return (
    <>
      <p class="order">
        ↑ Of other threads happens before it:{" "}
        {before.map((last) => `${steps[last]!.who} up to step ${last + 1}`).join("; ") || "nothing"}.
      </p>
      {concurrent.size > 0 && (
        <p class="order">
          ∥ Nothing orders it with {[...concurrent].map(([who, numbers]) => `${who}: ${inWords(numbers)}`).join("; ")}.
        </p>
      )}
    </>
  );
}

/** "step 4", "steps 4 to 9": those between are other threads', or of the same kind. */
const inWords = (numbers: number[]) =>
  numbers.length === 1 ? `step ${numbers[0]}` : `steps ${numbers[0]} to ${numbers.at(-1)}`;

/** Where nobody knows the order: what others did since this thread's step before. */
function Since({ steps, at }: Pick<Props, "steps" | "at">) {
  const before = steps.slice(0, at).findLastIndex(({ thread }) => thread === steps[at]!.thread);
  const since = before < 0 ? [] : steps.slice(before + 1, at);
  if (since.length === 0) return null;
  return (
    <p class="order">
      Since its own step {before + 1}: {since.map((other) => `${other.who} ${did(other)}`).join("; ")}.
    </p>
  );
}
