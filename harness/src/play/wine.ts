// SPDX-License-Identifier: MIT
/**
 * Scenarios of the build "mingw": the submission is a Windows program, which the kata's driver runs in Wine and meets from outside.
 * Both are in one box, with a Wine of the run's own. Without a box, Wine would leave files and processes where others find them.
 */
import { join } from "node:path";
import { z } from "zod";
import type { Box } from "../base/box.ts";
import { withWorkspace } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { confinement } from "../build/confinement.ts";
import { platformIn } from "../build/directives.ts";
import { linkWine } from "../build/link.ts";
import { readSource } from "../build/submission.ts";
import { MINGW_CC } from "../build/windows.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import { harnessError, notMeasurable, withPrinted } from "../judge/check.ts";
import type { Judgement, RunRequest, Scenario } from "../kata/kata.ts";
import type { Ended } from "../kata/run.ts";
import { explainEnd, withPlaces } from "./explain.ts";
import type { Judgements, Player } from "./player.ts";
import { judgeRun, playRuns, type Checks, type Judged } from "./runs.ts";
import { Workpiece } from "./workpiece.ts";

export const WITH_WINE = "scripts/setup --with wine";

/** Undefined: both are there. */
export function whyNoWine(): string | undefined {
  const missing = ["wine", MINGW_CC].filter((tool) => !Bun.which(tool));
  return missing.length === 0 ? undefined : `${missing.join(" and ")}: not found on the PATH`;
}

interface Programs {
  box: Box;
  /** The driver, which runs the other one. */
  driver: string;
  program: string;
}

const TRIES = 3;

/** One scenario, all of its runs. */
export class WinePlayer implements Player<Checks[number]> {
  readonly groups: Checks[];
  readonly beside = "CPUs";

  constructor(
    readonly workpiece: Workpiece,
    readonly scenario: Scenario,
    readonly seed: number,
  ) {
    this.groups = [scenario.checks];
  }

  async play(checks: Checks): Promise<Judgements> {
    const forAll = (judgement: Judgement) => new Map(checks.map(({ id }) => [id, judgement]));
    const missing = whyNoWine();
    if (missing) return forAll(notMeasurable(`${missing}: run ${WITH_WINE}`, "Wine and mingw-w64"));
    const box = await confinement();
    if (!box.made) return forAll(notMeasurable(`Wine is run in a box only: ${box.why}`, "a box: bun kata doctor"));
    const refused = this.#platform() ?? (await this.#built());
    if (typeof refused !== "string") return forAll(refused);
    const programs = { box, driver: await linkWine(this.workpiece.kata), program: refused };
    return await playRuns(this.scenario, checks, this.seed, (seed, judged) =>
      this.#run(checks, programs, seed, judged),
    );
  }

  /** What is simulated has to be what Wine runs. */
  #platform(): Judgement | undefined {
    const files = this.workpiece.submission.files;
    const [found] = files.flatMap(({ shown, text }) => {
      const trick = platformIn(text);
      return trick ? [{ ...trick, shown: `${shown}:${trick.line} has ${trick.shown}` }] : [];
    });
    return found && { verdict: "forbidden", saw: `${found.shown}: ${found.why}`, expected: "C11 without it" };
  }

  /** The program's path, or why there is none. */
  async #built(): Promise<string | Judgement> {
    const program = await this.workpiece.windowsProgram();
    if (typeof program === "string") return program;
    await this.#baseline(); // on a machine that lacks a header, mingw-w64 refuses every file
    return {
      verdict: "build_error",
      saw: "mingw-w64 does not make a Windows program of the file",
      expected: "headers and calls that Windows has, too",
      lookAt:
        "the first error: is it about a header or a call of Linux', or about a name that Windows' headers give to something else?",
      detail: program.message.trim(),
    };
  }

  /** The kata's own program, which is right. Throws Unusable where it cannot be made. */
  async #baseline(): Promise<string> {
    const { kata } = this.workpiece;
    const files = [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))];
    const program = await new Workpiece(kata, { label: kata.baseline, files }).windowsProgram();
    if (typeof program === "string") return program;
    throw new Unusable(`${kata.baseline}, which is right, is refused by mingw-w64, too:\n${program.message.trim()}`);
  }

  /** One run: fills in what it judged; the answer is the judgement of a bad end. */
  async #run(checks: Checks, programs: Programs, seed: number, judged: Judged): Promise<Judgement | null> {
    const { id, params, deadline_ms, evidence: schema } = this.scenario;
    const { submission } = this.workpiece;
    const ended = await this.#begun(programs, { seed, params });
    if ("verdict" in ended) return ended;
    const options = { artefact: programs.driver, submission, limits: { ...LIMITS, deadline_ms }, sanitized: false };
    const broken = await explainEnd(ended, options, `in scenario ${id}`);
    if (broken) return broken;
    const evidence = schema.safeParse(ended.collected.evidence);
    if (!evidence.success)
      return harnessError(
        `the evidence of scenario ${id} is not what its schema says: ${z.prettifyError(evidence.error)}`,
      );
    const places = { artefact: programs.program, submission };
    for (const [check, failure] of judgeRun(checks, evidence.data, { seed, params }, judged))
      judged.failed.set(check, withPrinted(await withPlaces(failure, places), ended));
    return null;
  }

  /**
   * Wine itself fails to start a program now and then. Nothing of the learner's has run, or so it seems: a program that is
   * right says whose fault it is, and the learner's has to fail time and again.
   */
  async #begun(programs: Programs, request: RunRequest): Promise<Ended | Judgement> {
    let ended = await this.#played(programs, request);
    for (let tries = 1; tries < TRIES && didNotBegin(ended); tries++) {
      const right = await this.#played({ ...programs, program: await this.#baseline() }, request);
      if (didNotBegin(right)) return notMeasurable(`Wine starts no program here${lastLine(right)}`, WITH_WINE);
      ended = await this.#played(programs, request);
    }
    if (!didNotBegin(ended)) return ended;
    return {
      verdict: "wrong",
      saw: `the program did not begin in Wine${lastLine(ended)}`,
      expected: "nothing of the file runs before a function of its header is called",
    };
  }

  async #played({ box, driver, program }: Programs, { seed, params }: RunRequest): Promise<Ended> {
    const { id, driver: name = id, deadline_ms } = this.scenario;
    const given = Object.entries(params).map(([param, value]) => `${param}=${value}`);
    const env = { PATH: process.env.PATH ?? "", C10KATA_PROGRAM: program };
    const limits = { ...LIMITS, deadline_ms };
    return await withWorkspace(
      (cwd) => Guest.start([driver, name, String(seed), "3", ...given], newNonce(), limits, { box, env, cwd }).ended,
    );
  }
}

const didNotBegin = ({ collected }: Ended) => collected.evidence.wine_began === 0;

/** What Wine said last, if anything, to follow a sentence. */
function lastLine({ output }: Ended): string {
  const said = output.trim().split("\n").at(-1);
  return said ? `: ${said}` : "";
}
