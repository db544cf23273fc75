// SPDX-License-Identifier: MIT
/** `bun kata ...`: parses, wires, and answers with an exit code: 0 passed, 1 not passed, 2 misuse or our own fault. */
import { Argument, Command, CommanderError, InvalidArgumentError } from "commander";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pruneCache, ROOT } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { examine, told } from "./doctor/doctor.ts";
import { exitOf } from "./doctor/finding.ts";
import { exploreFiles } from "../play/explore.ts";
import { Grading, newSeed, type GradeOptions } from "../play/grade.ts";
import { addCohortCommand } from "./cohort-page.ts";
import { addWorkerCommand } from "./cohort.ts";
import { completion, SHELLS, type Shell, type Vocabulary } from "./completion.ts";
import { addExportOptions, EXPORTED, Exports, formatted, type ExportOptions } from "./exports.ts";
import { debug } from "./gdb.ts";
import { tidyWhenInterrupted } from "./interrupt.ts";
import { allChecks, type Kata } from "../kata/kata.ts";
import { toolchain } from "../build/toolchain.ts";
import { conceptLabs, runConceptLab, type ConceptLab } from "../play/concept-lab.ts";
import { runComparison, runLab } from "../play/lab.ts";
import { resultsJson } from "../report/json.ts";
import type { Plot } from "../kata/plot.ts";
import { writePlots } from "../report/plot-file.ts";
import { plotTable, plotText } from "../report/plot-terminal.ts";
import { notReached, wholeReport } from "../report/told.ts";
import { failureBlock, summaryTable, terminalStyle, throughputLines, titleWidth, wrapped } from "../report/terminal.ts";
import { accuses, exitCode, firstFailure, type Result } from "../judge/score.ts";
import { isRefusal, Sentence } from "../base/sentence.ts";
import { findKata, isKata, kataIds, KATAS, soundKatas } from "../kata/shelf.ts";
import { newKata } from "./new.ts";
import { keepLab } from "./labs.ts";
import { KEPT, latest, nextKata, remember } from "./scores.ts";
import { addScoreCommand } from "./score.ts";
import { addShelfCommands } from "./shelf-commands.ts";
import { StatusLine } from "../base/status-line.ts";
import { Watch } from "./watch.ts";
import { pageData } from "./page.ts";
import { serveWeb } from "./web.ts";
import { readSubmission } from "../build/submission.ts";
import { Workpiece } from "../play/workpiece.ts";
import { terminalSize, wantsColours } from "../base/terminal-size.ts";

/** `bun kata` runs in the root, wherever in the repository it was typed: paths and katas are meant from there. */
if (process.env.npm_lifecycle_event === "kata") process.chdir(process.env.npm_config_local_prefix ?? ".");

const style = terminalStyle(terminalSize(), wantsColours());
const { chalk } = style;
const status = new StatusLine();
/** Reports go to standard output, unless an export does. */
let out: NodeJS.WriteStream = process.stdout;
const print = (text: string) => out.write(`${text}\n`);

function parseSeed(text: string): number {
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw new InvalidArgumentError("a seed is 1 to 8 hexadecimal digits.");
  return Number.parseInt(text, 16);
}

function once(value: string, before?: string): string {
  if (before !== undefined)
    throw new InvalidArgumentError("this option is given once; without it all checks are graded.");
  return value;
}

const collect = (value: string, all: string[]) => [...all, value];
const numberOf = (kata: Kata) => kata.id.slice(0, 2);

interface Asked {
  from?: string;
  seed?: number;
  check?: string;
  timed?: boolean;
  box?: boolean;
}

/** The explorer's own options, by its names for them. */
type Exploring = { driver: string; plainSteps?: true } & Partial<
  Record<"scenario" | "seed" | "executions" | "exhaustive", string>
>;

/** Grades one submission with the status line; the result is remembered when it is the learner's own. */
async function gradeOne(kata: Kata, asked: Asked, more: Partial<GradeOptions> = {}): Promise<Result> {
  return await finished(gradingOf(kata, asked, more));
}

function gradingOf(kata: Kata, asked: Asked, more: Partial<GradeOptions> = {}): Grading {
  let settled = 0;
  if (asked.box === false) process.env.C10KATA_BOX = "no";
  const submission = readSubmission(kata, asked.from && resolve(asked.from));
  const grading: Grading = new Grading(new Workpiece(kata, submission), {
    seed: asked.seed ?? newSeed(),
    ...(asked.check && { only: asked.check }),
    ...(asked.from && { from: asked.from }),
    ...(asked.timed === false && { untimed: "left out on request" }),
    onResult: (check) => {
      if (accuses(check)) status.draft(`\n${failureBlock(check, style, check.file ?? submission.label)}\n`);
      status.show(`${submission.label}: ${++settled} of ${grading.checks.length} checks; Ctrl-C ends it`);
    },
    onRound: (round, metric) => status.show(`${submission.label}: throughput, ${metric}, round ${round}`),
    ...more,
  });
  return grading;
}

