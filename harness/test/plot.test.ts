// SPDX-License-Identifier: MIT
/** Plots in a terminal and as pictures: nothing is lost, nothing is told by colour alone, everybody can read them. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chalk } from "chalk";
import fc from "fast-check";
import fixture from "../fixtures/01-answer/grader/kata.ts";
import { runComparison, runLab } from "../src/play/lab.ts";
import { numberText, scaleOf, xScaleOf, type Plot } from "../src/kata/plot.ts";
import { whyNotDrawn } from "../src/kata/plot-schema.ts";
import { plotSvg, SCHEMES } from "../src/report/plot-svg.ts";
import { plotTable, plotText } from "../src/report/plot-terminal.ts";
import { plainStyle } from "../src/report/terminal.ts";
import { kata } from "./child.ts";
import { golden } from "./golden.ts";

setDefaultTimeout(60_000); // commands are run, perhaps on a busy machine

const folder = mkdtempSync(join(tmpdir(), "c10kata-plot-"));
afterAll(() => rmSync(folder, { recursive: true }));

const capacities = [100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const curve = (name: string, slope: number): Plot["series"][number] => ({
  name,
  points: capacities.map((capacity, at) => [capacity, slope * (at + 1) + at * at]),
});
const lines: Plot = {
  title: "Hit rate & capacity",
  x: { title: "capacity (entries)", scale: "log" },
  y: { title: "hit rate (%)" },
  series: [curve("FIFO", 3), curve("LRU <classic>", 4), curve('"LFU"', 6), curve("optimum", 8)],
};
const rows: Plot = {
  title: "Keys moved",
  kind: "bars",
  x: { title: "what happens", labels: ["an 11th node comes", "the 3rd of 10 goes"] },
  y: { title: "keys moved (%)" },
  series: [
    {
      name: "hash % nodes",
      points: [
        [0, 91],
        [1, 90.2],
      ],
    },
    { name: "ring", points: [[1, 10.4]] },
  ],
};
const wide: Plot = {
  title: "Six powers of ten",
  kind: "bars",
  x: { title: "threads" },
  y: { title: "time (ns)", scale: "log" },
  series: [
    {
      name: "a lock",
      points: [
        [1, 12],
        [2, 3_456],
        [8, 1_234_567],
      ],
    },
  ],
};
const point: Plot = { ...lines, title: "One point", series: [{ name: "alone", points: [[100, 0]] }] };
const all = [lines, rows, wide, point];

test("everything a terminal shows", () => {
  const text = all.map((plot) => `${plotText(plot, plainStyle)}\n\n${plotTable(plot)}`).join("\n\n\n");
  expect(`${text}\n`).toBe(golden("plots", `${text}\n`));
});

test.each([40, 60, 80, 120, 400])("a terminal of %i columns: no line is longer, none of them coloured", (width) => {
  for (const plot of all) {
    const text = plotText(plot, { ...plainStyle, width });
    expect(Math.max(...text.split("\n").map((line) => Bun.stringWidth(line)))).toBeLessThanOrEqual(
      Math.min(120, Math.max(60, width)),
    );
    expect(text).not.toContain("\x1b");
  }
});

test("without colours the same characters, so nothing is told by colour alone", () => {
  for (const plot of all) {
    const coloured = plotText(plot, { chalk: new Chalk({ level: 1 }) });
    expect(coloured).toContain("\x1b");
    const trimmed = (text: string) => text.replace(/ +$/gm, "");
    expect(trimmed(Bun.stripANSI(coloured))).toBe(plotText(plot, plainStyle));
  }
});

test("a logarithmic axis gives each factor of ten the same room", () => {
  const { at, ticks } = scaleOf({ title: "x", scale: "log" }, [1, 10_000], false, 6);
  expect([1, 10, 100, 1_000, 10_000].map((value) => Number(at(value).toFixed(6)))).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(ticks.map(({ text }) => text)).toEqual(["1", "10", "100", "1,000", "10,000"]);
});

test.each([
  [12, 87, ["20", "50"]],
  [21, 29, ["20", "30", "40", "50"]],
  [3, 3, ["2", "3", "4", "5"]],
  [1, 4, ["1", "2", "3", "4"]],
  [0.3, 45, ["1", "10"]],
  [2, 4_000_000, ["10", "1,000", "100,000"]],
])("a logarithmic axis from %d to %d names round values", (low, high, named) => {
  const { ticks } = scaleOf({ title: "x", scale: "log" }, [low, high], false, 6);
  expect(ticks.map(({ text }) => text)).toEqual(named);
});

test("whole numbers at which was measured are named, where there is room for them", () => {
  const named = (...measured: number[]) => {
    const series = [{ name: "a", points: measured.map((x): [number, number] => [x, 1]) }];
    return xScaleOf({ ...lines, series }, 9).ticks.map(({ text }) => text);
  };
  expect(named(1, 2, 4, 8)).toEqual(["1", "2", "4", "8"]);
  expect(named(1, 2, 3, 4, 5, 6, 7, 8)).toEqual(["1", "2", "5"]);
  expect(named(1.5, 3, 6)).toEqual(["2", "3", "4", "5", "6"]);
});

test("a logarithmic axis names two values at least, and none too near to another", () => {
  const value = fc.double({ min: -6, max: 9, noNaN: true }).map((exponent) => 10 ** exponent);
  const cases = [value, fc.oneof(value, fc.constant(0)), fc.boolean(), fc.integer({ min: 3, max: 14 })] as const;
  fc.assert(
    fc.property(...cases, (one, more, whole, max) => {
      const values = [one, one + more];
      const { at, ticks } = scaleOf({ title: "x", scale: "log" }, values, whole, max);
      const places = ticks.map((tick) => at(tick.value));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
      for (const place of [...places, ...values.map(at)]) expect(Math.abs(place - 0.5)).toBeLessThan(0.5 + 1e-6);
      for (const [nth, place] of places.slice(1).entries())
        expect(ticks.length === 2 || place - places[nth]! > 1 / max - 1e-6).toBe(true);
      if (whole) expect(at(one)).toBeGreaterThan(0);
    }),
  );
});

test("between whole numbers no others are named", () => {
  const named = (...values: number[]) => scaleOf({ title: "grading" }, values, false, 9).ticks.map(({ text }) => text);
  expect(named(1, 2)).toEqual(["1", "2"]);
  expect(named(1, 2.5)).toContain("1.4");
  expect(named(3, 3).length).toBeGreaterThan(2);
});

test("numbers keep the digits that matter", () => {
  expect([0, 1_024, 81.3456, 0.012_34, 12_345.6, -4.56789].map(numberText)).toEqual(
    "0 1,024 81.3 0.0123 12,346 -4.57".split(" "),
  );
});

describe("a picture", () => {
  test.each(all.map((plot): [string, Plot] => [plot.title, plot]))("%s: well-formed, and complete", async (_, plot) => {
    const svg = plotSvg(plot);
    expect(unclosed(svg)).toEqual([]);
    const words = await textOf(svg);
    for (const said of [plot.title, plot.x.title, plot.y.title, ...(plot.x.labels ?? [])])
      expect(words).toContain(said);
    for (const { name } of plot.series) expect(words).toContain(name);
    expect(svg).not.toContain("NaN");
    expect(svg.match(/ aria-label="/g)).toHaveLength(plot.series.length);
  });

  test("names beside each other do not overlap, however large the numbers are", () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 2e9 }), fc.integer({ min: 1, max: 2e9 })), {
      minLength: 1,
    });
    const axis = fc.record({ title: fc.constant("x"), scale: fc.constantFrom("linear" as const, "log" as const) });
    fc.assert(
      fc.property(points, axis, axis, fc.constantFrom("line" as const, "bars" as const), (drawn, x, y, kind) => {
        const svg = plotSvg({ title: "t", x, y, kind, series: [{ name: "a", points: drawn.slice(0, 12) }] });
        const named = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="middle">([^<]+)/g)];
        const rows = Map.groupBy(named, ([, , at]) => at);
        for (const [, row] of rows)
          for (const [nth, [, at, , name]] of row.slice(1).entries()) {
            const [, before, , other] = row[nth]!;
            expect(Number(at) - Number(before)).toBeGreaterThan(((name!.length + other!.length) * 13 * 0.56) / 2);
          }
      }),
    );
  });

  test.each(Object.entries(SCHEMES))("legible in the %s scheme", (_, { paper, ink, series }) => {
    expect(contrast(ink, paper)).toBeGreaterThan(7);
    for (const colour of series) expect([colour, contrast(colour, paper) >= 3]).toEqual([colour, true]);
  });
});

test.each<[string, unknown, string]>([
  ["no series", { ...lines, series: [] }, "at series"],
  ["not a number", { ...lines, series: [{ name: "a", points: [[1, NaN]] }] }, "series[0].points[0][1]"],
  ["endless", { ...lines, series: [{ name: "a", points: [[1, Infinity]] }] }, "series[0].points[0][1]"],
  ["the logarithm of zero", { ...lines, series: [{ name: "a", points: [[0, 1]] }] }, "a has the point (0, 1)"],
  ["a label of no row", { ...rows, series: [{ name: "a", points: [[2, 1]] }] }, "a has the point (2, 1)"],
])("not drawn: %s", (_, plot, sentence) => {
  expect(whyNotDrawn(plot)).toContain(sentence);
});

describe("bun kata lab", () => {
  test("prints plot and table, writes the picture and says where", async () => {
    const { code, stdout, stderr } = await kata(["lab", "01", "--svg", folder]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Answers & questions\n");
    expect(stdout).toContain("question  passes.c\n         0         1\n");
    expect(stdout).toMatch(/1-answers-questions\.svg\n$/);
    expect(readdirSync(folder)).toContain("1-answers-questions.svg");
    expect(readFileSync(join(folder, "1-answers-questions.svg"), "utf8")).toStartWith("<svg xmlns=");
  });

  test("keeps what it drew last, with what the figures belong to", async () => {
    const kept = join(import.meta.dir, "..", ".kata", "labs", "01");
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, "9-drawn-before.svg"), "<svg/>");
    expect((await kata(["lab", "01"])).stderr).toBe("");
    expect(readdirSync(kept).sort()).toEqual(["1-answers-questions.svg", "facts.json"]);
    const facts = JSON.parse(readFileSync(join(kept, "facts.json"), "utf8"));
    expect(facts).toMatchObject({
      command: "bun kata lab 01",
      says: "",
      machine: expect.stringContaining("CPUs, Linux"),
    });
  });

  test("exit 2: a kata without a lab, a place that cannot be written", async () => {
    const without = await kata(["lab", "96"]);
    expect([without.code, without.stderr]).toEqual([
      2,
      "96-hangs has no lab: its lesson, README.md, has all there is\n",
    ]);
    const nowhere = await kata(["lab", "01", "--svg", "/proc/none"]);
    expect([nowhere.code, nowhere.stderr.split(":")[0]]).toEqual([2, "--svg /proc/none"]);
  });

  test("a bench shows what the lab compares with the submission, and nothing where it compares nothing", async () => {
    expect(await runComparison(fixture, "answers")).toEqual([]);
    const compares = join(folder, "compares");
    mkdirSync(join(compares, "grader"), { recursive: true });
    writeFileSync(
      join(compares, "grader", "lab.ts"),
      `export const comparison = async (path) => [${JSON.stringify(rows)}].map((plot) => ({ ...plot, title: path }));\n`,
    );
    const [plot] = await runComparison({ ...fixture, folder: compares }, "answers");
    expect(plot?.title).toBe("answers");
  });

  test("a lab that draws nonsense is broken, and says which plot", () => {
    mkdirSync(join(folder, "grader"));
    writeFileSync(join(folder, "grader", "lab.ts"), `export const lab = async () => [{ title: "nonsense" }];\n`);
    expect(runLab({ ...fixture, folder }, folder)).rejects.toThrow("makes a plot that cannot be drawn");
  });
});

/** Tags that are closed by another than their own, or never. */
function unclosed(xml: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, end, name, own] of xml.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (end && open.pop() !== name) wrong.push(name!);
    else if (!end && !own) open.push(name!);
  }
  const strange = xml.replace(/<[^<>]*>/g, "").match(/[<>]|&(?!(amp|lt|gt|quot);)/g) ?? [];
  return [...open, ...wrong, ...strange];
}

/** Everything between tags, as a reader that knows XML's entities sees it. */
async function textOf(svg: string): Promise<string> {
  const parts: string[] = [];
  const reader = new HTMLRewriter().onDocument({ text: (chunk) => void parts.push(chunk.text) });
  await reader.transform(new Response(svg)).text();
  return parts
    .join("")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** WCAG 2: how much brighter the brighter of two colours is. */
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

test("a long table shows every nth row, and says so", () => {
  const points = Array.from({ length: 100 }, (_, at): [number, number] => [at, at]);
  const table = plotTable({ ...lines, x: { title: "t (s)" }, series: [{ name: "one", points }] }).split("\n");
  expect(table).toHaveLength(1 + 20 + 1);
  expect(table.at(-1)).toBe("  (20 of 100 rows)");
});
