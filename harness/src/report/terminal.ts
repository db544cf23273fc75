// SPDX-License-Identifier: MIT
/** One result as a terminal shows it: the failure nearest to the cause in full, the scorecard last. Pure. */
import { Chalk, type ChalkInstance } from "chalk";
import { durationText } from "../base/histogram.ts";
import { accuses, type CheckResult, type Result } from "../judge/score.ts";
import { printedText } from "./printed.ts";
import { traceText } from "./trace.ts";

/** Colours where the terminal has them; `level` 0 for none. */
export interface Style {
  chalk: ChalkInstance;
  /** Characters per line, where sentences are to be wrapped. */
  width?: number;
  /** Lines that a failure may take, where a picture is to be shortened; its sentences are not. */
  rows?: number;
}

export const plainStyle: Style = { chalk: new Chalk({ level: 0 }) };
/** For a terminal, or for a file; chalk sees for itself whether there are colours to be had. */
export const terminalStyle = (size: { width: number; rows: number } | undefined, coloured: boolean): Style => ({
  chalk: new Chalk(coloured ? {} : { level: 0 }),
  ...(size && { width: size.width, rows: size.rows - ROWS_BELOW }),
});

const ID_WIDTH = 20;
/** Of a terminal, below a failure: what to do then, bun test's sum, the prompt. */
const ROWS_BELOW = 8;
/** Of a trace where no terminal says how wide it is. */
const PICTURE_WIDTH = 100;
/** So many lines of it are shown however little room there is. */
const PICTURE_ROWS = 8;

/**
 * The block that a learner reads first, headed by the file that is graded where that is not said above it:
 *
 *     FAIL  fifo_per_producer   0/10
 *       saw       ...
 *       expected  ...
 *       look at   ...
 *       replay    ...
 */
export function failureBlock(check: CheckResult, style: Style, file?: string): string {
  const { width = PICTURE_WIDTH, rows = Infinity } = style;
  const said = [...(file ? [style.chalk.bold(file)] : []), headOf(check, style), ...sentencesOf(check, style)];
  const [detail, printed] = [check.detail, printedText(check.printed)].map(below);
  const used = [...said, ...detail!, ...printed!].join("\n").split("\n").length;
  const room = Math.max(PICTURE_ROWS, rows - used - 1);
  const picture = below(check.trace && traceText(check.trace, width - 2, room));
  return [...said, ...detail!, ...picture, ...printed!].join("\n");
}

/** What stands below the sentences, behind an empty line. */
const below = (text: string | undefined) => (text ? ["", indented(`  ${text}`, 2)] : []);

function headOf(check: CheckResult, { chalk }: Style): string {
  if (GENTLE[check.verdict]) return chalk.yellow.bold(`${GENTLE[check.verdict]}: ${check.id}`);
  const points = `${pointsOf(check)}  ${verdictWord(check)}`;
  return `${chalk.red.bold("FAIL")}  ${chalk.bold(check.id.padEnd(ID_WIDTH))} ${points}`.trimEnd();
}

function sentencesOf(check: CheckResult, { chalk, width = Infinity }: Style): string[] {
  const row = (label: string, text: string) => `  ${chalk.dim(label.padEnd(9))} ${indented(text, 12)}`;
  const said = (text: string) => wrapped(width < Infinity ? nearby(text) : text, width - 12);
  const sentences = [
    ["saw", check.saw],
    ["expected", check.expected],
    ["look at", check.look_at],
  ].flatMap(([label, text]) => (text ? [row(label!, said(text))] : []));
  return [...sentences, ...(check.replay ? [row("replay", wrappedCommand(check.replay, width - 12))] : [])];
}

/** A kata's files have one name each: without their folders, lines of a terminal hold more. */
const nearby = (text: string) => text.replace(/\bkatas\/[\w-]+\/(?:grader\/)?(?=[\w.-]+\.[ch]:\d)/g, "");

/** Verdicts that accuse nobody. */
const GENTLE: Partial<Record<CheckResult["verdict"], string>> = {
  harness_error: "harness error, not your code",
  not_measurable: "not measurable",
};

/** Breaks lines between words; a longer word stays whole. */
export function wrapped(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) => wrappedLine(line, width))
    .join("\n");
}

