// SPDX-License-Identifier: MIT
/**
 * Grades one submission against one kata: says which player plays when, in parallel where nothing is timed. Each check
 * settles on its own, so that what was already won is kept whatever happens later.
 */
import { Unusable } from "../base/command.ts";
import { ExplorationPlayer } from "./explore.ts";
import { Gates } from "./gates.ts";
import { harnessError, notMeasurable, waitsFor } from "../judge/check.ts";
import { nearestFailure, partsOf } from "../judge/nearest.ts";
import { allChecks, allNeedsOf, byFile, type CheckEntry, type Judgement, type Kata } from "../kata/kata.ts";
import type { Launch } from "./launch.ts";
import { NotMeasurable, type Sampling } from "./measure.ts";
import type { Judgements, Player } from "./player.ts";
import { readable } from "../base/readable.ts";
import { ScenarioPlayer } from "./scenario.ts";
import { checkResult, scoreOf, type CheckResult, type Result } from "../judge/score.ts";
import { ScriptPlayer } from "./script.ts";
import { SimulationPlayer } from "./simulate.ts";
import { parted } from "./sooner.ts";
import { Slots } from "../base/slots.ts";
import { StagePlayer } from "./stage.ts";
import { ThroughputPlayer } from "./throughput.ts";
import { confinement } from "../build/confinement.ts";
import { BUN_VERSION, toolchain } from "../build/toolchain.ts";
import { begunFirst } from "../build/submission.ts";
import { WinePlayer } from "./wine.ts";
import type { Workpiece } from "./workpiece.ts";

/** The seed is of 32 bits; every random choice of the grading follows from it. */
export interface GradeOptions extends Sampling {
  /** Only this check and what it needs. */
  only?: string;
  /** This check and what it needs before all others. Of one that is timed nothing is sooner. */
  first?: string;
  /** The file whose checks are tried before those of the others. */
  file?: string;
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

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** One per process: several gradings share the machine. */
let slotsOnce: Promise<Slots> | undefined;
const slots = () => (slotsOnce ??= toolchain().then(({ cpus }) => new Slots(cpus)));

/** A check that has been judged, and is not settled yet. */
interface Outcome {
  check: CheckEntry;
  judgement: Judgement;
  seconds: number;
}

export class Grading {
  readonly checks: CheckEntry[];
  readonly #results = new Map<string, PromiseWithResolvers<CheckResult>>();
  readonly #over = new Set<string>();
  readonly #gates: Gates[];
  readonly #throughput: ThroughputPlayer | undefined;
  readonly #players: Player[];
  readonly #sooner: Set<string>;
  #started = 0;

  /** Throws Unusable when the kata has no check `options.only`. */
  constructor(
    readonly workpiece: Workpiece,
    readonly options: GradeOptions,
  ) {
    const { kata } = workpiece;
    const { seed } = options;
    this.checks = selected(kata, options.only);
    this.#sooner = new Set(options.first === undefined ? [] : selected(kata, options.first).map(({ id }) => id));
    for (const { id } of this.checks) this.#results.set(id, Promise.withResolvers());
    const pieces = kata.edits.length === 1 ? [workpiece] : kata.edits.map((file) => workpiece.of(file));
    const tried = ({ file }: CheckEntry) => workpiece.of(file);
    this.#gates = pieces.map((piece) => new Gates(piece));
    this.#throughput = kata.throughput && new ThroughputPlayer(workpiece, kata.throughput, options);
    this.#players = [
      ...this.#gates,
      ...byFile(kata, kata.scripts).map(([file, scripts]) => new ScriptPlayer(workpiece.of(file), scripts, seed)),
      // Before real sockets and threads: quick, nearer to the cause, and no lost event costs a deadline.
      ...(kata.simulated?.checks ?? []).map((check) => new SimulationPlayer(tried(check), check, seed)),
      ...kata.scenarios.map((scenario) => {
        const Player = scenario.build === "mingw" ? WinePlayer : ScenarioPlayer;
        return new Player(tried(scenario.checks[0]!), scenario, seed);
      }),
      ...kata.staged.map((staged) => new StagePlayer(tried(staged.checks[0]!), staged, seed)),
      ...(kata.explored?.checks ?? []).map((check) => new ExplorationPlayer(tried(check), check, seed)),
      ...(this.#throughput ? [this.#throughput] : []),
    ];
    const alone = this.#players.filter(timed).flatMap(({ groups }) => groups.flat());
    if (alone.some(({ id }) => id === options.first)) this.#sooner.clear();
  }

  /** Begins, once. */
  start(): this {
    this.#started = performance.now();
    void this.#run();
    return this;
  }

  /** The result of one check, when it is there. */
  result(id: string): Promise<CheckResult> {
    return this.#results.get(id)!.promise;
  }

  /** What a debugger can start again, of a check that has been tried. */
  launchOf(id: string): Launch | undefined {
    const player = this.#players.find(({ groups }) => groups.flat().some((check) => check.id === id));
    return player?.launchOf?.(id);
  }

