// SPDX-License-Identifier: MIT
/** A grading that is broken off leaves no process and no half-made build. */
import { expect, test } from "bun:test";
import { bunTest, guestsOf, kataCommand, start } from "./child.ts";
import { commandOf, halfMade, until } from "./machine.ts";
import { pruneCache } from "../src/base/cache.ts";

const TIMEOUT_MS = 60_000;
const ways = ["SIGINT", "SIGTERM", "SIGKILL"] as const;

const gradings = {
  "bun kata grade": () => start(kataCommand("grade", "96")),
  "bun test": () => bunTest("96-hangs/grader/hangs.test.ts"),
};

for (const [name, begin] of Object.entries(gradings)) {
  test.each(ways.map((way) => [way]))(
    `${name}, %s`,
    async (way) => {
      const { pid, outcome } = begin();
      const processes = await guestsOf(pid);
      process.kill(pid, way);
      const { code, stdout, stderr } = await outcome;
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toMatch(/passed: |harness error/);
      await until(
        () => processes.every((process) => commandOf(process) === ""),
        () => `every process is gone: ${processes.map(commandOf).filter(Boolean).join("; ")}`,
      );
      if (way === "SIGKILL") pruneCache(); // as the next grader does
      expect(halfMade(pid)).toEqual([]);
    },
    TIMEOUT_MS,
  );
}
