// SPDX-License-Identifier: MIT
/**
 * A plot as a standalone SVG picture. It brings its own background, follows the reader's light or dark scheme, tells
 * series apart by colour (Okabe and Ito's, or lighter), by the shape of their marks and by dashes, and says in words what
 * it shows. Pure.
 */
import { allY, nameOf, numberText, scaleOf, xScaleOf, xValues, yAt, type Plot, type Scale } from "../kata/plot.ts";

const WIDTH = 760;
const FONT_PX = 13;
const MARGIN = { top: 44, right: 24, bottom: 56 };
const PLOT_HEIGHT = 320;
const BAR_HEIGHT = 15;

/** Ink on paper; every series at least 3 to 1 against it, as WCAG asks of graphics. */
export const SCHEMES = {
  light: {
    paper: "#ffffff",
    ink: "#1b1f24",
    faint: "#d5d9de",
    series: ["#0072b2", "#d55e00", "#00805c", "#b0508a", "#8a6d00", "#3d5a80", "#5c5c5c", "#7a3db8"],
  },
  dark: {
    paper: "#12161c",
    ink: "#e6e9ed",
    faint: "#3a424d",
    series: ["#56b4e9", "#e69f00", "#2fc39a", "#d98bb8", "#f0e442", "#9db8dc", "#b5b5b5", "#bf93ee"],
  },
};

const DASHES = ["none", "8 4", "2 4", "12 4 2 4", "5 5", "1 3", "14 4", "6 2 2 2"];

export function plotSvg(plot: Plot): string {
  return plot.kind === "bars" ? barsSvg(plot) : linesSvg(plot);
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);

/** About as wide as the text; a plain face differs little. */
const textWidth = (text: string) => text.length * FONT_PX * 0.56;
const widest = (texts: string[]) => Math.max(...texts.map(textWidth));
const fixed = (value: number) => String(Number(value.toFixed(1)));

type Attributes = Record<string, string | number>;

function tag(name: string, attributes: Attributes, content = ""): string {
  const words = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? fixed(value) : escaped(value)}"`,
  );
  return `<${name}${words.join("")}${content ? `>${content}</${name}>` : "/>"}`;
}

const text = (x: number, y: number, words: string, more: Attributes = {}) =>
  tag("text", { x, y, ...more }, escaped(words));

/** Plain rules for both schemes: viewers that are no browsers know neither variables nor media, and show the light one. */
function rules(scheme: keyof typeof SCHEMES): string {
  const { paper, ink, faint, series } = SCHEMES[scheme];
  const own = series.map((s, at) => `.s${at} .line{stroke:${s}}.s${at} .mark{fill:${s}}`).join("");
  return `.paper{fill:${paper}}text{fill:${ink}}.grid{stroke:${faint}}.axis{stroke:${ink}}${own}`;
}

function style(): string {
  const shapes = `text{font:${FONT_PX}px system-ui,sans-serif}.title{font-weight:600;font-size:15px}`;
  const lines = ".line{fill:none;stroke-width:2}";
  return tag("style", {}, `${shapes}${lines}${rules("light")}@media (prefers-color-scheme:dark){${rules("dark")}}`);
}

function picture(plot: Plot, height: number, body: string[]): string {
  const root = { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height };
  const content = [
    tag("title", { id: "title" }, escaped(plot.title)),
    tag("desc", { id: "desc" }, escaped(inWords(plot))),
    style(),
    tag("rect", { class: "paper", width: WIDTH, height }),
    text(16, 26, plot.title, { class: "title" }),
    ...body,
  ];
  return `${tag("svg", { ...root, role: "img", "aria-labelledby": "title desc" }, `\n${content.join("\n")}\n`)}\n`;
}

/** For those who hear the picture. */
function inWords(plot: Plot): string {
  const { x, y } = plot;
  const each = plot.series.map(({ name, points }) => {
    const told = points.map(([at, value]) => `${nameOf(x, at)}: ${numberText(value)}`);
    return `${name}: ${told.length > 24 ? `${told.length} points from ${told[0]} to ${told.at(-1)}` : told.join(", ")}.`;
  });
  return `${y.title} over ${x.title}. ${each.join(" ")}`;
}

