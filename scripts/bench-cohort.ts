// SPDX-License-Identifier: MIT
/**
 * `bun run bench:cohort [--forks N] [--workers N] [--engine pool|bullmq]`: how long a cohort takes, through `bun kata score
 * --roster` itself. Its forks are repositories of this machine, all stubs but every tenth, whose file for 02 is wrong in
 * a way of its own; throughput is left out. In the middle a process is killed: the pool itself, which is then started again, or a worker.
 * `bullmq` starts a Redis of its own, on a socket. Exit 1: somebody has no row, or two.
 */
import { Database } from "bun:sqlite";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { command } from "../harness/src/base/command.ts";
import { kataIds, findKata } from "../harness/src/kata/shelf.ts";
import { stubsOf } from "../harness/src/build/submission.ts";

const option = (name: string, otherwise: string) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1]!;
};
const forks = Number(option("--forks", "50"));
const workers = Number(option("--workers", "1"));
const engine = option("--engine", "pool");
const folder = mkdtempSync(join(tmpdir(), "c10kata-bench-"));
const ledger = join(folder, "ledger.sqlite");
const csv = join(folder, "scores.csv");
const address = join(folder, "redis.sock");
const CLI = join(ROOT, "harness/src/cli/cli.ts");
const started = new Set<Bun.Subprocess>();

function run(...argv: string[]): Bun.Subprocess {
  const child = Bun.spawn(argv, { cwd: ROOT, stdio: ["ignore", "ignore", "ignore"], env: process.env });
  started.add(child);
  void child.exited.then(() => started.delete(child));
  return child;
}

async function makeForks(): Promise<string> {
  const katas = await Promise.all(kataIds().map((id) => findKata(id)));
  const lines = ["name,fork"];
  for (let at = 0; at < forks; at++) {
    const fork = join(folder, `fork-${at}`);
    for (const kata of katas) {
      mkdirSync(join(fork, "katas", kata.id), { recursive: true });
      for (const name of kata.edits) cpSync(join(stubsOf(kata), name), join(fork, "katas", kata.id, name));
    }
    const own = join(fork, "katas/02-mpsc-queue/mpsc_queue.c");
    if (at % 10 === 0 && existsSync(own)) writeFileSync(own, `${readFileSync(own, "utf8")}\nint learner_${at};\n`);
    const git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", fork];
    for (const words of [
      ["init", "-q"],
      ["add", "-A"],
      ["commit", "-qm", "mine"],
    ])
      await command([...git, ...words]);
    lines.push(`learner ${at},${fork}`);
  }
  writeFileSync(join(folder, "roster.csv"), lines.join("\n"));
  return join(folder, "roster.csv");
}

function rows(): number {
  if (!existsSync(ledger)) return 0;
  try {
    using file = new Database(ledger, { readwrite: true });
    return file.query<{ n: number }, []>("SELECT count(DISTINCT source) n FROM scores").get()!.n;
  } catch {
    return 0; // it is just being made
  }
}

async function killMidway(victim: Bun.Subprocess): Promise<void> {
  while (rows() < forks / 2 && victim.exitCode === null) await Bun.sleep(20);
  victim.kill("SIGKILL");
  await victim.exited;
}

async function scored(roster: string): Promise<void> {
  const words = ["score", "--roster", roster, "--no-timed", "--ledger", ledger, "--export", `csv=${csv}`];
  const coordinator = () =>
    run(process.execPath, CLI, ...words, ...(engine === "bullmq" ? ["--engine", engine, "--redis", address] : []));
  if (engine === "pool") {
    await killMidway(coordinator());
    await coordinator().exited;
    return;
  }
  run("redis-server", "--port", "0", "--unixsocket", address, "--dir", folder, "--save", "");
  while (!existsSync(address)) await Bun.sleep(20);
  const worker = () => run(process.execPath, CLI, "worker", "--redis", address);
  const all = Array.from({ length: workers }, worker);
  const over = coordinator();
  await killMidway(all[0]!);
  if (workers === 1) worker();
  await over.exited;
}

try {
  let since = performance.now();
  const lap = () => ((performance.now() - since) / 1000).toFixed(1);
  const roster = await makeForks();
  console.log(`${forks} forks made in ${lap()} s`);
  since = performance.now();
  await scored(roster);
  const names = readFileSync(csv, "utf8").match(/^learner \d+,/gm) ?? [];
  const katas = kataIds().length;
  console.log(
    `${engine}${engine === "bullmq" ? `, ${workers} workers` : ""}: ${forks} forks scored in ${lap()} s, with one kill`,
  );
  console.log(
    `${rows()} forks in the ledger; ${names.length} rows for ${new Set(names).size} learners and ${katas} katas`,
  );
  if (rows() !== forks || names.length !== forks * katas) process.exitCode = 1;
} finally {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
