// SPDX-License-Identifier: MIT
/**
 * Content-addressed artefacts: a folder per key below `.cache/` in the repository. An entry appears whole, by rename,
 * so that several graders can share the cache; entries unused for a week are deleted.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isRefusal, Sentence } from "./sentence.ts";

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dir, "../../..");
const ENTRIES = join(ROOT, ".cache", "builds");
const UNUSED_DAYS_MAX = 7;

export function hashOf(...parts: string[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(`${part.length}:${part}`);
  return hasher.digest("hex").slice(0, 32);
}

const underWay = new Map<string, Promise<string>>();

/**
 * The folder for `key`, made by `produce` unless it is there. `produce` fills the folder it is given; when it throws,
 * nothing is kept.
 */
export function cached(key: string, produce: (folder: string) => Promise<void>): Promise<string> {
  const known = underWay.get(key);
  if (known !== undefined) return known;
  const made = findOrMake(key, produce).finally(() => underWay.delete(key));
  underWay.set(key, made);
  return made;
}

async function findOrMake(key: string, produce: (folder: string) => Promise<void>): Promise<string> {
  const entry = join(ENTRIES, key);
  if (existsSync(entry)) {
    touch(entry);
    return entry;
  }
  return await withTemporary(async (folder) => {
    await produce(folder);
    try {
      renameSync(folder, entry);
    } catch (error) {
      if (!existsSync(entry)) throw error; /* else another grader was first, with the same content */
    }
    return entry;
  });
}

/** For pruneCache(). Where nothing may be written, nothing is pruned either. */
function touch(entry: string): void {
  try {
    utimesSync(entry, new Date(), new Date());
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

const temporaries = new Set<string>();

/** Runs `use` with a new folder below `.cache/`, gone afterwards whatever happens. */
export function withTemporary<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder(join(ENTRIES, `new-${process.pid}-`), use);
}

/** Linux keeps files here in memory: a guest's fsync then costs nothing, and no disk decides a comparison. */
const MEMORY = "/dev/shm";
const WORKSPACE = "c10kata-";
/** Containers often have 64 MiB, which one program that fills its files would use up for all that run beside it. */
const MEMORY_BYTES_MIN = 128 << 20;

/** Runs `use` with a new, empty folder for a guest's own files: in memory where there is room for them. */
export function withWorkspace<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const prefix = `${WORKSPACE}${process.pid}-`;
  const roomy = inMemory() && roomIn(MEMORY) >= MEMORY_BYTES_MIN;
  return roomy ? withFolder(join(MEMORY, prefix), use) : withTemporary(use);
}

/** Was it made by withWorkspace() or withTemporary()? */
export const isWorkspace = (folder: string) =>
  basename(folder).startsWith(dirname(folder) === MEMORY ? WORKSPACE : "new-");

/** Bytes that may be written there. */
export function roomIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function inMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function withFolder<T>(prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = newFolder(prefix);
  temporaries.add(folder);
  try {
    return await use(folder);
  } finally {
    discard(folder);
    temporaries.delete(folder);
  }
}

/** Throws a Sentence when there is no making it. */
function newFolder(prefix: string): string {
  try {
    mkdirSync(dirname(prefix), { recursive: true });
    return mkdtempSync(prefix);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Sentence(`builds are made below .cache, which cannot be written: ${error.message}`);
  }
}

/** Deletes what can be deleted: where another user's files lie, or read-only ones, they stay, and nothing is lost. */
function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Deletes what is half made: for Ctrl-C and the like, where nothing is awaited any more. */
export function clearTemporaries(): void {
  for (const folder of temporaries) discard(folder);
}

/** Deletes what no grader has used for a week, and what a grader that was killed left half made. */
export function pruneCache(now = Date.now()): void {
  if (inMemory()) pruneWorkspaces(now);
  if (!existsSync(ENTRIES)) return;
  for (const name of readdirSync(ENTRIES)) {
    const entry = join(ENTRIES, name);
    const used = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? now;
    const over = name.startsWith("new-") ? isOrphan(name, used, now) : now - used > UNUSED_DAYS_MAX * DAY_MS;
    if (over) discard(entry);
  }
}

const DAY_MS = 86_400_000;

/** `name` is of a folder that withFolder() made. Its grader is gone; or an hour is over, should another have its number. */
function isOrphan(name: string, made: number, now: number): boolean {
  const [, grader] = name.split("-");
  return !existsSync(`/proc/${grader}`) || now - made > DAY_MS / 24;
}

function pruneWorkspaces(now: number): void {
  for (const name of readdirSync(MEMORY).filter((name) => name.startsWith(WORKSPACE))) {
    const folder = join(MEMORY, name);
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (isOrphan(name, made, now)) discard(folder);
  }
}
