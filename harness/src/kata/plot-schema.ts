// SPDX-License-Identifier: MIT
/** Can a plot be drawn? Pure, and apart from the drawing, which the page does without a schema. */
import { z } from "zod";
import type { Axis } from "./plot.ts";

const axisSchema = z.strictObject({
  /** With the unit: "time until the start (µs)". */
  title: z.string().min(1),
  scale: z.enum(["linear", "log"]).optional(),
  /** Names for 0, 1, 2, ...: the axis counts things instead of measuring. */
  labels: z.array(z.string()).optional(),
});

const plotSchema = z.strictObject({
  title: z.string().min(1),
  x: axisSchema,
  y: axisSchema,
  /** Bars are drawn as rows, one below the other: x runs down the page, y to the right. */
  kind: z.enum(["line", "bars"]).optional(),
  series: z
    .array(z.strictObject({ name: z.string().min(1), points: z.array(z.tuple([z.number(), z.number()])).min(1) }))
    .min(1)
    .max(8),
});

/** A sentence about what cannot be drawn, or null: NaN, a logarithm of zero, a label for a row that does not exist. */
export function whyNotDrawn(plot: unknown): string | null {
  const parsed = plotSchema.safeParse(plot);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { x, y, series } = parsed.data;
  for (const { name, points } of series) {
    for (const point of points) {
      const bad = [x, y].some((axis, at) => !fits(axis, point[at]!));
      if (bad) return `'${parsed.data.title}': ${name} has the point (${point.join(", ")}), which its axes cannot show`;
    }
  }
  return null;
}

function fits({ scale, labels }: Axis, value: number): boolean {
  if (labels) return labels[value] !== undefined;
  return Number.isFinite(value) && (scale !== "log" || value > 0);
}