async function finished(grading: Grading): Promise<Result> {
  const result = await grading.start().finished();
  status.clear();
  if (!grading.options.from && !grading.options.only) remember(result);
  return result;
}

/** Does the check run on threads that the kernel schedules, and not in the explorer? */
function threaded(kata: Kata, id: string): boolean {
  return kata.scenarios.some(({ checks }) => checks.some((check) => check.id === id));
}

/** The kata in whose folder, or below it, this was typed. */
function kataHere(): string[] | undefined {
  const [id = ""] = relative(KATAS, process.cwd()).split("/");
  return kataIds().includes(id) ? [id] : undefined;
}

/** What was typed; in a kata's folder, a command about one kata means that one where none is named. */
function withKataHere(words: string[]): string[] {
  const [name, first = "-"] = words;
  const asksForOne = program.commands.find((one) => one.name() === name)?.registeredArguments[0]?.name() === "number";
  const [here] = kataHere() ?? [];
  return asksForOne && here && !isKata(first) ? [name!, here, ...words.slice(1)] : words;
}

function existing(path: string): string {
  if (!existsSync(path)) throw new Unusable(`${path}: no such file`);
  return resolve(path);
}

const program = new Command("bun kata")
  .description("graded systems katas in C")
  .showHelpAfterError("(see bun kata --help)")
  .exitOverride();

addShelfCommands(program, print, style);
addScoreCommand(program, status, style);
addWorkerCommand(program, print);
addCohortCommand(program, print);

const gradeCommand = program
  .command("grade")
  .description("grade katas outside bun test; --from grades the file or folder at PATH instead of the learner's")
  .argument("[numbers...]", "two digits each; without any, the kata whose folder this is, or else all of the shelf")
  .option("--from <path>", "what to grade; may be given several times", collect, [])
  .option("--seed <seed>", "hexadecimal, as a report shows it", parseSeed)
  .option("--check <id>", "only this check and what it needs", once)
  .option("--no-timed", "leave throughput out")
  .option("--no-box", "run the program without its box, where this machine has one; the result says so");
addExportOptions(gradeCommand).action(
  async (numbers: string[], options: Asked & ExportOptions & { from: string[] }) => {
    const wanted = numbers.length > 0 ? numbers : (kataHere() ?? kataIds());
    if (options.from.length > 0 && wanted.length > 1) throw new Unusable("--from goes with one kata");
    const exports = new Exports(options);
    if (exports.printed) out = process.stderr;
    const results: Result[] = [];
    const text = () =>
      formatted({ katas: results.map((result) => ({ kata: result.kata, result })) }, () => resultsJson(results));
    for (const number of wanted) {
      const kata = await findKata(number);
      for (const from of options.from.length > 0 ? options.from : [undefined]) {
        results.push(await gradeOne(kata, { ...options, from }));
        const next = from || options.check ? undefined : nextKata();
        print(wholeReport(results.at(-1)!, style, { next, asked: options.check }));
        exports.write(text(), false);
      }
    }
    exports.write(text(), true);
    if (results.length > 1) print(summaryTable(results, style));
    process.exitCode = Math.max(...results.map(exitCode));
  },
);

program
  .command("hint")
  .description("the next hint; there are three, and none gives code")
  .argument("<number>")
  .argument("[which]", "1, 2 or 3: that one (again), instead of the next")
  .action(async (number: string, which?: string) => {
    const kata = await findKata(number);
    const place = join(KEPT, "hints", kata.id);
    const seen = existsSync(place) ? Number(readFileSync(place, "utf8")) : 0;
    const last = kata.hints.length - 1;
    const at = which === undefined ? Math.min(seen, last) : Number(which) - 1;
    const hint = kata.hints[at];
    if (hint === undefined) throw new Unusable(`no hint '${which}'; there are 1 to ${last + 1}`);
    const sentences = hint.replaceAll("\n", " ");
    print(`${chalk.bold(`hint ${at + 1} of ${last + 1}`)}\n${wrapped(sentences, Math.min(style.width ?? 100, 100))}`);
    if (which === undefined && at < last) print(chalk.dim(`the next says more: bun kata hint ${numberOf(kata)}`));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, String(Math.max(seen, at + 1)));
  });