/** A shell takes the lines as one. */
const wrappedCommand = (text: string, width: number) => wrapped(text, width - 2).replaceAll("\n", " \\\n");

function wrappedLine(line: string, width: number): string {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.at(-1)!;
    const longer = last === "" ? word : `${last} ${word}`;
    if (Bun.stringWidth(longer) <= width || last === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

const indented = (text: string, by: number) => text.replaceAll("\n", `\n${" ".repeat(by)}`);

function pointsOf({ points, points_max, verdict }: CheckResult): string {
  if (points_max === 0) return "gate";
  return `${GENTLE[verdict] ? "–" : points}/${points_max}`;
}

const verdictWord = ({ verdict }: CheckResult) => (verdict === "wrong" ? "" : verdict.replaceAll("_", " "));

/** One line for a check that did not pass: what bun test prints as its failure. */
export function shortFailure(check: CheckResult): string {
  const word = check.verdict.replaceAll("_", " ");
  const saw = firstLine(check.saw);
  return saw.startsWith(`${word}:`) ? saw : `${word}: ${saw}`;
}

/** The scorecard: a line per check, the throughput, the sum, and what comes next. */
export function scorecard(result: Result, style: Style): string {
  const { chalk } = style;
  const idWidth = Math.max(ID_WIDTH, ...result.checks.map(({ id }) => id.length));
  const ofFile = (name: string | undefined) => result.checks.filter(({ file }) => file === name);
  return [
    "",
    chalk.bold(`${result.kata}  ${result.submission.label}`),
    ...(result.parts ?? []).flatMap((part) => [
      partLine(part, style),
      ...checkLines(ofFile(part.file), idWidth, style),
    ]),
    ...(result.parts && ofFile(undefined).length > 0 ? [`  ${chalk.bold("together")}`] : []),
    ...checkLines(ofFile(undefined), idWidth, style),
    ...throughputLines(result.metrics, style),
    "",
    sumLine(result, style),
    chalk.dim(wrapped(circumstances(result), style.width ?? Infinity)),
    "",
  ].join("\n");
}

function circumstances({ seed, toolchain, seconds, box, trust }: Result): string {
  const boxed = box ? `box: ${box.tier === "D" ? "none" : box.tier}  ` : "";
  return `seed ${seed}  ${toolchain.compiler}  ${seconds.toFixed(1)} s  ${boxed}trust: ${trust}`;
}

/** A file that is graded apart: how it stands, and what to look at there. */
function partLine({ file, score, score_max, first }: NonNullable<Result["parts"]>[number], { chalk }: Style): string {
  return `  ${chalk.bold(file)}  ${score}/${score_max} points${first ? `; next: ${first}` : ""}`;
}

/** A line per check; those that wait for another one share one. */
function checkLines(checks: CheckResult[], idWidth: number, style: Style): string[] {
  const lines = checks.filter((check) => !waits(check)).map((check) => checkLine(check, idWidth, style));
  return [...lines, ...waitingLines(checks.filter(waits), idWidth, style)];
}

const waits = ({ waits_for }: CheckResult) => waits_for !== undefined;

/** One line for all checks that wait for another one. */
function waitingLines(waiting: CheckResult[], idWidth: number, { chalk }: Style): string[] {
  if (waiting.length === 0) return [];
  const points = waiting.reduce((sum, { points_max }) => sum + points_max, 0);
  const what = `${waiting.length} more`.padEnd(idWidth);
  return [`  ${chalk.dim("·")} ${what} ${`0/${points}`.padStart(7)}${chalk.dim(`  ${waitingText(waiting)}`)}`];
}

/** "wait for nothing_lost": the checks that have to pass first, and wait for nothing themselves. */
export function waitingText(waiting: CheckResult[]): string {
  const causes = new Set(waiting.flatMap(({ waits_for }) => waits_for ?? []));
  for (const { id } of waiting) causes.delete(id);
  if (causes.size === 0) return "not reached";
  return `${waiting.length === 1 ? "waits" : "wait"} for ${[...causes].join(", ")}`;
}

function checkLine(check: CheckResult, idWidth: number, style: Style): string {
  const { chalk } = style;
  const marks: Partial<Record<CheckResult["verdict"], string>> = {
    pass: chalk.green("✓"),
    not_reached: chalk.dim("·"),
    not_measurable: chalk.yellow("?"),
    harness_error: chalk.yellow("!"),
  };
  const points = pointsOf(check).padStart(7);
  const reason = check.verdict === "pass" ? check.note : `${verdictWord(check) || "wrong"}${shortReason(check)}`;
  const left = `  ${marks[check.verdict] ?? chalk.red("✗")} ${check.id.padEnd(idWidth)} ${points}`;
  return `${left}${reason ? `  ${chalk.dim(hanging(reason, Bun.stringWidth(left) + 2, style))}` : ""}`;
}

/** A text in lines that begin `by` characters from the left, behind what stands there. */
const hanging = (text: string, by: number, { width = Infinity }: Style) => indented(wrapped(text, width - by), by);

function shortReason({ verdict, saw }: CheckResult): string {
  return ["not_reached", "not_measurable", "harness_error"].includes(verdict) ? `: ${firstLine(saw)}` : "";
}

const firstLine = (text = "") => text.split("\n")[0]!;

/** So that what follows the titles stands in a column. */
export const titleWidth = (metrics: { title: string }[]) => Math.max(...metrics.map(({ title }) => title.length));

export function throughputLines(metrics: Result["metrics"], style: Style): string[] {
  const { chalk } = style;
  if (metrics.length === 0) return [];
  const width = titleWidth(metrics);
  const rows = metrics.flatMap(({ title, vs_baseline: v, vs_reference: r, tiers, rough, rounds, latency }) => {
    const range = chalk.dim(`${v.low.toFixed(2)} to ${v.high.toFixed(2)}, ${rounds} rounds`);
    const reference = r ? `  ${r.ratio.toFixed(2)}x the reference` : "";
    const gates = tiers ? chalk.dim(`  pass ${tiers.pass}, silver ${tiers.silver}, gold ${tiers.gold}`) : "";
    const left = `    ${title.padEnd(width)} ${`${rough ? "~" : ""}${v.ratio.toFixed(2)}x`.padStart(6)}  `;
    const row = left + hanging(range + reference + gates, left.length, style);
    return tiers && latency ? [row, chalk.dim(`      ${hanging(latencyLine(latency), 6, style)}`)] : [row];
  });
  return ["", "  throughput against the baseline (higher is faster, 90 % interval)", ...rows];
}

function latencyLine({ learner, baseline }: NonNullable<Result["metrics"][number]["latency"]>): string {
  const [own, other] = [learner, baseline].map(({ p50_us, p99_us, max_us }) =>
    [p50_us, p99_us, max_us].map((us) => durationText(us)),
  );
  return `latency p50 ${own![0]}, p99 ${own![1]}, max ${own![2]}; baseline ${other!.join(", ")}`;
}

function sumLine({ score, score_max, passed, tier, checks, first }: Result, { chalk }: Style): string {
  const sum = `${score}/${score_max} points`;
  if (passed) return chalk.green.bold(`passed${tier && tier !== "pass" ? `, ${tier}` : ""}: ${sum}`);
  const ours = checks.find(({ verdict }) => verdict === "harness_error");
  if (ours) return chalk.yellow.bold(`not graded: the grader failed in ${ours.id}, which costs no points; ${sum}`);
  return `${chalk.red.bold("not passed")}: ${sum}${first ? `; next: ${first}` : ""}`;
}

/** The table after grading several submissions in one call. */
export function summaryTable(results: Result[], { chalk }: Style): string {
  const width = Math.max(...results.map(({ submission }) => submission.label.length));
  const rows = results.map((result) => resultRow(result.submission.label.padEnd(width), result, chalk));
  return `\n${rows.join("\n")}\n`;
}

/** One line: passed or not, the sum, the tier or all checks that failed. */
export function resultRow(label: string, result: Result, chalk: Style["chalk"]): string {
  const failed = result.checks.filter(accuses);
  const mark = result.passed ? chalk.green("✓") : chalk.red("✗");
  const sum = `${result.score}/${result.score_max}`.padStart(7);
  const tail = result.passed ? (result.tier ?? "throughput not measurable") : failed.map(({ id }) => id).join(", ");
  return `${mark} ${label} ${sum}  ${tail}`;
}
