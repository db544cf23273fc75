// SPDX-License-Identifier: MIT
/** What counts as changed, tried in repositories of a few commits. */
import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { command } from "../../harness/src/base/command.ts";
import { changesIn } from "./changes.ts";

const place = mkdtempSync(join(tmpdir(), "changes-"));
afterAll(() => rmSync(place, { recursive: true }));
const HOUR_S = 3600;
const START_S = 1_700_000_000;
let made = 0;
let root = "";

async function git(...words: string[]): Promise<string> {
  const who = [
    "-c",
    "user.name=n",
    "-c",
    "user.email=e",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "commit.gpgsign=false",
  ];
  const { code, stdout, stderr } = await command(["git", ...who, ...words], { cwd: root });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

function write(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), String(made++));
}

/** Commits a new text of `path`, so many hours after the start. */
async function commit(path: string, hours: number): Promise<void> {
  write(path);
  await git("add", ".");
  const at = `${START_S + hours * HOUR_S} +0000`;
  const dated = ["env", `GIT_COMMITTER_DATE=${at}`, "git", "-c", "user.name=n", "-c", "user.email=e"];
  const { code } = await command([...dated, "commit", "-qm", path, `--date=${at}`], { cwd: root });
  expect(code).toBe(0);
}

const KATAS = ["katas/01-a", "katas/02-b", "solutions/03-c"];
const changed = async (base?: string) => {
  const { touch } = await changesIn(root, base);
  return KATAS.filter(touch);
};

beforeEach(async () => {
  root = join(place, `repository-${made++}`);
  mkdirSync(root);
  await git("init", "-q");
  await commit("katas/01-a/a.c", 0);
});

test("commits that landed together count together; what landed the day before does not", async () => {
  await commit("katas/02-b/grader/kata.ts", 24);
  await commit("solutions/03-c/mutants/x.patch", 25);
  await commit("README.md", 26);
  expect(await changed()).toEqual(["katas/02-b", "solutions/03-c"]);
});

test("where HEAD has left origin/main, all since then", async () => {
  await git("update-ref", "refs/remotes/origin/main", "HEAD");
  await commit("katas/02-b/b.c", 24);
  await commit("solutions/03-c/c.c", 72);
  expect(await changed()).toEqual(["katas/02-b", "solutions/03-c"]);
});

test("where HEAD is origin/main, the hours before it", async () => {
  await commit("katas/02-b/b.c", 24);
  await git("update-ref", "refs/remotes/origin/main", "HEAD");
  expect(await changed()).toEqual(["katas/02-b"]);
});

test("what is not committed counts, and so does what git does not know yet", async () => {
  await commit("README.md", 24);
  write("katas/01-a/a.c");
  write("solutions/03-c/new.c");
  expect(await changed()).toEqual(["katas/01-a", "solutions/03-c"]);
});

test("--base decides, and must be there", async () => {
  await commit("katas/02-b/b.c", 24);
  await commit("solutions/03-c/c.c", 24);
  expect(await changed("HEAD~1")).toEqual(["solutions/03-c"]);
  expect(changed("nowhere")).rejects.toThrow("--base nowhere: no such commit");
});

test("a removed file counts", async () => {
  await commit("katas/02-b/b.c", 24);
  await commit("README.md", 48);
  await git("rm", "-q", "katas/02-b/b.c");
  expect(await changed()).toEqual(["katas/02-b"]);
});

test("everything counts without an older commit, in a shallow clone, and without git", async () => {
  expect(await changed()).toEqual(KATAS);
  await commit("README.md", 24);
  expect(await changed()).toEqual([]);
  const from = root;
  root = join(place, "shallow");
  await command(["git", "clone", "-q", "--depth", "1", `file://${from}`, root]);
  expect(await changed()).toEqual(KATAS);
  root = mkdtempSync(join(place, "bare-"));
  expect(await changed()).toEqual(KATAS);
  expect((await changesIn(root)).commit).toBe("");
});
