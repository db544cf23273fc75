// SPDX-License-Identifier: MIT
/**
 * Grades one submission against one kata: builds, runs, judges, in parallel where nothing is timed. Each check settles
 * on its own, so that what was already won is kept whatever happens later.
 */
import { audit, importsAny } from "../build/audit.ts";
import { compileSubmission } from "../build/learner.ts";
import { linkGuest } from "../build/link.ts";
import { withWorkspace } from "../base/cache.ts";
import { canary } from "./canary.ts";
import { harnessError, notMeasurable, notReached, pass } from "../judge/check.ts";
import { Unusable } from "../base/command.ts";
import { exploreCheck } from "./explore.ts";
import {
  allChecks,
  graderOf,
  needsOf,
  type Build,
  type CheckEntry,
  type ExploredCheck,
  type Judgement,
  type Kata,
  type Scenario,
  type SimulatedCheck,
  type Staged,
} from "../kata/kata.ts";
import type { Metric, Sampling } from "./measure.ts";
import { playScenario, type Checks } from "./scenario.ts";
import { simulateCheck } from "./simulate.ts";
import { closeSession, runScriptCheck, ScriptSession } from "./script.ts";
import { readable } from "../base/readable.ts";
import { scoreOf, type CheckResult, type Result } from "../judge/score.ts";
import { Slots } from "../base/slots.ts";
import { playStaged } from "./stage.ts";
import type { Submission } from "../build/submission.ts";
import { judgeThroughput } from "./throughput.ts";
import { BUN_VERSION, toolchain, whyNotTimed } from "../build/toolchain.ts";

/** The seed is of 32 bits; every random choice of the grading follows from it. */
export interface GradeOptions extends Sampling {
  /** Only this check and what it needs. */
  only?: string;
  /** Where the submission came from, as it was asked for: replays need it. */
  from?: string;
  /** Leave throughput out (it reads not measurable, with this reason). */
  untimed?: string;
  onResult?: (result: CheckResult) => void;
}

export function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

export const showSeed = (seed: number) => seed.toString(16).padStart(8, "0");

const NO_CANARY = { prefix: [], problem: undefined };

/** Fences are correct and common, and ThreadSanitizer does not understand them. */
const FENCE = "__tsan_atomic_thread_fence";
const FENCE_REASON = "the file uses atomic_thread_fence, on which ThreadSanitizer accuses correct code";
const FENCE_WISH = "a file that ThreadSanitizer can judge";

interface Settled {
  judgement: Judgement;
  seconds: number;
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One per process: several gradings share the machine. */
let slotsOnce: Promise<Slots> | undefined;
const slots = () => (slotsOnce ??= toolchain().then(({ cpus }) => new Slots(cpus)));

export class Grading {
  /** The gated metric and the reported ones, once throughput has been measured. */
  readonly metrics: Metric[] = [];
  /** What the compiler said about a file that it accepted. */
  warnings = "";
  readonly #settled = new Map<string, Promise<Settled>>();
  readonly #finish = new Map<string, (settled: Settled) => void>();
  readonly #started = performance.now();
  #localize: string[] = [];
  readonly checks: CheckEntry[];

  constructor(
    readonly kata: Kata,
    readonly submission: Submission,
    readonly options: GradeOptions,
  ) {
    this.checks = selected(allChecks(kata), options.only);
    for (const { id } of this.checks) {
      this.#settled.set(id, new Promise((settle) => this.#finish.set(id, settle)));
    }
    void this.#run();
  }

  /** The result of one check, when it is there. */
  async result(id: string): Promise<CheckResult> {
    const check = this.checks.find((entry) => entry.id === id)!;
    return this.#toResult(check, await this.#settled.get(id)!);
  }

  /** Everything, when all checks have settled. */
  async finished(): Promise<Result> {
    const checks = await Promise.all(this.checks.map(({ id }) => this.result(id)));
    const { version, kernel, cpus } = await toolchain();
    const gated = this.metrics.find((metric) => metric.tiers);
    return {
      schema: "c10kata/result/v1",
      kata: this.kata.id,
      trust: "practice",
      submission: {
        label: this.submission.label,
        files: this.submission.files.map(({ name, text }) => ({
          name,
          sha256: new Bun.CryptoHasher("sha256").update(text).digest("hex"),
        })),
      },
      seed: showSeed(this.options.seed),
      toolchain: { compiler: version, bun: BUN_VERSION, kernel, cpus },
      ...scoreOf(checks, gated?.tier ?? null),
      checks,
      metrics: this.metrics,
      ...(this.warnings && { warnings: this.warnings }),
      seconds: (performance.now() - this.#started) / 1000,
    };
  }

  #toResult(check: CheckEntry, { judgement, seconds }: Settled): CheckResult {
    const won = judgement.verdict === "pass" ? check.points : 0;
    const head = { id: check.id, verdict: judgement.verdict, points: won, points_max: check.points, seconds };
    if (judgement.verdict === "pass") return { ...head, ...(judgement.note && { note: judgement.note }) };
    const { saw, expected, lookAt, detail, trace, verdict } = judgement;
    const replayable = !["not_reached", "not_measurable", "harness_error", "build_error", "forbidden"].includes(
      verdict,
    );
    const number = this.kata.id.slice(0, 2);
    const from = this.options.from ? ` --from ${this.options.from}` : "";
    return {
      ...head,
      saw: readable(saw),
      expected: readable(expected),
      ...(lookAt && { look_at: readable(lookAt) }),
      ...(detail && { detail: readable(detail) }),
      ...(trace && { trace }),
      ...(replayable && {
        replay: `bun kata replay ${number} ${check.id} --seed ${showSeed(this.options.seed)}${from}`,
      }),
    };
  }