/** Throws Unusable where there is none. */
function latestFailure({ id }: Kata, options: Asked): Asked & { check: string } {
  const kept = options.from === undefined ? latest(id) : undefined;
  if (!kept?.failed) throw new Unusable(`which check? The latest grading of your ${id} has kept no failure`);
  return { seed: Number.parseInt(kept.seed, 16), ...options, check: kept.failed };
}

program
  .command("replay")
  .description("one failure again, with everything that is known about it")
  .argument("<number>")
  .argument("[check]", "without one: what the latest grading of your file told as its failure, with its seed")
  .option("--seed <seed>", "hexadecimal, as the failure shows it", parseSeed)
  .option("--from <path>", "the file or folder that failed, if it was not the learner's")
  .option("--no-box", "as for grade")
  .option("--gdb", "then the same run again in gdb, up to where it fails; kept in .kata/gdb")
  .option("--rr", "then the same run recorded by rr, to be walked through to and fro")
  .action(async (number: string, named: string | undefined, options: Asked & { gdb?: true; rr?: true }) => {
    const kata = await findKata(number);
    const { check, ...asked } = named === undefined ? latestFailure(kata, options) : { ...options, check: named };
    const grading = gradingOf(kata, { ...asked, check });
    const result = await finished(grading);
    const failed = firstFailure(result);
    if (failed) {
      if (failed.id !== check) print(notReached(check, failed));
      print(failureBlock(failed, { ...style, rows: Infinity }, failed.file ?? result.submission.label));
    } else {
      const again = threaded(kata, check) ? "; its threads are real, and the kernel may schedule them otherwise" : "";
      print(`${chalk.green("pass")}  ${check} with seed ${result.seed}${again}`);
    }
    process.exitCode = exitCode(result);
    if (options.gdb || options.rr) {
      print("");
      await debug(grading, failed ?? result.checks.find(({ id }) => id === check)!, options.rr ? "rr" : "gdb", print);
      process.exitCode = 0;
    }
  });

program
  .command("explore")
  .description("a C file of your own under thousands of schedules; native/explorer/README.md says how")
  .argument("[files...]", "the code under test, unless the driver has it, and further C files it needs")
  .requiredOption("--driver <file>", "scenarios, written against native/explorer/include/explore.h")
  .option("--scenario <name>", "which one; the first if absent")
  .option("--seed <seed>", "hexadecimal: the first to try, or one to see again")
  .option("--executions <n>", "at most so many")
  .option("--seconds <n>", "at most so long; what was covered by then is the result")
  .option("--exhaustive <k>", "every schedule with at most k preemptions, or all")
  .option("--plain-steps", "plain accesses are steps, too: shows what a race leads to, and the race if nothing does")
  .action(async (files: string[], { driver, plainSteps, ...options }: Exploring) => {
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const flags = plainSteps ? ["--plain-steps"] : [];
    const explored = await exploreFiles({ files: [driver, ...files].map(existing), options: [...words, ...flags] });
    print(explored.output.trimEnd());
    process.exitCode = explored.code;
  });

program
  .command("bench")
  .description("throughput only, all metrics, and the kata's comparison, where it has one")
  .argument("<number>")
  .option("--from <path>", "measure this instead of the learner's file")
  .option("--no-box", "as for grade")
  .action(async (number: string, options: Asked) => {
    const kata = await findKata(number);
    if (!kata.throughput) throw new Unusable(`${kata.id} has no throughput`);
    const result = await gradeOne(kata, { ...options, check: kata.throughput.id });
    const bad = firstFailure(result);
    if (bad) print(`\n${failureBlock(bad, style, result.submission.label)}`);
    print(throughputLines(result.metrics, style).join("\n"));
    for (const { title, seconds } of result.metrics) {
      const shown = Object.entries(seconds).map(([name, s]) => `${name} ${(s * 1000).toFixed(0)} ms`);
      print(`  ${title.padEnd(titleWidth(result.metrics))} ${shown.join("   ")}`);
    }
    process.exitCode = exitCode(result);
    await draw(kata.id, "comparison", () => runComparison(kata, pathOf(kata, options)));
  });

/** What an experiment runs: what was asked for, or the learner's own. */
const pathOf = (kata: Kata, { from }: Asked) => (from === undefined ? kata.folder : existing(from));

/** Runs an experiment and prints what it draws. */
async function draw(whose: string, what: string, experiment: () => Promise<Plot[]>): Promise<Plot[]> {
  status.show(`${whose}: the ${what} runs`);
  const plots = await experiment();
  status.clear();
  for (const plot of plots) print(`\n${plotText(plot, style)}\n\n${plotTable(plot)}`);
  return plots;
}

