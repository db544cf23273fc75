// SPDX-License-Identifier: MIT
/** Scores everybody in a roster: what an engine reports goes into the ledger, once, and a few words of it are kept. */
import { forkStanding, type Standing } from "../judge/cohort.ts";
import { idOf, type Engine } from "./engine.ts";
import type { Ledger } from "./ledger.ts";
import type { Learner } from "./roster.ts";

/** In the roster's order. `onStanding` hears of each as it is known. */
export async function scoreCohort(
  learners: Learner[],
  engine: Engine,
  ledger: Ledger,
  onStanding: (standing: Standing) => void,
): Promise<Standing[]> {
  const standings = new Map<string, Standing>();
  const byJob = Map.groupBy(learners, ({ job }) => idOf(job));
  const jobs = learners.map(({ job }) => job);
  await engine.run(jobs, (outcome) => {
    if ("score" in outcome) ledger.record(outcome.score);
    for (const { name, job } of byJob.get(idOf(outcome.job)) ?? []) {
      const standing = forkStanding(name, job.source, "score" in outcome ? outcome.score : outcome.fault);
      standings.set(name, standing);
      onStanding(standing);
    }
  });
  return learners.map(({ name }) => standings.get(name)!);
}
