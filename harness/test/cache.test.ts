// SPDX-License-Identifier: MIT
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cached, hashOf, pruneCache, ROOT, withTemporary, withWorkspace } from "../src/base/cache.ts";

const ENTRIES = join(ROOT, ".cache", "builds");
const keys: string[] = [];
function newKey(): string {
  keys.push(hashOf("cache.test", crypto.randomUUID()));
  return keys.at(-1)!;
}
afterAll(() => keys.forEach((key) => rmSync(join(ENTRIES, key), { recursive: true, force: true })));

const write = (text: string) => async (folder: string) => writeFileSync(join(folder, "artefact"), text);

test("parts of a key do not run into each other", () => {
  expect(hashOf("ab", "c")).not.toBe(hashOf("a", "bc"));
  expect(hashOf("a", "")).not.toBe(hashOf("a"));
});

test("an entry is made once", async () => {
  const key = newKey();
  let made = 0;
  const produce = async (folder: string) => {
    made++;
    await write("once")(folder);
  };
  const [first, second] = await Promise.all([cached(key, produce), cached(key, produce)]);
  expect(await cached(key, produce)).toBe(first);
  expect([second, made]).toEqual([first, 1]);
  expect(readFileSync(join(first, "artefact"), "utf8")).toBe("once");
});

test("of two graders with the same entry the slower one takes the other's", async () => {
  const key = newKey();
  const entry = join(ENTRIES, key);
  const made = await cached(key, async (folder) => {
    await write("slow")(folder);
    mkdirSync(entry); // the other grader is through
    writeFileSync(join(entry, "artefact"), "fast");
  });
  expect(readFileSync(join(made, "artefact"), "utf8")).toBe("fast");
});

test("a failing producer leaves nothing, and the next one may succeed", async () => {
  const key = newKey();
  let temporary = "";
  const failing = cached(key, async (folder) => {
    temporary = folder;
    await write("half")(folder);
    throw new Error("no compiler");
  });
  expect(failing).rejects.toThrow("no compiler");
  await failing.catch(() => {});
  expect([existsSync(join(ENTRIES, key)), existsSync(temporary)]).toEqual([false, false]);
  expect(readFileSync(join(await cached(key, write("whole")), "artefact"), "utf8")).toBe("whole");
});

test("a temporary folder is gone afterwards, also after a failure", async () => {
  let seen = "";
  const failing = withTemporary(async (folder) => {
    seen = folder;
    throw new Error("no");
  });
  expect(failing).rejects.toThrow("no");
  await failing.catch(() => {});
  expect(existsSync(seen)).toBe(false);
});

test("pruning takes what nobody used for a week, and half-made entries whose grader is gone or old", async () => {
  const [old, fresh] = [newKey(), newKey()];
  for (const key of [old, fresh]) await cached(key, write("x"));
  const orphan = `new-${process.pid}-cache-test`;
  const current = `${orphan}-now`;
  const dead = `new-${Bun.spawnSync(["true"]).pid}-cache-test`;
  for (const name of [orphan, current, dead]) mkdirSync(join(ENTRIES, name));
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
  utimesSync(join(ENTRIES, old), daysAgo(8), daysAgo(8));
  utimesSync(join(ENTRIES, orphan), daysAgo(0.1), daysAgo(0.1));
  pruneCache();
  const left = readdirSync(ENTRIES).map((name) => basename(name));
  rmSync(join(ENTRIES, current), { recursive: true, force: true });
  expect([old, orphan, dead].filter((name) => left.includes(name))).toEqual([]);
  expect(left).toContain(fresh);
  expect(left).toContain(current);
});

test("a workspace is empty, and gone afterwards", async () => {
  let place = "";
  await withWorkspace(async (folder) => {
    place = folder;
    expect(readdirSync(folder)).toEqual([]);
    await write("own")(folder);
  });
  expect(existsSync(place)).toBe(false);
});
