// SPDX-License-Identifier: MIT
/** Plays a submission's lives in the simulated kernel: every choice from a seed, so that a failure can be seen again. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, withTemporary } from "../base/cache.ts";
import { couldNotStart, harnessError, notMeasurable } from "../judge/check.ts";
import { canary } from "./canary.ts";
import { explainEnd } from "./explain.ts";
import { explorationSchema, judgeExploration, SIMULATION } from "../judge/exploration.ts";
import { NO_LIMIT, sourcesOf, timeOf } from "./explore.ts";
import { confinement } from "../build/confinement.ts";
import { driversOf } from "../kata/drivers.ts";
import type { Judgement, SimulatedCheck } from "../kata/kata.ts";
import { Guest, LIMITS, newNonce, type Limits } from "../guest/guest.ts";
import type { Launch } from "./launch.ts";
import type { Judgements, Player } from "./player.ts";
import { sanitizerEnv } from "./scenario.ts";
import type { Workpiece } from "./workpiece.ts";

/** One scenario of the simulation's driver. */
export class SimulationPlayer implements Player<SimulatedCheck> {
  readonly groups: SimulatedCheck[][];
  readonly beside = "CPUs";
  #launch: Launch | undefined;

  constructor(
    readonly workpiece: Workpiece,
    check: SimulatedCheck,
    readonly seed: number,
  ) {
    this.groups = [[check]];
  }

  async play([check]: SimulatedCheck[]): Promise<Judgements> {
    const problem = check!.sanitized ? (await canary("asan")).problem : undefined;
    return new Map([[check!.id, problem ? harnessError(problem) : await this.#judge(check!)]]);
  }

  launchOf(): Launch | undefined {
    return this.#launch;
  }

  async #judge(check: SimulatedCheck): Promise<Judgement> {
    const { kata, submission } = this.workpiece;
    const simulation = await this.workpiece.simulation(check.sanitized ? "simulated_asan" : "simulated");
    return await withTemporary(async (folder) => {
      const json = join(folder, "result.json");
      writeFileSync(json, ""); // the one file of a box's that outlasts it
      const words = optionsOf(check, this.seed);
      const argv = [simulation, ...words, ...timeOf(check), "--json", json];
      const limits = limitsOf(check);
      const env = { PATH: process.env.PATH ?? "", ...(check.sanitized ? sanitizerEnv("asan") : {}) };
      this.#launch = {
        engine: "simulation",
        program: simulation,
        words: [...words, ...NO_LIMIT],
        env,
        judged: "inside",
      };
      const options = { box: await confinement(), cwd: folder, shares: [json], env };
      const ended = await Guest.start(argv, newNonce(), limits, options).ended;
      if (statSync(json).size > 0) {
        const found = explorationSchema.parse(JSON.parse(readFileSync(json, "utf8")));
        const shown = submission.files.map((file) => file.shown);
        return judgeExploration(
          found,
          check.lives,
          SIMULATION,
          shown,
          sourcesOf(driversOf(kata, "simulated"), submission),
        );
      }
      if (ended.by === "deadline")
        return notMeasurable(`the simulation did not end within ${check.deadline_ms / 1000} s`);
      const about = { artefact: simulation, submission, limits, sanitized: check.sanitized };
      const judged = await explainEnd(ended, about, `in the simulated scenario ${check.scenario}`);
      return judged ?? couldNotStart(`the simulation ended with ${ended.signal ?? ended.code}`, ended.output.trim());
    });
  }
}

function limitsOf({ deadline_ms, sanitized }: SimulatedCheck): Limits {
  return { ...LIMITS, deadline_ms, address_bytes: sanitized ? null : LIMITS.address_bytes };
}

function optionsOf({ scenario, lives }: SimulatedCheck, seed: number): string[] {
  const first = hashOf(String(seed), scenario).slice(0, 8);
  return ["--scenario", scenario, "--executions", String(lives), "--seed", first];
}
