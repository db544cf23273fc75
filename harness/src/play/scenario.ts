// SPDX-License-Identifier: MIT
/** Scenarios: the driver's traffic in native guests, run with seed after seed, and judged by the scenario's checks. */
import { z } from "zod";
import type { Ended } from "../kata/run.ts";
import { importsAny } from "../build/audit.ts";
import { confinement } from "../build/confinement.ts";
import { withWorkspace } from "../base/cache.ts";
import { canary, type Canary, type Sanitizer } from "./canary.ts";
import { explainEnd, functionsOf, withPlaces } from "./explain.ts";
import type { Build, Judgement, RunRequest, Scenario } from "../kata/kata.ts";
import type { Launch } from "./launch.ts";
import { whyNoRings } from "./rings.ts";
import { Guest, LIMITS, newNonce, type Limits } from "../guest/guest.ts";
import { nearerCause, harnessError, judgeBrokenOff, notMeasurable, withPrinted } from "../judge/check.ts";
import type { Judgements, Player } from "./player.ts";
import { judgeRun, playRuns, type Checks, type Judged } from "./runs.ts";
import type { Workpiece } from "./workpiece.ts";

/** Fences are correct and common, and ThreadSanitizer does not understand them. */
const FENCE = "__tsan_atomic_thread_fence";
const FENCE_REASON = "the file uses atomic_thread_fence, on which ThreadSanitizer accuses correct code";
const FENCE_WISH = "a file that ThreadSanitizer can judge";

const NO_CANARY: Canary = { prefix: [] };

/** One scenario, all of its runs. */
export class ScenarioPlayer implements Player<Checks[number]> {
  readonly groups: Checks[];
  readonly beside = "CPUs";
  /** By check: that of the last run that tried it. */
  readonly #launches = new Map<string, Launch>();

  constructor(
    readonly workpiece: Workpiece,
    readonly scenario: Scenario,
    readonly seed: number,
  ) {
    this.groups = [scenario.checks];
  }

  /** Where the scenario's build says nothing here, that is the judgement of all checks. */
  async play(checks: Checks): Promise<Judgements> {
    const { build } = this.scenario;
    const forAll = (judgement: Judgement) => new Map(checks.map(({ id }) => [id, judgement]));
    const { prefix, problem } = isSanitized(build) ? await canary(build) : NO_CANARY;
    if (problem) return forAll(harnessError(problem));
    const fences = build === "tsan" && (await importsAny(await this.workpiece.objects(build), FENCE));
    if (fences) return forAll(notMeasurable(FENCE_REASON, FENCE_WISH));
    const refused = this.workpiece.kata.rings ? await whyNoRings() : undefined;
    if (refused) return forAll(notMeasurable(refused, "a machine with io_uring: bun kata doctor"));
    const guest = await this.workpiece.guest(build);
    return await playRuns(this.scenario, checks, this.seed, (seed, judged) => {
      const standing = checks.filter(({ id }) => !judged.failed.has(id));
      this.#launched({ build, guest, seed }, standing, "afterwards");
      return this.#run(checks, { guest, prefix, seed }, judged);
    });
  }

  launchOf(check: string): Launch | undefined {
    return this.#launches.get(check);
  }

