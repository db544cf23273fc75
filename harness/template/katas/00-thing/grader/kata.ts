// SPDX-License-Identifier: MIT
/** 00-thing, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { crowdEvidence, nothingLost } from "./crowd.ts";
import { addsUp } from "./scripts.ts";

export default defineKata({
  id: "00-thing",
  title: "Thing",
  idea: "TODO: the one idea, as the shelf shows it",
  folder: dirname(import.meta.dir),
  edits: ["thing.c"],
  baseline: "baseline.c",
  exports: ["thing_new", "thing_add", "thing_sum", "thing_free"],
  imports: calls("memory", "mutexes"),
  functions: {
    thing_new: { args: [], returns: "pointer" },
    thing_add: { args: ["pointer", "u64"], returns: "void" },
    thing_sum: { args: ["pointer"], returns: "u64" },
    thing_free: { args: ["pointer"], returns: "void" },
  },
  scripts: [addsUp],
  scenarios: [
    {
      id: "crowd",
      build: "stress",
      params: { threads: 4, additions: 5_000 },
      runs: 4,
      evidence: crowdEvidence,
      checks: [nothingLost],
    },
  ],
  hints: [
    "TODO: a nudge. What to draw, or which question to ask first; never code.",
    "TODO: a second step, for those who have drawn it.",
    "TODO: a plan, and how it becomes fast; still no code.",
  ],
});
