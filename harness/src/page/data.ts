// SPDX-License-Identifier: MIT
/** What the page shows: the shelf, what was reached on it, and each kata's latest result. */
import type { Result } from "../judge/score.ts";
import type { Kept } from "../report/progress.ts";

export interface PageData {
  /** ISO 8601, UTC. */
  made: string;
  belt: string;
  katas: KataData[];
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
  /** What the kata's lab has drawn on this machine: SVG pictures, with their titles. */
  plots: { title: string; svg: string }[];
}
