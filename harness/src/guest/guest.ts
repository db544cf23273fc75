// SPDX-License-Identifier: MIT
/**
 * Starts a guest, feeds it, enforces its limits, and kills its process group: the only module that starts learner
 * code. Whatever the guest does, `ended` settles within the deadline and a second, and nothing of it keeps running.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { readdirSync, readFileSync } from "node:fs";
import type { Duplex, Readable } from "node:stream";
import { Unusable } from "../base/command.ts";
import type { Ended } from "../kata/run.ts";
import { Collector, type Frame } from "./evidence.ts";

export interface Limits {
  /** Without a sign of progress; three times as long at most. */
  deadline_ms: number;
  /** Resident memory of the process; above it the guest is killed. */
  resident_bytes: number;
  /** Address space, enforced by the kernel; null where a sanitizer needs terabytes of it. */
  address_bytes: number | null;
  /** Standard output and error together. */
  output_bytes: number;
}

export const LIMITS: Limits = {
  deadline_ms: 10_000,
  resident_bytes: 1 << 30,
  address_bytes: 8 * 2 ** 30,
  output_bytes: 1 << 20,
};

export interface GuestOptions {
  env?: Record<string, string>;
  cwd?: string;
  onFrame?: (frame: Frame) => void;
}

const POLL_MS = 25;
/** So many deadlines at most for one request, however much progress it makes. */
const DEADLINES_MAX = 3;
const STACKS_WAIT_MS = 400;
/** For the last bytes of a guest that is gone. Only a process that hid from killSurvivors() makes this matter. */
const DRAIN_MS_MAX = 2_000;
const EVIDENCE_BYTES_MAX = 128 << 20;
const live = new Set<Guest>();

/** A nonce for one run: frames of any other run, and frames made up beforehand, are recognised as foreign. */
export function newNonce(): string {
  return crypto.randomUUID();
}

export class Guest {
  #ended!: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #collector: Collector;
  readonly #onFrame: GuestOptions["onFrame"];
  readonly #started = performance.now();
  /** When it was started, or given its last request. */
  #asked = performance.now();
  #by: Ended["by"] = "itself";
  #output: Buffer[] = [];
  #outputBytes = 0;
  #evidenceBytes = 0;
  #progress = { cpu_s: 0, at: performance.now(), seen: 0 };
  #atDeadline: Ended["sinceProgress"] | undefined;
  #residentPeak = 0;
  #cpu_s = 0;
  #timers: Timer[] = [];

  private constructor(
    readonly limits: Limits,
    child: ChildProcess,
    nonce: string,
    onFrame: GuestOptions["onFrame"],
  ) {
    this.#child = child;
    this.#collector = new Collector(nonce);
    this.#onFrame = onFrame;
  }

  /** Starts a process of its own, and watches it. */
  static start(argv: string[], nonce: string, limits: Limits, options: GuestOptions = {}): Guest {
    const address = limits.address_bytes === null ? [] : [`--as=${limits.address_bytes}`];
    const child = spawn(Bun.which("prlimit") ?? "prlimit", ["--core=0", ...address, "--", ...argv], {
      detached: true, // a session and process group of its own
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      env: { ...options.env, C10KATA_RUN: nonce, C10KATA_GRADER: String(process.pid) },
      ...(options.cwd && { cwd: options.cwd }),
    });
    const guest = new Guest(limits, child, nonce, options.onFrame);
    live.add(guest);
    guest.#ended = guest.#watch(nonce);
    return guest;
  }

  /** Settles when it is over and nothing of it is left. Rejects with Unusable when it could not be started. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Sends bytes to the guest's standard input; a guest that is gone ignores them. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends the guest's input: a scripted guest then says its last frame and exits. */
  finish(): void {
    this.#child.stdin?.end();
  }