  /** Settles a check once; a later judgement of the same check is dropped. */
  #settle(id: string, judgement: Judgement, since = performance.now()): void {
    const finish = this.#finish.get(id);
    const check = this.checks.find((entry) => entry.id === id);
    if (!finish || !check) return;
    this.#finish.delete(id);
    const settled = { judgement, seconds: (performance.now() - since) / 1000 };
    finish(settled);
    this.options.onResult?.(this.#toResult(check, settled));
  }

  async #run(): Promise<void> {
    try {
      if (await this.#gates()) {
        await Promise.all([
          this.#scripts(),
          ...this.kata.scenarios.map((scenario) => this.#guarded(scenario.checks, () => this.#scenario(scenario))),
          ...this.kata.staged.map((staged) => this.#guarded(staged.checks, () => this.#staged(staged))),
          ...(this.kata.simulated?.checks ?? []).map((check) => this.#guarded([check], () => this.#simulated(check))),
          ...(this.kata.explored?.checks ?? []).map((check) => this.#guarded([check], () => this.#explored(check))),
        ]);
        if (this.kata.throughput) await this.#guarded([this.kata.throughput], () => this.#throughput());
      }
    } catch (error) {
      this.#settleRest(harnessError(reasonOf(error)));
    }
    const failed = this.#finish.has("allowed_calls") ? "compiles" : "allowed_calls";
    this.#settleRest(notReached(`${failed} did not pass`, `${failed} passes first`));
  }

  #settleRest(judgement: Judgement): void {
    for (const id of [...this.#finish.keys()]) this.#settle(id, judgement);
  }

  /** A fault of ours in one scenario leaves the others their verdicts. */
  async #guarded(checks: CheckEntry[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      for (const { id } of checks) {
        this.#settle(id, harnessError(reasonOf(error)));
      }
    }
  }

  /** Compiles and audits; true when there is something to run. */
  async #gates(): Promise<boolean> {
    const since = performance.now();
    const compiled = await compileSubmission(this.kata, this.submission, "plain");
    if (!compiled.ok) {
      this.#settle("compiles", buildError("the compiler refuses the file", compiled.text), since);
      return false;
    }
    this.warnings = readable(compiled.text);
    const found = await audit(this.kata, this.submission, compiled.objects);
    if (found.lacking.length > 0) {
      const names = found.lacking.join(", ");
      const expected = "every function of the kata's header, defined";
      this.#settle("compiles", { verdict: "build_error", saw: `no function called ${names}`, expected }, since);
      return false;
    }
    this.#settle("compiles", pass(), since);
    this.#localize = found.localize;
    this.#settle("allowed_calls", found.forbidden ? { verdict: "forbidden", ...found.forbidden } : pass(), since);
    return !found.forbidden;
  }

  /** The submission's objects of one build. */
  async #objects(build: Build): Promise<string[]> {
    const compiled = await compileSubmission(this.kata, this.submission, build, this.#localize);
    if (!compiled.ok) throw new Unusable(`the ${build} build refuses what the plain one accepts:\n${compiled.text}`);
    return compiled.objects;
  }

  async #scripts(): Promise<void> {
    const wanted = this.kata.scripts.filter((check) => this.#settled.has(check.id));
    if (wanted.length === 0) return;
    await this.#guarded(wanted, async () => {
      const library = await linkGuest(this.kata, await this.#objects("plain"), "plain");
      await withWorkspace((folder) => this.#playScripts(wanted, library, folder));
    });
  }

  async #playScripts(wanted: Kata["scripts"], library: string, folder: string): Promise<void> {
    const session = new ScriptSession(library, this.kata.functions, folder);
    const context = { session, submission: this.submission };
    let last: { id: string; judgement: Judgement; since: number } | undefined;
    for (const check of wanted) {
      if (last) this.#settle(last.id, last.judgement, last.since);
      last = undefined;
      if (await this.#unmet(check)) continue;
      const since = performance.now();
      last = { id: check.id, since, judgement: await runScriptCheck(check, context, this.options.seed) };
    }
    const afterwards = await closeSession(context);
    if (!last) return;
    const passed = last.judgement.verdict === "pass";
    this.#settle(last.id, passed && afterwards ? afterwards : last.judgement, last.since);
  }

