// SPDX-License-Identifier: MIT
/** A plot as a kata's lab describes it, and what every drawing of one shares: scales, ticks, numbers. Pure. */
import { scaleLinear, scaleLog } from "d3-scale";
import { logAxis } from "./log-axis.ts";

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
  const all = scale.ticks(ticks_max);
  const whole = values.every(Number.isInteger) ? all.filter(Number.isInteger) : []; // there is no grading 1.5
  return { at: scale, ticks: (whole.length < 2 ? all : whole).map((value) => ({ value, text: numberText(value) })) };
}

function logScale(low: number, high: number, whole: boolean, ticks_max: number): Scale {
  const axis = logAxis(low, high, whole, ticks_max);
  return {
    at: scaleLog().domain([axis.low, axis.high]),
    ticks: axis.ticks.map((value) => ({ value, text: numberText(value) })),
  };
}

/** Of what was measured at a few whole numbers, those are named on a logarithmic axis: 1, 2, 4, 8 threads. */
export function xScaleOf(plot: Plot, ticks_max: number): Scale {
  const scale = scaleOf(plot.x, allX(plot), false, ticks_max);
  const values = xValues(plot);
  const gap = Math.min(...values.slice(1).map((value, at) => scale.at(value) - scale.at(values[at]!)));
  const named = plot.x.scale === "log" && values.length > 1 && values.every(Number.isInteger) && gap * ticks_max >= 1;
  return named ? { ...scale, ticks: values.map((value) => ({ value, text: numberText(value) })) } : scale;
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