  /** The deadline starts anew: for a guest that lives for many requests. */
  extendDeadline(): void {
    this.#asked = performance.now();
    this.#progress = { cpu_s: this.#cpu_s, at: performance.now(), seen: this.#progress.seen };
    clearTimeout(this.#timers[0]);
    this.#timers[0] = setTimeout(() => this.#deadline(), this.limits.deadline_ms);
  }

  /** Ends the guest now; `ended` says `by: "closed"`. */
  close(): void {
    this.#kill("closed");
  }

  async #watch(nonce: string): Promise<Ended> {
    const child = this.#child;
    const over = new Promise<{ code: number | null; signal: string | null }>((settle, reject) => {
      child.once("error", (error) => reject(new Unusable(`cannot start a guest: ${error.message}`)));
      child.once("exit", (code, signal) => settle({ code, signal }));
    });
    if (child.pid === undefined) await over.finally(() => live.delete(this)); // there are no streams either
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => this.#addOutput(chunk));
    child.stdin?.on("error", () => {}); // EPIPE: the guest is gone, and `ended` will say so
    const channel = child.stdio[3] as Duplex;
    channel.on("data", (chunk: Buffer) => this.#addEvidence(chunk));
    channel.on("error", () => {});
    this.#timers = [
      setTimeout(() => this.#deadline(), this.limits.deadline_ms),
      setInterval(() => this.#poll(), POLL_MS),
    ];
    const drained = Promise.all([child.stdout!, child.stderr!, channel].map(untilEnd));
    const { code, signal } = await over.finally(() => this.#timers.splice(0).forEach((timer) => clearTimeout(timer)));

    const survivors = killSurvivors(child.pid!, nonce);
    const patience = new Promise((settle) => this.#timers.push(setTimeout(settle, DRAIN_MS_MAX)));
    await Promise.race([drained, patience]); // the last frames; nobody holds the pipes any more
    this.#timers.forEach((timer) => clearTimeout(timer));
    live.delete(this);
    return this.#summary(code, signal, survivors);
  }

  #summary(code: number | null, signal: string | null, survivors: number): Ended {
    return {
      by: this.#by,
      code,
      signal,
      output: Buffer.concat(this.#output).toString("utf8"),
      collected: this.#collector.collected,
      seconds: (performance.now() - this.#started) / 1000,
      sinceProgress: this.#atDeadline ?? this.#sinceProgress(),
      resident_peak_bytes: this.#residentPeak,
      survivors,
    };
  }

  #sinceProgress(): Ended["sinceProgress"] {
    return {
      cpu_s: this.#cpu_s - this.#progress.cpu_s,
      wall_s: (performance.now() - this.#progress.at) / 1000,
      running: false,
    };
  }

  #addOutput(chunk: Buffer): void {
    const room = this.limits.output_bytes - this.#outputBytes;
    this.#outputBytes += chunk.length;
    if (room > 0) this.#output.push(chunk.subarray(0, room));
    if (this.#outputBytes > this.limits.output_bytes) this.#kill("output");
  }

  #addEvidence(chunk: Buffer): void {
    this.#evidenceBytes += chunk.length;
    if (this.#evidenceBytes > EVIDENCE_BYTES_MAX) {
      this.#collector.collected.malformed ??= "more than any driver sends";
    }
    for (const frame of this.#collector.feed(chunk)) {
      if (frame.kind !== "crash" && frame.kind !== "stack") this.#progress.seen++;
      this.#onFrame?.(frame);
    }
    if (this.#collector.collected.malformed !== undefined) this.#kill("forgery"); // nothing it says counts any more
  }

  #lastSeen = 0;

  /** Reads what the kernel counts: CPU time for telling stuck from slow, resident memory for the limit. */
  #poll(): void {
    let fields: string[];
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "latin1");
      fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    } catch {
      return; // it has just ended
    }
    this.#cpu_s = (Number(fields[11]) + Number(fields[12])) / 100; // USER_HZ is 100 on Linux
    const resident = Number(fields[21]) * 4096;
    this.#residentPeak = Math.max(this.#residentPeak, resident);
    if (this.#progress.seen !== this.#lastSeen) {
      this.#lastSeen = this.#progress.seen;
      this.#progress = { cpu_s: this.#cpu_s, at: performance.now(), seen: this.#lastSeen };
    }
    if (resident > this.limits.resident_bytes) this.#kill("resident");
  }

  /**
   * A grader that was held up itself first reads what has come meanwhile. Progress puts the deadline off, to a limit: on
   * a busy machine a guest is slow to start and then goes on.
   */
  #deadline(): void {
    const timer = this.#timers[0];
    setImmediate(() => {
      if (timer !== this.#timers[0] || this.#by !== "itself") return;
      this.#poll();
      const { deadline_ms } = this.limits;
      const left_ms = this.#progress.at + deadline_ms - performance.now();
      const overdue = performance.now() - this.#asked > DEADLINES_MAX * deadline_ms;
      if (overdue || left_ms < POLL_MS) return this.#askStacks();
      this.#timers[0] = setTimeout(() => this.#deadline(), left_ms);
    });
  }

  /** Asks every thread for its stack, then kills. */
  #askStacks(): void {
    this.#poll();
    this.#by = "deadline";
    this.#atDeadline = { ...this.#sinceProgress(), running: anyThreadRuns(this.#child.pid!) };
    try {
      process.kill(this.#child.pid!, "SIGUSR2");
    } catch {
      // gone already: the exit event is on its way
    }
    this.#timers.push(setTimeout(() => this.#kill("deadline"), STACKS_WAIT_MS));
  }

  #kill(by: Ended["by"]): void {
    if (this.#by === "itself" || this.#by === "deadline") this.#by = by;
    killGroup(this.#child.pid!);
  }
}

/** Settles when everything in the stream has been read. A child's own "close" event does not wait for descriptor 3. */
function untilEnd(stream: Readable): Promise<void> {
  return new Promise((settle) => {
    stream.once("end", settle);
    stream.once("close", settle);
  });
}

/** Ends every guest that is still there: for Ctrl-C and the like. */
export function closeAllGuests(): void {
  for (const guest of live) guest.close();
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // nobody is left in it
  }
}

/**
 * After the guest itself has ended: ends its children, also those that left its group. They are known by the run's
 * nonce in their environment, or by the group. The answer is how many there were.
 */
function killSurvivors(leader: number, nonce: string): number {
  const seen = new Set<number>();
  // Two looks in a row must find nobody: during one, a child can beget another and end.
  for (let round = 0, quiet = 0; round < 20 && quiet < 2; round++) {
    const marked = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOf(name, leader, nonce));
    killGroup(leader);
    quiet = marked.length === 0 ? quiet + 1 : 0;
    for (const pid of marked.map(Number)) {
      seen.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended between the look and the kill
      }
    }
  }
  return seen.size;
}

/** On a busy machine a thread that would run gets next to no CPU time: its state tells, the time does not. */
function anyThreadRuns(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "latin1");
      return stat.slice(stat.lastIndexOf(")") + 2).startsWith("R");
    });
  } catch {
    return false; // it has just ended
  }
}

/** Does a living process belong to the run? */
function isOf(pid: string, leader: number, nonce: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return false;
    return Number(group) === leader || readFileSync(`/proc/${pid}/environ`, "latin1").includes(`C10KATA_RUN=${nonce}`);
  } catch {
    return false; // gone, or another user's
  }
}

/** SIGSEGV for 11, and so on. */
export function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