program
  .command("lab")
  .description("experiments, run here and now: plots, their figures, and SVG files")
  .argument("<what>", `a kata's number, or one that belongs to no kata: ${conceptLabs().join(", ")}`)
  .option("--from <path>", "run a kata's with this instead of the learner's file, if they run one")
  .option("--svg <folder>", "where the files go; without it .kata/labs, and the report shows them")
  .action(async (what: string, { svg, ...asked }: Asked & { svg?: string }) => {
    const concept = conceptLabs().includes(what);
    const kata = concept ? undefined : await findKata(what);
    const shown = kata ? await kataPlots(kata, asked) : await conceptPlots(what);
    const again = `bun kata lab ${what}${kata && asked.from ? ` --from ${asked.from}` : ""}`;
    const files = svg ? writePlots(shown.plots, svg) : keepLab(kata?.id ?? what, again, shown, await toolchain());
    print(`\n${files.map((file) => relative(process.cwd(), file)).join("\n")}`);
  });

async function kataPlots(kata: Kata, asked: Asked): Promise<ConceptLab> {
  return { plots: await draw(kata.id, "lab", () => runLab(kata, pathOf(kata, asked))), says: "" };
}

async function conceptPlots(name: string): Promise<ConceptLab> {
  let says = "";
  const plots = await draw(name, "lab", async () => {
    const shown = await runConceptLab(name);
    says = shown.says;
    return shown.plots;
  });
  print(`\n${wrapped(says, style.width ?? 100)}`);
  return { plots, says };
}

program
  .command("watch")
  .description(
    "again at every save: the check that failed first and alone, then the rest; keys for hint, replay, bench",
  )
  .argument("<number>")
  .option("--web", "the same on a page of this machine, with the shelf, every failure and its picture")
  .action(async (number: string, { web }: { web?: true }) => {
    process.exitCode = await new Watch(await findKata(number), style, web && serveWeb(pageData)).run();
  });

program
  .command("new")
  .description("a kata's two folders, to be filled: verify says what is missing")
  .argument("<NN-slug>")
  .action(async (id: string) => {
    const number = id.slice(0, 2);
    print(
      newKata(id)
        .map((path) => relative(process.cwd(), path))
        .join("\n"),
    );
    // A new workspace: its imports resolve once it is linked.
    if (KATAS === join(ROOT, "katas")) {
      const { code, stderr } = await command([process.execPath, "install"], { cwd: ROOT });
      if (code !== 0) throw new Unusable(`bun install failed, and has to be done before verify:\n${stderr.trim()}`);
    }
    print(`\nbun run verify ${number} says what is missing`);
  });

program
  .command("completion")
  .description('for a shell: eval "$(bun kata completion bash)", then kata gr<Tab>')
  .addArgument(new Argument("<shell>").choices(SHELLS))
  .action(async (shell: Shell) => {
    print(completion(shell, await vocabulary()));
  });

/** The commands as they are defined here, and the shelf. */
async function vocabulary(): Promise<Vocabulary> {
  const katas = await soundKatas();
  const checks = Object.fromEntries(katas.map((kata) => [numberOf(kata), allChecks(kata).map(({ id }) => id)]));
  const numbers = katas.map(numberOf); // an object puts "10" before "01"
  const placesOf = (command: Command) =>
    command.registeredArguments.map((argument): string[] | "check" => {
      if (argument.name() === "check") return "check";
      if (/^number/.test(argument.name())) return numbers;
      return argument.name() === "what" ? [...numbers, ...conceptLabs()] : (argument.argChoices ?? []);
    });
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long }) => long ?? []),
    arguments: placesOf(command),
  }));
  return { commands, checks, formats: EXPORTED };
}

program
  .command("doctor")
  .description("what this machine can run, found out by trying, and the command that mends what is missing")
  .action(async () => {
    const findings = await examine();
    print(told(findings, style));
    process.exitCode = exitOf(findings);
  });

tidyWhenInterrupted();

process.stdout.on("error", () => process.exit(2)); // `bun kata ... | head`: nobody reads on

try {
  pruneCache();
  await program.parseAsync(withKataHere(process.argv.slice(2)), { from: "user" });
} catch (error) {
  status.clear();
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const known = error instanceof Sentence || isRefusal(error);
    const sentence = known ? error.message : `harness error, not your code: ${(error as Error).stack}`;
    process.stderr.write(`${wrapped(sentence, style.width ?? Infinity)}\n`);
    process.exitCode = 2;
  }
}
