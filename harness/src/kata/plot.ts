// SPDX-License-Identifier: MIT
/** A plot as a kata's lab describes it, and what every drawing of one shares: scales, ticks, numbers. Pure. */
import { scaleLinear, scaleLog } from "d3-scale";
import { z } from "zod";
import { logAxis } from "./log-axis.ts";

const axisSchema = z.strictObject({
  /** With the unit: "time until the start (µs)". */
  title: z.string().min(1),
  scale: z.enum(["linear", "log"]).optional(),
  /** Names for 0, 1, 2, ...: the axis counts things instead of measuring. */
  labels: z.array(z.string()).optional(),
});

export const plotSchema = z.strictObject({
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

export interface Axis {
  title: string;
  scale?: "linear" | "log";
  labels?: string[];
}

export interface Plot {
  title: string;
  x: Axis;
  y: Axis;
  kind?: "line" | "bars";
  series: { name: string; points: [number, number][] }[];
}

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

export interface Tick {
  value: number;
  text: string;
}

/** Where a value lies on an axis, from 0 to 1, and which values deserve a mark. */
export interface Scale {
  at(value: number): number;
  ticks: Tick[];
}

/** `fromZero`: a linear axis that measures begins at 0, so that heights and lengths compare as the values do. */
export function scaleOf(axis: Axis, values: number[], fromZero: boolean, ticks_max: number): Scale {
  const { labels } = axis;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (labels) {
    const last = Math.max(1, labels.length - 1);
    return { at: (value) => value / last, ticks: labels.map((text, value) => ({ value, text })) };
  }
  if (axis.scale === "log") return logScale(low, high, fromZero, ticks_max);
  const scale = scaleLinear().domain(apart(fromZero ? Math.min(0, low) : low, fromZero ? Math.max(0, high) : high));
  if (fromZero) scale.nice(ticks_max);
  return { at: scale, ticks: scale.ticks(ticks_max).map((value) => ({ value, text: numberText(value) })) };
}

function logScale(low: number, high: number, whole: boolean, ticks_max: number): Scale {
  const axis = logAxis(low, high, whole, ticks_max);
  return {
    at: scaleLog().domain([axis.low, axis.high]),
    ticks: axis.ticks.map((value) => ({ value, text: numberText(value) })),
  };
}

const apart = (low: number, high: number) => (low < high ? [low, high] : [low - 0.5, high + 0.5]);

/** Whole numbers whole, others to three digits or one decimal: 1,024, 81.3, 0.0125. */
export function numberText(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return String(Number(value.toPrecision(3)));
}

/** What stands for an x in a table or beside a bar. */
export const nameOf = ({ labels }: Axis, value: number) => labels?.[value] ?? numberText(value);

/** Every x that any series has, in order. */
export function xValues({ series }: Plot): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
}

/** The y of one series at `x`, if it has any. */
export function yAt({ points }: Plot["series"][number], x: number): number | undefined {
  return points.find(([at]) => at === x)?.[1];
}

export const allX = ({ series }: Plot) => series.flatMap(({ points }) => points.map(([x]) => x));
export const allY = ({ series }: Plot) => series.flatMap(({ points }) => points.map(([, y]) => y));