function linesSvg(plot: Plot): string {
  const y = scaleOf(plot.y, allY(plot), plot.y.scale !== "log", 6);
  const left = widest(y.ticks.map((tick) => tick.text)) + 46;
  const right = WIDTH - MARGIN.right;
  const x = apart((ticks_max) => xScaleOf(plot, ticks_max), 9, right - left - 16);
  const top = legendPlaces(plot, left).at(-1)!.y + 22;
  const bottom = top + PLOT_HEIGHT;
  const across = (value: number) => left + 8 + x.at(value) * (right - left - 16);
  const up = (value: number) => bottom - y.at(value) * (bottom - top);
  return picture(plot, bottom + MARGIN.bottom, [
    ...y.ticks.flatMap(({ value, text: words }) => [
      tag("line", { class: "grid", x1: left, x2: right, y1: up(value), y2: up(value) }),
      text(left - 8, up(value) + 4, words, { "text-anchor": "end" }),
    ]),
    ...x.ticks.flatMap(({ value, text: words }) => [
      tag("line", { class: "axis", x1: across(value), x2: across(value), y1: bottom, y2: bottom + 5 }),
      text(across(value), bottom + 20, words, { "text-anchor": "middle" }),
    ]),
    tag("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    text((left + right) / 2, bottom + 44, plot.x.title, { "text-anchor": "middle" }),
    text(0, 0, plot.y.title, {
      "text-anchor": "middle",
      transform: `translate(20 ${fixed((top + bottom) / 2)}) rotate(-90)`,
    }),
    ...plot.series.map(({ name, points }, at) => {
      const corners = points.map(([a, b]) => [across(a), up(b)] as const);
      const path = corners.map(([a, b]) => `${fixed(a)},${fixed(b)}`).join(" ");
      const drawn = [
        tag("polyline", { class: "line", points: path, "stroke-dasharray": DASHES[at]! }),
        ...corners.map(([a, b]) => mark(at, a, b)),
      ];
      return tag("g", { class: `s${at}`, "aria-label": name }, drawn.join(""));
    }),
    ...legend(plot, left),
  ]);
}

/** As many ticks, up to `most`, as have their names beside each other in so many pixels. */
function apart(scaled: (ticks_max: number) => Scale, most: number, room: number): Scale {
  const scale = scaled(most);
  const free = scale.ticks.slice(1).map(({ value, text: words }, nth) => {
    const before = scale.ticks[nth]!;
    return (scale.at(value) - scale.at(before.value)) * room - (textWidth(words) + textWidth(before.text)) / 2;
  });
  return most <= 2 || free.every((pixels) => pixels >= FONT_PX) ? scale : apart(scaled, most - 1, room);
}

/** A circle, a square, and so on; centred. */
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
  "M-4 -4h8v8h-8z",
  "M0 -5l5 9h-10z",
  "M0 -5l5 5l-5 5l-5 -5z",
  "M-5 -4h10l-5 9z",
  "M-5 -1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z",
  "M-5 -2h10v4h-10z",
  "M-2 -5h4v10h-4z",
];

const mark = (series: number, x: number, y: number) =>
  tag("path", { class: "mark", transform: `translate(${fixed(x)} ${fixed(y)})`, d: SHAPES[series]! });

interface Place {
  x: number;
  y: number;
}

const LEGEND_LINE = 22;

/** Where each series' name stands: one after the other, in as many lines as they need. */
function legendPlaces({ series }: Plot, left: number): Place[] {
  let [x, y] = [left, MARGIN.top];
  return series.map(({ name }) => {
    const width = 34 + textWidth(name);
    if (x > left && x + width > WIDTH) [x, y] = [left, y + LEGEND_LINE];
    const place = { x, y };
    x += width + 24;
    return place;
  });
}

function legend(plot: Plot, left: number): string[] {
  return legendPlaces(plot, left).map(({ x, y }, at) => {
    const dashes = { class: "line", "stroke-dasharray": DASHES[at]! };
    const line = tag("line", { ...dashes, x1: x, x2: x + 28, y1: y, y2: y }) + mark(at, x + 14, y);
    const block = tag("rect", { class: "mark", x: x + 8, y: y - 6, width: 18, height: 12 });
    const sign = plot.kind === "bars" ? block : line;
    return tag("g", { class: `s${at}` }, sign + text(x + 34, y + 4, plot.series[at]!.name));
  });
}

function barsSvg(plot: Plot): string {
  const values = xValues(plot);
  const names = values.map((x) => nameOf(plot.x, x));
  const left = widest(names) + 28;
  const right = WIDTH - MARGIN.right - widest(allY(plot).map(numberText)) - 8;
  const y = apart((ticks_max) => scaleOf(plot.y, allY(plot), true, ticks_max), 6, right - left);
  const across = (value: number) => left + y.at(value) * (right - left);
  const group = plot.series.length * BAR_HEIGHT + 10;
  const top = plot.series.length > 1 ? legendPlaces(plot, left).at(-1)!.y + 36 : MARGIN.top + 20;
  const bottom = top + values.length * group;
  return picture(plot, bottom + MARGIN.bottom, [
    text(16, top - 8, plot.x.title),
    ...valueAxis(y, across, top, bottom),
    text((left + right) / 2, bottom + 44, plot.y.title, { "text-anchor": "middle" }),
    ...names.map((name, at) => text(left - 8, top + at * group + group / 2 + 4, name, { "text-anchor": "end" })),
    ...plot.series.map((series, at) => {
      const drawn = values.flatMap((x, nth) => {
        const value = yAt(series, x);
        const from = top + nth * group + 5 + at * BAR_HEIGHT;
        return value === undefined ? [] : bar(across, left, from, value);
      });
      return tag("g", { class: `s${at}`, "aria-label": series.name }, drawn.join(""));
    }),
    tag("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }),
    ...(plot.series.length > 1 ? legend(plot, left) : []),
  ]);
}

function bar(across: (value: number) => number, left: number, from: number, value: number): string[] {
  const length = Math.max(0, across(value) - left);
  return [
    tag("rect", { class: "mark", x: left, y: from, width: length, height: BAR_HEIGHT - 2 }),
    text(left + length + 6, from + BAR_HEIGHT - 4, numberText(value)),
  ];
}

function valueAxis({ ticks }: Scale, across: (value: number) => number, top: number, bottom: number): string[] {
  return ticks.flatMap(({ value, text: words }) => [
    tag("line", { class: "grid", x1: across(value), x2: across(value), y1: top, y2: bottom }),
    text(across(value), bottom + 20, words, { "text-anchor": "middle" }),
  ]);
}
