// SPDX-License-Identifier: MIT
/** The parts of a proof: each named, timed, judged, and said again at the end if it failed. */
import { readFileSync } from "node:fs";
import { ROOT } from "../../harness/src/base/cache.ts";
import { table } from "./report.ts";

/** Of a long log only the end is read. */
const LAST_LINES = 60;

export class Parts {
  #passed = 0;
  readonly #failed: string[] = [];
  readonly #lastWords: string[] = [];
  readonly #spent: { name: string; wall_s: number; core_s: number }[] = [];

  /** One part that can fail: the answer of `work` is what is wrong, in lines. */
  async part(name: string, work: () => Promise<string[]>): Promise<void> {
    this.outcome(name, await this.timed(name, work));
  }

  /** Work with a line of its own in the table of where the time went. */
  async timed<T>(name: string, work: () => Promise<T>): Promise<T> {
    console.log(`\n── ${name}`);
    const [since, used_s] = [performance.now(), coreSeconds()];
    const answer = await work();
    this.#spent.push({ name, wall_s: (performance.now() - since) / 1000, core_s: coreSeconds() - used_s });
    return answer;
  }

  /** Notes whether something holds; `wrong` is what does not, and empty if nothing. */
  outcome(name: string, wrong: string[]): void {
    console.log(`${wrong.length === 0 ? "✓" : "✗"} ${name}`);
    if (wrong.length === 0) this.#passed++;
    else {
      this.#failed.push(name);
      this.#lastWords.push(`\n── ${name}, its last lines`, ...wrong.slice(-LAST_LINES));
    }
  }

  spentTable(): string {
    const sum = (of: "wall_s" | "core_s") => this.#spent.reduce((all, part) => all + part[of], 0);
    const all = { name: "all", wall_s: sum("wall_s"), core_s: sum("core_s") };
    const rows = [...this.#spent, all].filter(({ wall_s }) => wall_s >= 0.05);
    return table([
      ["where the time went", "wall s", "core s"],
      ...rows.map(({ name, wall_s, core_s }) => [name, wall_s.toFixed(1).padStart(6), core_s.toFixed(1).padStart(6)]),
    ]);
  }

  /** What failed, with its last lines, and the sum. True when nothing did. */
  summary(): boolean {
    for (const line of this.#lastWords) console.log(line);
    for (const name of this.#failed) console.log(`✗ ${name}`);
    console.log(`${this.#passed} passed, ${this.#failed.length} failed`);
    return this.#failed.length === 0;
  }
}

/** User and system time of this process and of all children that have ended. */
function coreSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100; // USER_HZ is 100 on Linux
}

const running = new Set<number>();

/** Each leads a process group of its own: whoever ends us, the command and what it has started end with us. */
process.on("exit", () => running.forEach(endGroup));

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGTERM");
  } catch {
    // it has just ended by itself
  }
}

/** Runs a command to its end, its output shown as it comes; the answer is that output where it failed. */
export async function run(argv: string[], cwd = ROOT): Promise<string[]> {
  const child = Bun.spawn(argv, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe", detached: true });
  running.add(child.pid);
  const lines: string[] = [];
  await Promise.all([shown(child.stdout, process.stdout, lines), shown(child.stderr, process.stderr, lines)]);
  const code = await child.exited;
  running.delete(child.pid);
  return code === 0 ? [] : [...lines, `it ended with ${code}`];
}

async function shown(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream, lines: string[]): Promise<void> {
  const text = new TextDecoder();
  let rest = "";
  for await (const bytes of from) {
    to.write(bytes);
    const parts = (rest + text.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
  }
  if (rest !== "") lines.push(rest);
}
