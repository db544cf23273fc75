// SPDX-License-Identifier: MIT
/** What a learner has reached on the shelf: its list, a kata's gradings, and what comes next. Pure. */
import type { Kata, Tier } from "../kata/kata.ts";
import { wrapped, type Style } from "./terminal.ts";

/** One grading as it was kept. */
export interface Kept {
  /** ISO 8601, UTC. */
  at: string;
  seed: string;
  passed: boolean;
  tier: Tier | null;
  score: number;
  score_max: number;
  /** Throughput against the baseline; null where it was not measured. */
  ratio: number | null;
  /** The failure that was told, and what was seen. */
  failed: string | null;
  saw: string | null;
  /** Where the kata has several files: how each stood. */
  parts: { file: string; score: number; score_max: number; first?: string | undefined }[] | null;
}

export interface OnShelf {
  kata: Pick<Kata, "id" | "idea" | "edits" | "after">;
  hasLab: boolean;
  best?: Kept;
  latest?: Kept;
}

/** The least share of the shelf that has to be passed for each belt; black is all of it. */
const BELTS: [share: number, belt: string][] = [
  [1, "black"],
  [0.8, "brown"],
  [0.6, "blue"],
  [0.4, "green"],
  [0.25, "orange"],
  [0.1, "yellow"],
  [0, "white"],
];

/** The belt of one who has passed so many of the shelf's katas. */
export function belt(passed: number, all: number): string {
  return BELTS.find(([share]) => passed / all >= share)![1];
}

/** The kata to work on: the first that is not passed, and that builds on none that is not. */
export const nextOf = (shelf: OnShelf[]) =>
  shelf.find((one) => !one.best?.passed && before(one, shelf).length === 0) ?? shelf.find(({ best }) => !best?.passed);

/** What it builds on and was not passed. */
function before({ kata }: OnShelf, shelf: OnShelf[]): string[] {
  return kata.after.filter((number) => shelf.some(({ kata, best }) => kata.id.startsWith(number) && !best?.passed));
}

/** A line per kata, and the belt; `labs`: what `bun kata lab` can run. */
export function shelfList(shelf: OnShelf[], labs: string[], { chalk, width = 120 }: Style): string {
  const next = nextOf(shelf);
  const columns = inColumns(
    shelf.map((one) => [one.kata.id, reached(one.best), ratioOf(one.best), remark(one, shelf)]),
  );
  const rows = shelf.map((one, at) => {
    const arrow = one === next ? chalk.bold("next →") : "      ";
    const idea = shortened(one.kata.idea, width - 7 - columns[at]!.length - 2);
    return `${arrow} ${columns[at]}  ${chalk.dim(idea)}`.trimEnd();
  });
  const passed = shelf.filter(({ best }) => best?.passed).length;
  return [
    ...rows,
    "",
    `${passed} of ${shelf.length} passed: ${chalk.bold(`${belt(passed, shelf.length)} belt`)}`,
    ...(labs.length > 0 ? [wrapped(`experiments, bun kata lab: ${labs.join(", ")}`, width)] : []),
  ].join("\n");
}

/** A later failure; or what comes before it. */
function remark(one: OnShelf, shelf: OnShelf[]): string {
  const { best, latest } = one;
  if (best?.passed) return latest!.passed ? "" : `latest ${latest!.score}/${latest!.score_max}`;
  const missing = before(one, shelf);
  return missing.length > 0 ? `after ${missing.join(", ")}` : "";
}

/** Each column as wide as its longest text; an empty one takes no room. */
function inColumns(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const padded = (row: string[]) => row.map((text, column) => text.padEnd(widths[column]!));
  return rows.map((row) =>
    padded(row)
      .filter((_, column) => widths[column]! > 0)
      .join("  "),
  );
}

/** Fewer characters hold a word or two. */
const SENTENCE_MIN = 28;

/** What of a text has room, up to a word's end; nothing where that says nothing. */
function shortened(text: string, room: number): string {
  if (Bun.stringWidth(text) <= room) return text;
  if (room < SENTENCE_MIN) return "";
  return `${wrapped(text, room - 2)
    .split("\n")[0]!
    .replace(/[,:;]$/, "")} …`;
}

function reached(best: Kept | undefined): string {
  if (!best) return "not graded";
  if (!best.passed) return `${best.score}/${best.score_max}`;
  return best.tier === "silver" || best.tier === "gold" ? `passed, ${best.tier}` : "passed";
}

const ratioOf = (kept: Kept | undefined) => (kept?.ratio ? `${kept.ratio.toFixed(2)}x` : "");

/** A line per grading, oldest first, the best one marked. */
export function historyTable(gradings: Kept[], best: Kept | undefined, { chalk }: Style): string {
  const ratios = inColumns(gradings.map((kept) => [ratioOf(kept)]));
  return gradings
    .map((kept, at) => {
      const mark = kept.at === best?.at ? chalk.green("best") : "    ";
      const score = `${kept.score}/${kept.score_max}`.padStart(7);
      const tail = kept.passed ? chalk.green(reached(kept)) : (kept.failed ?? "");
      const ratio = ratios[at] && ` ${ratios[at].padStart(7)}`;
      return `${mark} ${localTime(kept.at)} ${score}${ratio}  ${chalk.dim(`seed ${kept.seed}`)}  ${tail}`.trimEnd();
    })
    .join("\n");
}

/** As a clock on the wall shows it: 2026-11-29 02:14. */
function localTime(at: string): string {
  return new Date(at).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });
}

/** What to read, edit and run next, and where the latest grading ended. */
export function nextStep({ kata, hasLab, latest }: OnShelf, { chalk, width = 100 }: Style): string {
  const number = kata.id.slice(0, 2);
  const folder = `katas/${kata.id}`;
  const rows = [
    ["read", `${folder}/README.md`],
    ["edit", kata.edits.map((name) => `${folder}/${name}`).join(", ")],
    ["grade", `bun test katas/${number}, or at every save: bun kata watch ${number}`],
    ...(hasLab ? [["try", `bun kata lab ${number}: the lesson's experiments`]] : []),
    ...(latest ? [["latest", `${latest.score}/${latest.score_max} points, ${localTime(latest.at)}`]] : []),
    ...(latest?.parts ?? []).map((part) => [
      "file",
      `${part.file} ${part.score}/${part.score_max} points${part.first ? `, next: ${part.first}` : ""}`,
    ]),
    ...(latest?.failed
      ? [["failed", latest.saw ? `${latest.failed}: ${latest.saw.split("\n")[0]}` : latest.failed]]
      : []),
  ];
  const lines = rows.map(([label, text]) => {
    const body = wrapped(text!, width - 10).replaceAll("\n", `\n${" ".repeat(10)}`);
    return `  ${chalk.dim(label!.padEnd(7))} ${body}`;
  });
  return [`${chalk.bold(kata.id)}  ${kata.idea}`, ...lines].join("\n");
}
