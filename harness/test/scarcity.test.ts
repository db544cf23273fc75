// SPDX-License-Identifier: MIT
/** A full disk is the machine's trouble, never the program's: `.cache/builds` on a tiny disk of its own, and other places. */
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { FIXTURES, kataCommand, start } from "./child.ts";

const TIMEOUT_MS = 60_000;
const BUILDS = join(ROOT, ".cache", "builds");
const passes = join(FIXTURES, "01-answer", "submissions", "passes.c");
const onTinyDisk = (size: string, argv: string[]) => {
  const mount = `mount -t tmpfs -o size=${size} tmpfs '${BUILDS}' && exec "$@"`;
  return start(["unshare", "-m", "sh", "-c", mount, "sh", ...argv]).outcome;
};

mkdirSync(BUILDS, { recursive: true });
const { code, stderr } = await onTinyDisk("1m", ["true"]);
const why = code === 0 ? "" : `, but this machine lets nobody mount one: ${stderr.trim()}`;

test.skipIf(why !== "").each(["8k", "16k", "24k", "32k", "48k", "64k", "96k"].map((size) => [size]))(
  `a disk of %s${why}`,
  async (size) => {
    const { code, stdout, stderr } = await onTinyDisk(size, kataCommand("grade", "01", "--from", passes));
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/no space left on device|no room/i);
    expect(stdout).not.toContain("FAIL");
  },
  TIMEOUT_MS,
);

const mounted = (mount: string, argv: string[]) =>
  start(["unshare", "-m", "sh", "-c", `${mount} && exec "$@"`, "sh", ...argv]).outcome;

test.skipIf(why !== "").each([
  ["8m", join(ROOT, ".cache")],
  ["1g", "/dev/shm"],
])(`of memory for guests' files %s: they are in %s${why}`, async (size, place) => {
  const cache = join(ROOT, "harness/src/base/cache.ts");
  const program = `(await import("${cache}")).withWorkspace(async (folder) => console.log(folder))`;
  const argv = [process.execPath, "-e", program];
  const { stdout } = await mounted(`mount -t tmpfs -o size=${size} tmpfs /dev/shm`, argv);
  expect(stdout).toStartWith(`${place}/`);
});

test.skipIf(why !== "")(
  `a checkout that cannot be written${why}`,
  async () => {
    const readOnly = `mount --bind '${ROOT}' '${ROOT}' && mount -o remount,ro,bind '${ROOT}'`;
    const fresh = join(mkdtempSync(join(tmpdir(), "c10kata-scarcity-")), "answer.c"); // nothing has been built of it
    writeFileSync(fresh, `${readFileSync(passes, "utf8")}/* ${crypto.randomUUID()} */\n`);
    const { code, stdout } = await mounted(readOnly, kataCommand("grade", "01", "--from", fresh));
    rmSync(dirname(fresh), { recursive: true });
    expect(code).toBe(2);
    expect(stdout).toContain("builds are made below .cache, which cannot be written");
    expect(stdout).not.toMatch(/FAIL|stuck\?/);
  },
  TIMEOUT_MS,
);
