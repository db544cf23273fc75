// SPDX-License-Identifier: MIT
/** What the page shows: the shelf, what was reached on it, and each kata's latest result. */
import type { KataStanding, SharedFailure, Similar, Standing } from "../judge/cohort.ts";
import type { Result } from "../judge/score.ts";
import type { Kept } from "../report/progress.ts";

export interface PageData {
  /** ISO 8601, UTC. */
  made: string;
  belt: string;
  katas: KataData[];
  /** Of the labs that belong to no kata, those that were run here. */
  labs: LabData[];
}

/** What a lab drew when it ran last on this machine. */
export interface LabData {
  /** That draws it again. */
  command: string;
  /** ISO 8601, UTC. */
  at: string;
  machine: string;
  /** What the figures show, in a sentence; empty where the lab says nothing. */
  says: string;
  /** SVG pictures, with their titles. */
  plots: { title: string; svg: string }[];
}

export interface KataData {
  id: string;
  title: string;
  idea: string;
  /** Every grading that was kept, oldest first. */
  history: Kept[];
  best: Kept | null;
  /** The latest grading, whole. */
  result: Result | null;
  lab: LabData | null;
}

/** What the instructor's page shows. */
export interface CohortData {
  /** ISO 8601, UTC. */
  made: string;
  katas: string[];
  learners: LearnerData[];
  shared: SharedFailure[];
  similar: ({ kata: string } & Similar)[];
  /** Forks whose files are still to be compared. */
  to_compare: number;
}

export interface LearnerData extends Standing {
  /** `again`: the commands that show the failure again. */
  katas: (KataStanding & { again: string })[];
}
