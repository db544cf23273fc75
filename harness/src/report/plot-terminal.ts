// SPDX-License-Identifier: MIT
/** A plot in a terminal, in characters: each series has a mark of its own, so that colours only help. Pure. */
import { allY, nameOf, numberText, scaleOf, xScaleOf, xValues, yAt, type Plot, type Scale } from "../kata/plot.ts";
import type { Style } from "./terminal.ts";

const WIDTH = { min: 60, max: 120, default: 100 };
const LINE_ROWS = 18;
const MARKS = [..."ox+*#@%&"];
const BARS = [..."█░▓▒=+-:"];
const COLOURS = ["cyan", "yellow", "magenta", "green", "blue", "red", "white", "gray"] as const;

/** Title, drawing and legend; no line is wider than the style's terminal. */
export function plotText(plot: Plot, style: Style): string {
  const width = Math.min(WIDTH.max, Math.max(WIDTH.min, style.width ?? WIDTH.default));
  const body = plot.kind === "bars" ? bars(plot, style, width) : lines(plot, style, width);
  return [style.chalk.bold(plot.title), "", ...body].map((line) => line.trimEnd()).join("\n");
}

const inked = ({ chalk }: Style, series: number, text: string) => chalk[COLOURS[series]!](text);

interface Cell {
  series: number;
  /** A measured point, and not the line between two. */
  point: boolean;
}

type Grid = (Cell | undefined)[][];

function lines(plot: Plot, style: Style, width: number): string[] {
  const y = scaleOf(plot.y, allY(plot), plot.y.scale !== "log", 6);
  const margin = Math.max(...y.ticks.map(({ text }) => text.length)) + 1;
  const columns = width - margin - 2;
  const x = xScaleOf(plot, Math.floor(columns / 8));
  const column = (value: number) => Math.round(x.at(value) * (columns - 1));
  const row = (value: number) => Math.round((1 - y.at(value)) * (LINE_ROWS - 1));
  const grid: Grid = Array.from({ length: LINE_ROWS }, () => Array.from({ length: columns }));
  plot.series.forEach(({ points }, series) => {
    const corners = points.map(([at, value]): Corner => [column(at), row(value)]);
    for (const [at, corner] of corners.entries()) drawLine(grid, corners[at - 1] ?? corner, corner, series);
  });
  const texts = new Map(y.ticks.map(({ value, text }) => [row(value), text]));
  const edge = (at: number) => `${(texts.get(at) ?? "").padStart(margin)} ${texts.has(at) ? "┤" : "│"}`;
  return [
    style.chalk.dim(`${" ".repeat(margin + 1)}${plot.y.title}`),
    ...grid.map((cells, at) => `${edge(at)}${cells.map((cell) => cellText(cell, style)).join("")}`),
    ...xAxis(x, column, columns).map((line) => `${" ".repeat(margin + 1)}${line}`),
    style.chalk.dim(plot.x.title.padStart(width)),
    ...legend(plot, style, MARKS),
  ];
}

const cellText = (cell: Cell | undefined, style: Style) =>
  cell ? inked(style, cell.series, cell.point ? MARKS[cell.series]! : "·") : " ";

type Corner = [column: number, row: number];

/** A straight line of dots, and a mark at its end. What was measured hides what is only drawn through. */
function drawLine(grid: Grid, [x0, y0]: Corner, [x1, y1]: Corner, series: number): void {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let step = 0; step <= steps; step++) {
    const [column, row] = [x0, y0].map((from, axis) => from + ([x1, y1][axis]! - from) * (step / steps));
    const cells = grid[Math.round(row!)]!;
    const at = Math.round(column!);
    if (step === steps) cells[at] = { series, point: true };
    else cells[at] ??= { series, point: false };
  }
}

/** The line with its ticks, and below it their texts as far as there is room. */
function xAxis({ ticks }: Scale, column: (value: number) => number, columns: number): string[] {
  const line = Array.from({ length: columns }, () => "─");
  let texts = " ";
  for (const { value, text } of ticks) {
    line[column(value)] = "┬";
    const from = Math.max(0, Math.min(column(value) + 1 - (text.length >> 1), columns + 1 - text.length));
    if (from > 0 && texts.length >= from && texts.trim() !== "") continue; // no room beside the one before
    texts = `${texts.padEnd(from)}${text}`;
  }
  return [`└${line.join("")}`, texts];
}

function legend({ series }: Plot, style: Style, marks: string[]): string[] {
  return ["", `  ${series.map(({ name }, at) => inked(style, at, `${marks[at]} ${name}`)).join("   ")}`];
}

function bars(plot: Plot, style: Style, width: number): string[] {
  const several = plot.series.length > 1;
  const rows = xValues(plot).map((x) => ({ x, name: nameOf(plot.x, x) }));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length));
  const valueWidth = Math.max(...allY(plot).map((value) => numberText(value).length));
  const y = scaleOf(plot.y, allY(plot), true, 5);
  const room = width - nameWidth - valueWidth - 5;
  const bar = (series: number, value: number) => BARS[series]!.repeat(Math.max(0, Math.round(y.at(value) * room)));
  const body = rows.flatMap(({ x, name }, at) => {
    const own = plot.series.flatMap((series, index) => {
      const value = yAt(series, x);
      return value === undefined ? [] : [{ index, value }];
    });
    const block = own.map(
      ({ index, value }, nth) =>
        `  ${(nth === 0 ? name : "").padEnd(nameWidth)} │${inked(style, index, bar(index, value))} ${numberText(value)}`,
    );
    return several && at > 0 ? [`  ${" ".repeat(nameWidth)} │`, ...block] : block;
  });
  const head = `${plot.x.title}; ${plot.y.title}${plot.y.scale === "log" ? ", logarithmic" : ""}`;
  return [`  ${style.chalk.dim(head)}`, ...body, ...(several ? legend(plot, style, BARS) : [])];
}

/** The figures themselves: a row for each x, a column for each series. */
export function plotTable(plot: Plot): string {
  const head = [plot.x.title, ...plot.series.map(({ name }) => name)];
  const all = xValues(plot);
  const every = plot.x.labels ? 1 : Math.ceil(all.length / TABLE_ROWS_MAX);
  const shown = all.filter((_, at) => at % every === 0);
  const rows = shown.map((x) => [
    nameOf(plot.x, x),
    ...plot.series.map((series) => {
      const value = yAt(series, x);
      return value === undefined ? "" : numberText(value);
    }),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const cells = (row: string[]) =>
    row.map((cell, at) => (at === 0 && plot.x.labels ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)));
  const lines = [head, ...rows].map((row) => `  ${cells(row).join("  ")}`.trimEnd());
  return [...lines, ...(every > 1 ? [`  (${shown.length} of ${all.length} rows)`] : [])].join("\n");
}

const TABLE_ROWS_MAX = 24;
