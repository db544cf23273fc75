// SPDX-License-Identifier: MIT
/** What scores many forks: a job is a reference, never code or a score, and each is scored once whatever dies. */
import { hashOf } from "../base/cache.ts";
import type { ForkScore } from "../judge/fork.ts";

export interface Job {
  /** An address, or a folder of this machine. */
  source: string;
  /** 40 digits, or a name that is resolved when the job runs. */
  commit: string;
}

/** `fault`: the infrastructure failed too often, and the fork has no score. */
export type Outcome = { job: Job } & ({ score: ForkScore } | { fault: string });

/** Scores one fork. It throws where the infrastructure failed; a wrong program has a score. */
export type Work = (job: Job) => Promise<ForkScore>;

export interface Engine {
  /** Settles when each job has had its one outcome; jobs that are the same count once. */
  run(jobs: Job[], onOutcome: (outcome: Outcome) => void): Promise<void>;
}

/** Then a fork is set aside, and does not hold up the others. */
export const ATTEMPTS_MAX = 3;
/** Before the second attempt; twice as long before the third. */
export const BACKOFF_MS = 1_000;

export const idOf = ({ source, commit }: Job): string => hashOf(source, commit);

export const unique = (jobs: Job[]): Map<string, Job> => new Map(jobs.map((job) => [idOf(job), job]));
