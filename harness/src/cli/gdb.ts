// SPDX-License-Identifier: MIT
/** The guest that plays a check's scenario, left where gdb and an editor find it, with the words that it is given. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import type { Submission } from "../build/submission.ts";
import type { Kata } from "../kata/kata.ts";
import { seedOfRun } from "../play/runs.ts";
import { Workpiece } from "../play/workpiece.ts";

/** .vscode/launch.json names these too. */
const FOLDER = join(ROOT, ".cache", "gdb");
const GUEST = join(FOLDER, "guest");
const COMMANDS = join(FOLDER, "commands");

/** Builds what plays the scenario of `check`. The command that debugs its first run, to be given in the root. */
export async function gdbCommand(kata: Kata, check: string, submission: Submission, seed: number): Promise<string> {
  const scenario = kata.scenarios.find(({ checks }) => checks.some(({ id }) => id === check));
  if (!scenario) {
    const debugged = kata.scenarios.flatMap(({ checks }) => checks.map(({ id }) => id));
    throw new Unusable(`gdb follows scenarios on real threads; of ${kata.id}: ${debugged.join(", ")}`);
  }
  const guest = await new Workpiece(kata, submission).guest(scenario.build);
  mkdirSync(FOLDER, { recursive: true });
  copyFileSync(guest, GUEST);
  const { id, driver = id, params } = scenario;
  const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  writeFileSync(
    COMMANDS,
    [
      "# A sanitizer's report is a place to stop; leaks it cannot look for under a debugger.",
      "set environment ASAN_OPTIONS detect_leaks=0",
      "set breakpoint pending on",
      "break __sanitizer::Die",
      `set args ${[driver, seedOfRun(seed, id, 0), "/dev/null", ...words].join(" ")}`,
      "",
    ].join("\n"),
  );
  return `gdb -x ${relative(ROOT, COMMANDS)} ${relative(ROOT, GUEST)}`;
}