  /** Everything, when all checks have settled. */
  async finished(): Promise<Result> {
    const checks = await Promise.all(this.checks.map(({ id }) => this.result(id)));
    const { version, kernel, cpus } = await toolchain();
    const { tier, why } = await confinement();
    const { kata, submission } = this.workpiece;
    const metrics = this.#throughput?.metrics ?? [];
    const gated = metrics.find((metric) => metric.tiers);
    const warnings = this.#gates.map((gates) => gates.warnings).join("");
    const order = { scripts: kata.scripts.map(({ id }) => id), files: begunFirst(kata, submission) };
    const first = nearestFailure(checks, order, this.options.only)?.id;
    const parts = partsOf(checks, order, kata.edits);
    return {
      schema: "c10kata/result/v1",
      kata: kata.id,
      trust: "practice",
      submission: {
        label: submission.label,
        files: submission.files.map(({ name, text }) => ({
          name,
          sha256: new Bun.CryptoHasher("sha256").update(text).digest("hex"),
        })),
      },
      seed: showSeed(this.options.seed),
      toolchain: { compiler: version, bun: BUN_VERSION, kernel, cpus },
      box: { tier, ...(why && { why }) },
      ...scoreOf(checks, gated?.tier ?? null),
      checks,
      ...(parts.length > 0 && { parts }),
      ...(first && { first }),
      metrics,
      ...(warnings && { warnings: readable(warnings) }),
      seconds: (performance.now() - this.#started) / 1000,
    };
  }

  async #run(): Promise<void> {
    try {
      const together = this.#players.filter((player) => !timed(player));
      await Promise.all(fileFirst(together, this.options.file).map((player) => this.#take(player)));
      for (const player of this.#players.filter(timed)) await this.#take(player);
    } catch (error) {
      for (const check of this.checks) this.#settle({ check, judgement: harnessError(reasonOf(error)), seconds: 0 });
    }
  }

  /** Has a player play what was asked for and can be reached. Its last judgements wait for its end. */
  async #take(player: Player): Promise<void> {
    const { now, later } = parted(this.workpiece.kata, player.groups, this.#sooner);
    let last: Outcome[] = [];
    for (const [at, group] of [...now, ...later].entries()) {
      this.#settle(...last);
      if (at === now.length && this.#sooner.size > 0) await this.result(this.options.first!);
      last = await this.#played(player, await this.#reachable(group));
    }
    const afterwards = await this.#afterwards(player);
    const amended = ({ judgement }: Outcome) => (judgement.verdict === "pass" && afterwards) || judgement;
    this.#settle(...last.map((one) => ({ ...one, judgement: amended(one) })));
  }

  async #played(player: Player, checks: CheckEntry[]): Promise<Outcome[]> {
    if (checks.length === 0) return [];
    const judged = async () => {
      const since = performance.now();
      const judgements = await this.#judgements(player, checks);
      const seconds = (performance.now() - since) / 1000;
      return checks.map((check) => ({ check, judgement: judgements.get(check.id)!, seconds }));
    };
    return player.beside === "CPUs" ? await (await slots()).use(judged) : await judged();
  }

  /** A fault of ours in one group leaves the others their verdicts. */
  async #judgements(player: Player, checks: CheckEntry[]): Promise<Judgements> {
    try {
      return await player.play(checks);
    } catch (error) {
      const judgement = error instanceof NotMeasurable ? notMeasurable(error.message) : harnessError(reasonOf(error));
      return new Map(checks.map(({ id }) => [id, judgement]));
    }
  }

  async #afterwards(player: Player): Promise<Judgement | null> {
    try {
      return (await player.end?.()) ?? null;
    } catch (error) {
      return harnessError(reasonOf(error));
    }
  }

  /** Those of a group that were asked for and whose needs, outside of the group, are met. The others are settled. */
  async #reachable(group: CheckEntry[]): Promise<CheckEntry[]> {
    const asked = group.filter(({ id }) => this.#results.has(id));
    const inside = new Set(asked.map(({ id }) => id));
    const reachable: CheckEntry[] = [];
    for (const check of asked) {
      const judgement = await this.#unmet(allNeedsOf(this.workpiece.kata, check).filter((need) => !inside.has(need)));
      if (judgement) this.#settle({ check, judgement, seconds: 0 });
      else reachable.push(check);
    }
    // What needs one of the group that is not played is not played either.
    return reachable.length < asked.length ? await this.#reachable(reachable) : reachable;
  }

  /** Waits for the checks that are needed; the judgement of what needs them, if one did not pass. */
  async #unmet(needs: string[]): Promise<Judgement | null> {
    for (const need of needs) {
      const { verdict } = await this.result(need);
      if (verdict === "pass" || verdict === "not_measurable") continue;
      return verdict === "harness_error" ? harnessError(`${need} could not be tried`) : waitsFor(need);
    }
    return null;
  }

  /** Each check once; a later judgement of the same check is dropped. */
  #settle(...judged: Outcome[]): void {
    for (const { check, judgement, seconds } of judged) {
      if (this.#over.has(check.id)) continue;
      this.#over.add(check.id);
      const result = checkResult(check, judgement, seconds, this.#replayOf(check));
      this.#results.get(check.id)!.resolve(result);
      this.options.onResult?.(result);
    }
  }

  #replayOf({ id }: CheckEntry): string {
    const { seed, from } = this.options;
    const number = this.workpiece.kata.id.slice(0, 2);
    return `bun kata replay ${number} ${id} --seed ${showSeed(seed)}${from ? ` --from ${from}` : ""}`;
  }
}

const timed = (player: Player) => player.beside === "nothing";

/** Those who try `file` come first; else their order stays. */
export function fileFirst<One extends Pick<Player, "groups">>(players: One[], file: string | undefined): One[] {
  const tries = ({ groups }: One) => groups.flat().some((check) => check.file === file);
  return file === undefined ? players : [...players.filter(tries), ...players.filter((player) => !tries(player))];
}

function selected(kata: Kata, only: string | undefined): CheckEntry[] {
  const checks = allChecks(kata);
  if (only === undefined) return checks;
  const wanted = new Set<string>();
  const want = (id: string) => {
    const check = checks.find((entry) => entry.id === id);
    if (!check) throw new Unusable(`no check '${id}'; there are: ${checks.map((entry) => entry.id).join(", ")}`);
    wanted.add(id);
    allNeedsOf(kata, check).forEach(want);
  };
  want(only);
  return checks.filter(({ id }) => wanted.has(id));
}