  /** Waits for what a check needs; settles it as not reached and answers true when that did not pass. */
  async #unmet(check: CheckEntry): Promise<boolean> {
    for (const need of needsOf(check)) {
      const { judgement } = await this.#settled.get(need)!;
      if (judgement.verdict === "pass" || judgement.verdict === "not_measurable") continue;
      const ours = judgement.verdict === "harness_error";
      const judged = ours
        ? harnessError(`${need} could not be tried`)
        : notReached(`${need} did not pass`, `${need} passes first`);
      this.#settle(check.id, judged);
      return true;
    }
    return false;
  }

  async #scenario(scenario: Scenario): Promise<void> {
    await this.#play(scenario.checks, (checks) => this.#judgements(scenario, checks));
  }

  async #staged(staged: Staged): Promise<void> {
    await this.#play(staged.checks, async (checks) => {
      const library = await linkGuest(this.kata, await this.#objects("plain"), "plain");
      const { submission, kata } = this;
      return await playStaged(staged, checks, { folder: graderOf(kata), library, submission, seed: this.options.seed });
    });
  }

  /** Plays those of the checks that were asked for and whose needs, outside of the group, are met. */
  async #play(checks: Checks, judge: (checks: Checks) => Promise<Map<string, Judgement>>): Promise<void> {
    const own = checks.filter((check) => this.#settled.has(check.id));
    const inside = new Set(own.map((check) => check.id));
    const reachable: typeof own = [];
    for (const check of own) {
      const outside = { ...check, needs: needsOf(check).filter((need) => !inside.has(need)) };
      if (!(await this.#unmet(outside))) reachable.push(check);
    }
    if (reachable.length === 0) return;
    await (
      await slots()
    ).use(async () => {
      const since = performance.now();
      const judgements = await judge(reachable);
      for (const check of reachable) this.#settle(check.id, judgements.get(check.id)!, since);
    });
  }

  /** Plays the scenario, unless its build says nothing here: then one judgement for all of its checks. */
  async #judgements(scenario: Scenario, checks: Checks): Promise<Map<string, Judgement>> {
    const { build } = scenario;
    const forAll = (judgement: Judgement) => new Map(checks.map(({ id }) => [id, judgement]));
    const { prefix, problem } = build === "asan" || build === "tsan" ? await canary(build) : NO_CANARY;
    if (problem) return forAll(harnessError(problem));
    const objects = await this.#objects(build);
    if (build === "tsan" && (await importsAny(objects, FENCE))) return forAll(notMeasurable(FENCE_REASON, FENCE_WISH));
    const { submission } = this;
    const guest = await linkGuest(this.kata, objects, build);
    return await playScenario(scenario, checks, { guest, prefix, submission, seed: this.options.seed });
  }

  async #explored(check: ExploredCheck): Promise<void> {
    if (!this.#settled.has(check.id) || (await this.#unmet(check))) return;
    await (
      await slots()
    ).use(async () => {
      const since = performance.now();
      const objects = await this.#objects("explore");
      this.#settle(check.id, await exploreCheck(this.kata, check, this.submission, objects, this.options.seed), since);
    });
  }

  async #simulated(check: SimulatedCheck): Promise<void> {
    if (!this.#settled.has(check.id) || (await this.#unmet(check))) return;
    await (
      await slots()
    ).use(async () => {
      const since = performance.now();
      const { problem } = check.sanitized ? await canary("asan") : NO_CANARY;
      if (problem) return this.#settle(check.id, harnessError(problem), since);
      const objects = await this.#objects(check.sanitized ? "simulated_asan" : "simulated");
      const judged = await simulateCheck(this.kata, check, this.submission, objects, this.options.seed);
      this.#settle(check.id, judged, since);
    });
  }

  async #throughput(): Promise<void> {
    const throughput = this.kata.throughput!;
    if (!this.#settled.has(throughput.id)) return;
    if (await this.#unmet(throughput)) return;
    const since = performance.now();
    const why = this.options.untimed ?? whyNotTimed();
    const { kata, submission, options } = this;
    const speed = why
      ? { judgement: notMeasurable(why), metrics: [] }
      : await judgeThroughput(kata, throughput, submission, this.#localize, options);
    this.metrics.push(...speed.metrics);
    this.#settle(throughput.id, speed.judgement, since);
  }
}

function selected(checks: CheckEntry[], only: string | undefined): CheckEntry[] {
  if (only === undefined) return checks;
  const check = checks.find(({ id }) => id === only);
  if (!check) throw new Unusable(`no check '${only}'; there are: ${checks.map(({ id }) => id).join(", ")}`);
  const wanted = new Set(["compiles", "allowed_calls", only]);
  const add = (entry: CheckEntry) => {
    for (const need of needsOf(entry)) {
      wanted.add(need);
      add(checks.find(({ id }) => id === need)!);
    }
  };
  add(check);
  return checks.filter(({ id }) => wanted.has(id));
}

function buildError(saw: string, text: string): Judgement {
  return {
    verdict: "build_error",
    saw,
    expected: "a file that compiles as C11",
    ...(text && { lookAt: "the compiler's first error", detail: text.trim() }),
  };
}