  #launched(run: Pick<NativeRequest, "build" | "guest" | "seed">, checks: Checks, judged: Launch["judged"]): void {
    const { id, driver = id, params } = this.scenario;
    const launch = { engine: "guest", program: run.guest, judged, env: sanitizerEnv(run.build) } as const;
    const words = wordsOf({ driver, seed: run.seed, params, evidence: "/dev/null" });
    for (const check of checks) this.#launches.set(check.id, { ...launch, words });
  }

  /** One run: fills in what it judged; the answer is the judgement of a bad end. */
  async #run(
    checks: Checks,
    { guest, prefix, seed }: Pick<NativeRequest, "guest" | "prefix" | "seed">,
    judged: Judged,
  ): Promise<Judgement | null> {
    const { build, params, evidence: schema } = this.scenario;
    const { ended, broken, options } = await this.#played(build, guest, prefix, seed);
    const standing = checks.filter(({ id }) => !judged.failed.has(id));
    if (broken || ended.collected.brokenOff) this.#launched({ build, guest, seed }, standing, "inside");
    if (broken?.verdict === "crash" && build === "stress") return await this.#causeOf(broken, seed, standing);
    if (broken) return broken;
    const { brokenOff } = ended.collected;
    if (brokenOff) {
      for (const check of standing) judged.failed.set(check.id, withPrinted(judgeBrokenOff(brokenOff), ended));
      return null;
    }
    const evidence = schema.safeParse(ended.collected.evidence);
    if (!evidence.success) {
      return harnessError(
        `the evidence of scenario ${this.scenario.id} is not what its schema says: ${z.prettifyError(evidence.error)}`,
      );
    }
    for (const [check, failure] of judgeRun(checks, evidence.data, { seed, params }, judged))
      judged.failed.set(check, withPrinted(await withPlaces(failure, options), ended));
    return null;
  }

  async #causeOf(crash: Judgement, seed: number, checks: Checks): Promise<Judgement> {
    const { prefix, problem } = await canary("asan");
    if (problem) return crash;
    const guest = await this.workpiece.guest("asan");
    const { broken: again } = await this.#played("asan", guest, prefix, seed);
    const cause = nearerCause(crash, again);
    if (cause !== crash) this.#launched({ build: "asan", guest, seed }, checks, "inside");
    return cause;
  }

  /** One run to its end, what is to be said of that end, and by which lines and limits it is said. */
  async #played(build: Build, guest: string, prefix: string[], seed: number) {
    const { id, driver = id, params } = this.scenario;
    const { submission, kata, patience } = this.workpiece;
    const run = async (deadline_ms: number) => {
      const ended = await runNative({ build, guest, driver, deadline_ms, prefix, seed, params, rings: kata.rings });
      const limits = { ...LIMITS, deadline_ms };
      const options = { artefact: guest, submission, limits, sanitized: isSanitized(build) };
      const broken = await explainEnd(ended, options, `in scenario ${id}`);
      return { ended, options, broken, functions: () => functionsOf(ended, options) };
    };
    return await patience.play(this.scenario.deadline_ms, run);
  }
}

interface NativeRequest extends RunRequest {
  build: Build;
  /** The linked executable. */
  guest: string;
  /** The driver's name of the scenario. */
  driver: string;
  deadline_ms: number;
  /** Put before the executable, as `setarch -R` where ThreadSanitizer needs it. */
  prefix: string[];
  rings: boolean;
}

const SANITIZER_ENV: Partial<Record<Build, Record<string, string>>> = {
  asan: {
    ASAN_OPTIONS: "detect_leaks=1:exitcode=66:allocator_may_return_null=1:detect_stack_use_after_return=1",
    UBSAN_OPTIONS: "print_stacktrace=1:exitcode=66",
  },
  tsan: { TSAN_OPTIONS: "halt_on_error=1:exitcode=66:history_size=4" },
};

/** Runs a native guest to its end, whatever that is. */
async function runNative(request: NativeRequest): Promise<Ended> {
  const nonce = newNonce();
  const argv = [...request.prefix, request.guest, ...wordsOf({ ...request, evidence: "3" })];
  const env = sanitizerEnv(request.build);
  const box = await confinement();
  return await withWorkspace(
    (cwd) => Guest.start(argv, nonce, limitsOf(request), { box, env, cwd, rings: request.rings }).ended,
  );
}

interface GuestWords extends RunRequest {
  driver: string;
  /** A descriptor's number, or a file. */
  evidence: string;
}

function wordsOf({ driver, seed, evidence, params }: GuestWords): string[] {
  return [driver, String(seed), evidence, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)];
}

function limitsOf({ build, deadline_ms }: NativeRequest): Limits {
  return { ...LIMITS, deadline_ms, address_bytes: isSanitized(build) ? null : LIMITS.address_bytes };
}

const isSanitized = (build: Build): build is Sanitizer => build === "asan" || build === "tsan";

/** clang's sanitizers ask a separate program for file and line; gcc's need none. */
export function sanitizerEnv(build: Build): Record<string, string> {
  const symbolizer = Bun.which("llvm-symbolizer");
  const options = Object.entries(SANITIZER_ENV[build] ?? {});
  return Object.fromEntries(
    options.map(([name, value]) => [name, symbolizer ? `${value}:external_symbolizer_path=${symbolizer}` : value]),
  );
}
