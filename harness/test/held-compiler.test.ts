// SPDX-License-Identifier: MIT
/** What a compiler in its box leaves behind: an object or nothing, and no folder of its own. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, withTemporary } from "../src/base/cache.ts";
import { Unusable } from "../src/base/command.ts";
import { confinement } from "../src/build/confinement.ts";
import { heldCompiler } from "../src/build/held-compiler.ts";
import { toolchain } from "../src/build/toolchain.ts";
import { kata } from "./child.ts";
import { halfMade } from "./machine.ts";

setDefaultTimeout(60_000);

const box = await confinement();
const none = box.made ? "" : `, but this machine has no box: ${box.why}`;
mkdirSync(join(ROOT, ".cache"), { recursive: true });
const home = mkdtempSync(join(ROOT, ".cache", "taken-over-"));
chmodSync(home, 0o755); // the user of the box has to find the compiler there
afterAll(() => rmSync(home, { recursive: true }));

const file = join(home, "answer.c");
writeFileSync(file, `int answer(int question); /* ${process.pid} */\n`);

/** A compiler that does this, with the path in $object, in place of making an object of that file. */
async function taken(leaves: string): Promise<string> {
  const { cc } = await toolchain();
  const path = join(home, "bin", "cc");
  mkdirSync(join(home, "bin"), { recursive: true });
  const script = `for object; do :; done\ncase $* in *answer.c*/object) ${leaves}; exit 0 ;; esac\nexec ${cc} "$@"\n`;
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o755);
  return path;
}

test.skipIf(!box.made).each([
  ["a link to what it cannot read itself", `ln -s ${ROOT}/package.json $object`],
  ["a folder", "mkdir $object"],
  ["nothing", ":"],
])(`a compiler that was taken over leaves %s: no object${none}`, async (_, leaves) => {
  const { code, stdout } = await kata(["grade", "01", "--from", file], { CC: await taken(leaves), NO_COLOR: "1" });
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining("left no object") });
});

test.skipIf(!box.made)(`a box that cannot be made leaves no folder behind${none}`, async () => {
  await withTemporary(async (made) => {
    const before = halfMade(process.pid);
    await expect(heldCompiler(["--version"], join(made, "gone"), join(made, "object"))).rejects.toThrow(Unusable);
    expect([halfMade(process.pid), readdirSync(made)]).toEqual([before, []]);
  });
});
