// SPDX-License-Identifier: MIT
/** Scenarios: the driver's traffic in native guests, run with seed after seed, and judged by the scenario's checks. */
import { z } from "zod";
import type { Ended } from "../kata/run.ts";
import { hashOf, withWorkspace } from "../base/cache.ts";
import { explainEnd } from "./explain.ts";
import { needsOf, type Build, type Check, type Judgement, type RunRequest, type Scenario } from "../kata/kata.ts";
import { Guest, LIMITS, newNonce, type Limits } from "../guest/guest.ts";
import { harnessError, notReached } from "../judge/check.ts";
import type { Submission } from "../build/submission.ts";

interface NativeRequest extends RunRequest {
  build: Build;
  /** The linked executable. */
  guest: string;
  /** The driver's name of the scenario. */
  driver: string;
  deadline_ms: number;
  /** Put before the executable, as `setarch -R` where ThreadSanitizer needs it. */
  prefix: string[];
}

const SANITIZER_ENV: Partial<Record<Build, Record<string, string>>> = {
  asan: {
    ASAN_OPTIONS: "detect_leaks=1:exitcode=66:allocator_may_return_null=1:detect_stack_use_after_return=1",
    UBSAN_OPTIONS: "print_stacktrace=1:exitcode=66",
  },
  tsan: { TSAN_OPTIONS: "halt_on_error=1:exitcode=66:history_size=4" },
};

/** Runs a native guest to its end, whatever that is. */
function runNative(request: NativeRequest): Promise<Ended> {
  const nonce = newNonce();
  const params = Object.entries(request.params).map(([name, value]) => `${name}=${value}`);
  const argv = [...request.prefix, request.guest, request.driver, String(request.seed), nonce, "3", ...params];
  const env = sanitizerEnv(request.build);
  return withWorkspace((cwd) => new Guest(argv, nonce, limitsOf(request), { env, cwd }).ended);
}

function limitsOf({ build, deadline_ms }: NativeRequest): Limits {
  return { ...LIMITS, deadline_ms, address_bytes: isSanitized(build) ? null : LIMITS.address_bytes };
}

const isSanitized = (build: Build) => build === "asan" || build === "tsan";

/** clang's sanitizers ask a separate program for file and line; gcc's need none. */
export function sanitizerEnv(build: Build): Record<string, string> {
  const symbolizer = Bun.which("llvm-symbolizer");
  const options = Object.entries(SANITIZER_ENV[build] ?? {});
  return Object.fromEntries(
    options.map(([name, value]) => [name, symbolizer ? `${value}:external_symbolizer_path=${symbolizer}` : value]),
  );
}

export interface ScenarioContext {
  /** The linked executable. */
  guest: string;
  prefix: string[];
  submission: Submission;
  /** The grading's seed; each run has its own, drawn from it. */
  seed: number;
}

export type Checks = Check<any>[];
type Judgements = Map<string, Judgement>;

/** What the runs so far said of each check: the last pass, with its note, and the failure that ended its trials. */
export interface Judged {
  failed: Judgements;
  passed: Judgements;
}

/** Plays every run of a scenario and judges each with every check. */
export function playScenario(
  scenario: Scenario,
  checks: Checks,
  context: ScenarioContext,
): Promise<Map<string, Judgement>> {
  return playRuns(scenario, checks, context.seed, (seed, judged) => playRun(scenario, checks, context, seed, judged));
}

/**
 * A check's judgement is that of the first run in which it did not hold. A run that ends badly ends the scenario: its
 * end, which `playRun` answers, counts for the first check still standing, and the others are not reached.
 */
export async function playRuns(
  scenario: { id: string; runs: number },
  checks: Checks,
  seed: number,
  playRun: (seed: number, judged: Judged) => Promise<Judgement | null>,
): Promise<Map<string, Judgement>> {
  const failed = new Map<string, Judgement>();
  const passed = new Map<string, Judgement>();
  for (let run = 0; run < scenario.runs; run++) {
    const broken = await playRun(seedOfRun(seed, scenario.id, run), { failed, passed });
    if (!broken) continue;
    for (const check of checks.filter(({ id }) => !failed.has(id))) {
      const spoilt = [...failed.values()].includes(broken);
      failed.set(
        check.id,
        spoilt
          ? notReached(`${firstWords(broken)} in scenario ${scenario.id}`, `scenario ${scenario.id} comes to its end`)
          : broken,
      );
    }
    break;
  }
  return new Map(checks.map((check) => [check.id, standing(check, failed, passed)]));
}

function standing(check: Checks[number], failed: Judgements, passed: Judgements): Judgement {
  const need = needsOf(check).find((id) => failed.has(id));
  return need
    ? notReached(`${need} did not pass`, `${need} passes first`)
    : (failed.get(check.id) ?? passed.get(check.id) ?? { verdict: "pass" });
}

function seedOfRun(seed: number, scenario: string, run: number): number {
  return Number.parseInt(hashOf(String(seed), scenario, String(run)).slice(0, 12), 16);
}

/** One run: fills in what it judged; the answer is the judgement of a bad end. */
async function playRun(
  scenario: Scenario,
  checks: Checks,
  { guest, prefix, submission }: ScenarioContext,
  seed: number,
  judged: Judged,
): Promise<Judgement | null> {
  const { build, driver = scenario.id, deadline_ms, params } = scenario;
  const ended = await runNative({ build, guest, driver, deadline_ms, prefix, seed, params });
  const limits = { ...LIMITS, deadline_ms };
  const sanitized = isSanitized(build);
  const broken = await explainEnd(
    ended,
    { artefact: guest, submission, limits, sanitized },
    `in scenario ${scenario.id}`,
  );
  if (broken) return broken;
  const evidence = scenario.evidence.safeParse(ended.collected.evidence);
  if (!evidence.success) {
    const saw = `the evidence of scenario ${scenario.id} is not what its schema says: ${z.prettifyError(evidence.error)}`;
    return harnessError(saw);
  }
  judgeRun(checks, evidence.data, { seed, params }, judged);
  return null;
}

/** Judges one run's evidence with the checks that have held so far. */
export function judgeRun(checks: Checks, evidence: unknown, request: RunRequest, { failed, passed }: Judged): void {
  for (const check of checks.filter(({ id }) => !failed.has(id))) {
    const judgement = check.run(evidence, request) as Judgement;
    (judgement.verdict === "pass" ? passed : failed).set(check.id, judgement);
  }
}

function firstWords(judgement: Judgement): string {
  return judgement.verdict === "pass" ? "" : judgement.saw.split(/[,:]/)[0]!;
}
