// SPDX-License-Identifier: MIT
/**
 * A trace as a picture to walk through: a column per thread or client, a row per step. The arrow keys go from step to step, a
 * pointer chooses one, too. The steps that the verdict is about are marked and joined by a line; what happens before the
 * chosen step, and what nothing orders with it, has a sign.
 */
import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { TraceStep } from "../../kata/kata.ts";
import { ChosenStep, did } from "./chosen-step.tsx";
import { Join } from "./join.tsx";
import { Legend, Marked, SIGNS } from "./legend.tsx";
import { relationsTo, type Relation } from "./order.ts";

interface Head {
  thread: number;
  who: string;
}

function headsOf(steps: TraceStep[]): Head[] {
  const heads = [...new Map(steps.map(({ thread, who }) => [thread, { thread, who }])).values()];
  return heads.sort((a, b) => a.thread - b.thread);
}

const MOVES: Record<string, (at: number, steps: TraceStep[]) => number> = {
  ArrowDown: (at, steps) => Math.min(steps.length - 1, at + 1),
  ArrowUp: (at) => Math.max(0, at - 1),
  ArrowRight: (at, steps) => other(at, steps, 1),
  ArrowLeft: (at, steps) => other(at, steps, -1),
  Home: () => 0,
  End: (_, steps) => steps.length - 1,
};

/** The nearest step, that way in time, of the same thread; the same step where there is none. */
function other(at: number, steps: TraceStep[], way: 1 | -1): number {
  for (let to = at + way; steps[to]; to += way) if (steps[to]!.thread === steps[at]!.thread) return to;
  return at;
}

export function Trace({ steps }: { steps: TraceStep[] }) {
  const grid = useRef<HTMLDivElement>(null);
  const { at, picked, pick, point, move, goTo } = useChosen(steps, grid);
  const relations = useMemo(() => relationsTo(steps, at), [steps, at]);
  useShown(grid, picked);
  const heads = headsOf(steps);
  const column = (thread: number) => heads.findIndex((head) => head.thread === thread) + 1;
  const words = useId();
  return (
    <figure class="trace">
      <figcaption>
        {steps.length} steps, in the order in which they happened. Up and down: the next step; left and right: the next
        one of the same thread; Home and End; or point at one.
      </figcaption>
      <Marked steps={steps} goTo={goTo} />
      {steps[at]!.after && <Legend relations={relations} />}
      <div class="scroll">
        <div
          class="grid"
          ref={grid}
          role="toolbar"
          aria-label="steps"
          aria-orientation="vertical"
          style={{ gridTemplateColumns: `repeat(${heads.length}, minmax(12.5rem, 1fr))` }}
          onKeyDown={move}
          onPointerLeave={() => point(null)}
        >
          {heads.map(({ thread, who }) => (
            <div key={thread} class="head" style={{ gridColumn: column(thread), gridRow: 1 }}>
              {who}
            </div>
          ))}
          {steps.map((step, nth) => (
            <button
              type="button"
              key={nth}
              class={`step ${relations[nth] ?? ""}${step.marked ? " marked" : ""}${nth === at ? " chosen" : ""}`}
              tabIndex={nth === picked ? 0 : -1}
              aria-describedby={nth === picked ? words : undefined}
              style={{ gridColumn: column(step.thread), gridRow: nth + 2 }}
              onClick={() => pick(nth)}
              onFocus={() => pick(nth)}
              onPointerMove={(event) => movedByHand(event) && point(nth)}
            >
              <Step steps={steps} nth={nth} relation={relations[nth]!} />
            </button>
          ))}
          <Join of={grid} steps={steps} />
        </div>
      </div>
      <ChosenStep id={words} steps={steps} at={at} relations={relations} />
    </figure>
  );
}

/** The step that was picked, and the one that is shown: where a pointer is on another one, that one. */
function useChosen(steps: TraceStep[], grid: { current: HTMLElement | null }) {
  const [picked, pick] = useState(() =>
    Math.max(
      0,
      steps.findIndex(({ marked }) => marked),
    ),
  );
  const [pointed, point] = useState<number | null>(null);
  const at = pointed ?? picked;
  const goTo = (to: number) => {
    point(null);
    pick(to);
    grid.current!.querySelectorAll<HTMLElement>(".step")[to]!.focus();
  };
  const move = (event: KeyboardEvent) => {
    const to = MOVES[event.key]?.(at, steps);
    if (to === undefined) return;
    event.preventDefault();
    goTo(to);
  };
  return { at, picked, pick, point, move, goTo };
}

/** The box, and not the page, is scrolled to the step that is chosen at first, as soon as the browser has laid it out. */
function useShown(grid: { current: HTMLElement | null }, nth: number): void {
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      const box = grid.current!.parentElement!;
      const step = grid.current!.querySelectorAll<HTMLElement>(".step")[nth]!;
      if (step.offsetHeight === 0) return; // in a fold that is closed
      box.scrollTop = step.offsetTop - (box.clientHeight - step.offsetHeight) / 2;
      box.scrollLeft = step.offsetLeft - (box.clientWidth - step.offsetWidth) / 2;
      observer.disconnect();
    });
    observer.observe(grid.current!);
    return () => observer.disconnect();
  }, []);
}

/** What scrolls past below a pointer at rest is not pointed at. */
const movedByHand = ({ pointerType, movementX, movementY }: PointerEvent) =>
  pointerType === "mouse" && (movementX !== 0 || movementY !== 0);

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** The source line where it is new. */
function Step({ steps, nth, relation }: { steps: TraceStep[]; nth: number; relation: Relation | null }) {
  const [step, before] = [steps[nth]!, steps[nth - 1]];
  const same = before?.thread === step.thread && before.file === step.file && before.line === step.line;
  return (
    <>
      <span class="heard">
        step {nth + 1} of {steps.length}, {step.who}{" "}
      </span>
      {step.line > 0 && !same && (
        <span class="source">
          <span class="place">
            {baseName(step.file)}:{step.line}
          </span>{" "}
          <code>{step.source}</code>
        </span>
      )}
      <span class="did">{did(step)}</span>
      {step.marked && <span class="heard"> marked</span>}
      {relation && (
        <span class="sign" aria-hidden="true">
          {SIGNS[relation][0]}
        </span>
      )}
    </>
  );
}
