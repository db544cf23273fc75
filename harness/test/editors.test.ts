// SPDX-License-Identifier: MIT
/** VS Code's tasks and launch configuration, given to a shell as the editor would, for a fixture's open file. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import launch from "../../.vscode/launch.json" with { type: "jsonc" };
import tasks from "../../.vscode/tasks.json" with { type: "jsonc" };
import { ROOT } from "../src/base/cache.ts";
import { start } from "./child.ts";

const TIMEOUT_MS = 60_000;
const INPUTS: Record<string, string> = { fileDirnameBasename: "01-answer", "input:check": "", "input:seed": "7" };

interface Task {
  label: string;
  command: string;
  problemMatcher: { pattern: { regexp: string } }[];
}
const all = tasks.tasks as unknown as Task[];

/** What its shell is given. */
const filledIn = (command: string, check: string) =>
  command.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => (name === "input:check" ? check : INPUTS[name]!));

const running = (label: string, check = "first_answer") =>
  start(["bash", "-c", filledIn(all.find((task) => task.label === label)!.command, check)]).outcome;

test(
  "grading marks the line that a failure names",
  async () => {
    const { code, stdout } = await running("grade this kata");
    expect([code, stdout]).toEqual([1, expect.stringContaining("FAIL  first_answer")]);
    const { stdout: checked } = await running("grade one check of this kata");
    expect(checked).toContain("FAIL  first_answer");
    const [, failure] = all.find(({ label }) => label === "grade this kata")!.problemMatcher;
    const line = "  look at   mpsc_push (mpsc_queue.c:57): which store decides a node's place?";
    expect(new RegExp(failure!.pattern.regexp).exec(line)).toMatchObject({ 2: "mpsc_queue.c", 3: "57" });
  },
  TIMEOUT_MS,
);

test(
  "a replay, and a hint",
  async () => {
    const { code, stdout } = await running("replay one failure of this kata");
    expect([code, stdout]).toEqual([1, expect.stringContaining("--seed 00000007")]);
    expect((await running("next hint for this kata")).stdout).toMatch(/^hint \d of 3/);
  },
  TIMEOUT_MS,
);

test(
  "what the debugger's task keeps is what the launch configuration starts",
  async () => {
    const [debug] = launch.configurations;
    expect(all.map(({ label }) => label)).toContain(debug!.preLaunchTask);
    const { code, stdout } = await running(debug!.preLaunchTask, "right_alone");
    expect([code, stdout]).toEqual([0, expect.stringContaining("gdb -q -x harness/.kata/gdb/commands")]);
    for (const named of [debug!.program, debug!.setupCommands.at(-1)!.text])
      expect(existsSync(join(ROOT, "harness", named.replace(/^.*\{workspaceFolder\}/, "")))).toBe(true); // the fixtures' .kata
  },
  TIMEOUT_MS,
);
