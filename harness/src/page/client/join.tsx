// SPDX-License-Identifier: MIT
/** A dashed line through the marked steps of a trace, wherever the browser has laid them: watched until it is taken away. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { TraceStep } from "../../kata/kata.ts";

interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** `of`: the grid; a line between the marked steps, one after the other. */
export function Join({ of, steps }: { of: { current: HTMLElement | null }; steps: TraceStep[] }) {
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
  useLayoutEffect(() => {
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
