// SPDX-License-Identifier: MIT
/** What a tool could do that a learner's object had taken over. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, withTemporary } from "../src/base/cache.ts";
import { walls } from "../src/build/confinement.ts";
import { examine } from "../src/build/examine.ts";

const within = await walls();
const none = within.walls ? "" : `, but this machine has no walls: ${within.why}`;

test("a tool has no environment, and a limit on what it writes", async () => {
  const { stdout } = await examine(["sh", "-c", "env; ulimit -f; ulimit -t"]);
  const names = stdout.match(/^\w+(?==)/gm)?.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name));
  expect([names, stdout.match(/^\d+$/gm)]).toEqual([
    ["PATH", "LC_ALL"],
    [String(2 ** 28 / 512), "60"],
  ]);
});

test.skipIf(!within.walls)(
  `a tool opens what it is told of, and writes in the folder that is meant${none}`,
  async () => {
    await withTemporary(async (folder) => {
      const beside = `${folder}-beside`;
      const script = `cat ${ROOT}/package.json; echo x >${beside}; echo x >${folder}/made`;
      const { stdout, stderr } = await examine(["sh", "-c", script], folder);
      expect(stdout).toBe("");
      expect(stderr.match(/Permission denied/g)).toHaveLength(2);
      expect([existsSync(beside), existsSync(join(folder, "made"))]).toEqual([false, true]);
    });
  },
);
