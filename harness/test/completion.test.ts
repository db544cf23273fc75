// SPDX-License-Identifier: MIT
/** What a shell offers after `kata ...`, asked of the shell itself. */
import { expect, test } from "bun:test";
import { kata, start } from "./child.ts";

const TIMEOUT_MS = 60_000;

/** What bash completes the words to, the last of which is unfinished. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout: script } = await kata(["completion", "bash"]);
  const typed = ["kata", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _kata; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await start(["bash", "-c", `${script}\n${ask}`]).outcome;
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

test(
  "commands, katas, checks and options",
  async () => {
    expect(await offered("hi")).toEqual(["history", "hint"]);
    expect(await offered("watch", "")).toEqual(["01", "02", "96"]);
    expect(await offered("replay", "01", "right")).toEqual(["right_alone", "right_together"]);
    expect(await offered("grade", "01", "--check", "first")).toEqual(["first_answer"]);
    expect(await offered("grade", "01", "--s")).toEqual(["--seed"]);
    expect(await offered("lab", "m")).toEqual(["mux"]);
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await offered("grade", "01", "--export", "j")).toEqual(["json=", "junit="]);
  },
  TIMEOUT_MS,
);

test(
  "after an option that names a file, files",
  async () => {
    expect(await offered("grade", "01", "--from", "harness/pack")).toEqual(["harness/package.json"]);
  },
  TIMEOUT_MS,
);

test.each(["zsh", "fish"])(
  "%s takes what is written for it",
  async (shell) => {
    const { code, stdout } = await kata(["completion", shell]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("right_together")]);
    if (!Bun.which(shell)) return console.log(`${shell} is not here: its script was only written`);
    const { stderr } = await start([shell, "-c", stdout]).outcome;
    expect(stderr).toBe("");
  },
  TIMEOUT_MS,
);

test(
  "no other shell",
  async () => {
    expect(await kata(["completion", "tcsh"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("bash, zsh, fish"),
    });
  },
  TIMEOUT_MS,
);
