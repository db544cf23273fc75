// SPDX-License-Identifier: MIT
/**
 * The proof of threads in the simulated kernel: `bun native/simkernel/proof/threads.ts [--cc gcc]`.
 *
 * One small pool, right and with eight mistakes: the right one is spared in 20 searches, each mistake is found in 20, with these words.
 */
import { $ } from "bun";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const at = Bun.argv.indexOf("--cc");
const cc = at < 0 ? "gcc" : Bun.argv[at + 1]!;
const SEARCHES = 20;
const LIVES = 400;

/** In the order of threads.c's WRONG: what every search says of it. */
const MISTAKES: [string, RegExp][] = [
  ["RIGHT", /^pass/],
  ["WAITS_ONCE", /jobs? counted, \d+ done|everybody sleeps|waits in/],
  ["SIGNALS_NOBODY", /everybody sleeps/],
  ["LOCKED_JOB", /the loop waits in pthread_mutex_lock/],
  ["LEFT_LOCKED", /waits in pthread_(join|mutex_lock), and nobody/],
  ["TELLS_TOO_EARLY", /everybody sleeps/],
  ["POLLS", /calls of locks in which nothing was achieved/],
  ["NEVER_JOINED", /threads? (is|are) left|at which a thread waits/],
  ["UNLOCKED", /a mutex that this thread does not hold/],
];

const native = join(import.meta.dir, "../..");
const folder = mkdtempSync(join(tmpdir(), "simkernel-threads-"));
const include = ["simkernel/include", "common", "include", "kqueue/include"].map((room) => `-I${native}/${room}`);

async function compile(path: string, name = basename(path, ".c"), ...words: string[]): Promise<string> {
  const object = join(folder, `${name}.o`);
  await $`${cc} -std=c11 -D_GNU_SOURCE -g -O1 -U_FORTIFY_SOURCE ${include} ${words} -c ${path} -o ${object}`.quiet();
  return object;
}

const rooms = ["simkernel/src", "common"].map((room) => join(native, room));
const sources = rooms.flatMap((room) => readdirSync(room).map((name) => join(room, name)));
const kernel = await Promise.all(sources.filter((path) => path.endsWith(".c")).map((path) => compile(path)));
const driver = await compile(join(import.meta.dir, "threads_driver.c"));
const defined = await $`nm -g --defined-only ${kernel}`.text();
const renamed = [...defined.matchAll(/ T sim_(\w+)$/gm)].map(([, name]) => `--redefine-sym=${name}=sim_${name}`);
const isFirst = (path: string) => basename(path) === "statics_first.o";
const isLast = (path: string) => basename(path) === "statics_last.o";

async function build(mistake: number): Promise<string> {
  const pool = await compile(join(import.meta.dir, "threads.c"), `pool_${mistake}`, `-DWRONG=${mistake}`);
  await $`objcopy ${renamed} ${pool}`;
  const rest = kernel.filter((path) => !isFirst(path) && !isLast(path));
  const program = join(folder, `pool_${mistake}`);
  await $`${cc} -pie -o ${program} ${kernel.find(isFirst)} ${pool} ${kernel.find(isLast)} ${driver} ${rest} -lpthread`.quiet();
  return program;
}

/** What a search found: "pass", or the verdict and the message. */
async function search(program: string, seed: number): Promise<string> {
  const json = join(folder, "result.json");
  await $`${program} --scenario pool --seed ${seed.toString(16)} --executions ${LIVES} --json ${json}`
    .nothrow()
    .quiet();
  const { verdict, message } = (await Bun.file(json).json()) as { verdict: string; message: string };
  return verdict === "pass" ? "pass" : `${verdict}: ${message}`;
}

let wrong = 0;
for (const [mistake, [name, expected]] of MISTAKES.entries()) {
  const program = await build(mistake);
  const found = new Map<string, number>();
  for (let seed = 1; seed <= SEARCHES; seed++) {
    const result = await search(program, seed * 7919);
    found.set(result, (found.get(result) ?? 0) + 1);
    if (!expected.test(result)) wrong++;
  }
  console.log(`${name}: ${[...found].map(([text, count]) => `${count} x ${text}`).join("; ")}`);
}
rmSync(folder, { recursive: true });
console.log(wrong === 0 ? "threads: as expected" : `threads: ${wrong} searches not as expected`);
process.exit(wrong === 0 ? 0 : 1);
