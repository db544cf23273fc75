// SPDX-License-Identifier: MIT
/** What the kernel says about a process and those that it started, and what follows from it for a deadline. */
import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** Of all threads, and of children that are over. */
  cpu_s: number;
  resident_bytes: number;
}

/** Of the process alone; null when it has just ended. */
export function usageOf(pid: number | string): Usage | null {
  const fields = statOf(`/proc/${pid}/stat`);
  if (!fields) return null;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { cpu_s: ticks / 100, resident_bytes: Number(fields[21]) * 4096 }; // USER_HZ is 100 on Linux
}

/** CPU time of a process and of its descendants; and is one of their threads on a CPU, or waiting for one or for a disk? */
export function familyOf(pid: number | string): { cpu_s: number; running: boolean } {
  const family = { cpu_s: usageOf(pid)?.cpu_s ?? 0, running: false };
  for (const thread of threadsOf(pid)) {
    family.running ||= /^[RD]/.test(statOf(`${thread}/stat`)?.[0] ?? "");
    for (const child of childrenOf(thread)) {
      const its = familyOf(child);
      family.cpu_s += its.cpu_s;
      family.running ||= its.running;
    }
  }
  return family;
}

/** Does every thread stand still, by a signal, until another one lets it go on? Also of one that has ended. */
export const isStopped = (pid: number | string) =>
  threadsOf(pid).every((thread) => /^[TZX]/.test(statOf(`${thread}/stat`)?.[0] ?? "X"));

/** The oldest; undefined where there is none (any more). */
export function firstChildOf(pid: number | undefined): number | undefined {
  const first = pid === undefined ? undefined : threadsOf(pid).flatMap(childrenOf)[0];
  return first === undefined ? undefined : Number(first);
}

const childrenOf = (thread: string) => (textOf(`${thread}/children`) ?? "").split(" ").filter(Boolean);

function threadsOf(pid: number | string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return []; // it has just ended
  }
}

/** From the state on: proc(5) counts them from 3. */
function statOf(path: string): string[] | undefined {
  const stat = textOf(path);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // it has just ended
  }
}

/** How a guest has fared from one moment on. */
export class Stretch {
  /** Counted by polls: while the grader itself is held up, no deadline comes nearer. */
  elapsed_ms = 0;
  readonly began = performance.now();
  #samples = 0;
  #running = 0;

  /** `cpu_s`: what it had used when the stretch began. */
  constructor(readonly cpu_s: number) {}

  sample(running: boolean): void {
    this.#samples++;
    if (running) this.#running++;
  }

  /** Did it want a CPU most of the times that it was looked at? */
  get running(): boolean {
    return 2 * this.#running >= this.#samples;
  }

  /**
   * It wanted a CPU, and got one for less than a quarter of `limit_ms`: the time that has gone by says nothing about it. (Right
   * programs need a twentieth of a deadline at most.)
   */
  starved(cpu_s: number, limit_ms: number): boolean {
    return this.running && 1000 * (cpu_s - this.cpu_s) < limit_ms / 4;
  }
}
