// SPDX-License-Identifier: MIT
/**
 * A trace as a picture to walk through: a column per thread or client, a row per step. The arrow keys go from step to step, and the
 * steps that the verdict is about are marked and joined by a line.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TraceStep } from "../../kata/kata.ts";

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
  const firstMarked = steps.findIndex(({ marked }) => marked);
  const [at, setAt] = useState(Math.max(0, firstMarked));
  const heads = headsOf(steps);
  const column = (thread: number) => heads.findIndex((head) => head.thread === thread) + 1;
  const grid = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const to = MOVES[event.key]?.(at, steps);
    if (to === undefined) return;
    event.preventDefault();
    setAt(to);
    grid.current!.querySelectorAll<HTMLElement>(".step")[to]!.focus();
  };
  return (
    <figure class="trace">
      <figcaption>
        {steps.length} steps, in the order in which they happened. Up and down: the next step; left and right: the next
        one of the same thread; Home and End.
      </figcaption>
      <div class="scroll">
        <div
          class="grid"
          ref={grid}
          role="toolbar"
          aria-label="steps"
          aria-orientation="vertical"
          style={{ gridTemplateColumns: `repeat(${heads.length}, minmax(15rem, 1fr))` }}
          onKeyDown={move}
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
              class={`step${step.marked ? " marked" : ""}${nth === at ? " chosen" : ""}`}
              tabIndex={nth === at ? 0 : -1}
              style={{ gridColumn: column(step.thread), gridRow: nth + 2 }}
              onClick={() => setAt(nth)}
              onFocus={() => setAt(nth)}
            >
              <span class="heard">
                step {nth + 1} of {steps.length}, {step.who}{" "}
              </span>
              <Step step={step} before={steps[nth - 1]} />
              {step.marked && <span class="heard"> marked</span>}
            </button>
          ))}
          <Join of={grid} steps={steps} />
        </div>
      </div>
      <Chosen steps={steps} at={at} />
    </figure>
  );
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);
const did = ({ what, note, times }: TraceStep) =>
  `${what}${note && `: ${note}`}${times > 1 ? ` (${times} times)` : ""}`;

/** The source line where it is new. */
function Step({ step, before }: { step: TraceStep; before: TraceStep | undefined }) {
  const same = before?.thread === step.thread && before.file === step.file && before.line === step.line;
  return (
    <>
      {step.line > 0 && !same && (
        <span class="source">
          <span class="place">
            {baseName(step.file)}:{step.line}
          </span>{" "}
          <code>{step.source}</code>
        </span>
      )}
      <span class="did">{did(step)}</span>
    </>
  );
}

/** The chosen step in words, with what its thread did before it and what others did since. */
function Chosen({ steps, at }: { steps: TraceStep[]; at: number }) {
  const step = steps[at]!;
  const before = other(at, steps, -1);
  const since = before === at ? [] : steps.slice(before + 1, at);
  return (
    <div class="chosen-step">
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
      {since.length > 0 && (
        <p class="since">
          Since its own step {before + 1}: {since.map((other) => `${other.who} ${did(other)}`).join("; ")}.
        </p>
      )}
    </div>
  );
}

interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** A line between the marked steps, one after the other. */
function Join({ of, steps }: { of: { current: HTMLElement | null }; steps: TraceStep[] }) {
  const [lines, setLines] = useState<Line[]>([]);
  const measure = () => {
    const boxes = [...of.current!.querySelectorAll<HTMLElement>(".step.marked")];
    const points = boxes.map((box) => ({
      x: box.offsetLeft + box.offsetWidth / 2,
      y: box.offsetTop + box.offsetHeight / 2,
    }));
    setLines(points.slice(1).map((to, nth) => ({ x1: points[nth]!.x, y1: points[nth]!.y, x2: to.x, y2: to.y })));
  };
  useLayoutEffect(measure, [steps]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(of.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <svg class="join" aria-hidden="true">
      {lines.map((line) => (
        <line key={`${line.x1},${line.y1},${line.x2},${line.y2}`} {...line} />
      ))}
    </svg>
  );
}
