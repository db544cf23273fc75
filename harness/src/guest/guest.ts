// SPDX-License-Identifier: MIT
/**
 * Starts a guest, feeds it, enforces its limits, and kills its process group: the only module that starts learner
 * code. Whatever the guest does, `ended` settles within five deadlines and a few seconds, and nothing of it keeps running.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Duplex, Readable } from "node:stream";
import type { Box } from "../base/box.ts";
import { hashOf } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import type { Ended } from "../kata/run.ts";
import { Collector, type Frame } from "./evidence.ts";
import { BoxWords, commandOf, STATUS_DESCRIPTOR } from "./start.ts";
import { familyOf, firstChildOf, isStopped, Stretch, usageOf } from "./usage.ts";

export interface Limits {
  /** Without a sign of progress; longer with some, and where the machine has no CPU for the guest. */
  deadline_ms: number;
  /** Resident memory of the process; above it the guest is killed. */
  resident_bytes: number;
  /** Address space, enforced by the kernel; null where a sanitizer needs terabytes of it. */
  address_bytes: number | null;
}

export const LIMITS: Limits = {
  deadline_ms: 10_000,
  resident_bytes: 1 << 30,
  address_bytes: 8 * 2 ** 30,
};

export interface GuestOptions {
  /** What holds it; `await confinement()` is the best that there is here. */
  box: Box;
  env?: Record<string, string>;
  /** In a box an empty folder of its own, unless it is among `shares`. */
  cwd?: string;
  /** As boxed() has them. */
  sees?: string[];
  shares?: string[];
  rings?: boolean;
  onFrame?: (frame: Frame) => void;
}

const POLL_MS = 25;
/** One poll brings the deadline so much nearer at most: later than that, the grader itself was held up. */
const POLL_MS_MAX = 250;
/** A guest that is silent for so long is looked at, thread by thread, and again and again. */
const SILENT_MS = 300;
const SAMPLE_MS = 100;
/** So many deadlines at most for one request, however much progress it makes; and for one that gets no CPU. */
const DEADLINES_MAX = 3;
const DEADLINES_STARVED = 5;
/** For the first stack of a guest that is late, and then for each further one. */
const FIRST_STACK_MS = 4_000;
const NEXT_STACK_MS = 400;
/** For the last bytes of a guest that is gone. Only a process that hid from killSurvivors() makes this matter. */
const DRAIN_MS_MAX = 2_000;
/** Kept of standard output and error. */
const OUTPUT_BYTES = 1 << 18;
const EVIDENCE_BYTES_MAX = 128 << 20;
const live = new Set<Guest>();

/** A nonce for one run: frames of any other run, and frames made up beforehand, are recognised as foreign. */
export function newNonce(): string {
  return crypto.randomUUID();
}

/** What marks the processes of a run, in their environment, which they can read: the nonce does not follow from it. */
export const runOf = (nonce: string) => hashOf("run", nonce).slice(0, 32);

export class Guest {
  #ended!: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #collector: Collector;
  readonly #onFrame: GuestOptions["onFrame"];
  readonly #started = performance.now();
  #rests = false;
  /** Since it was started, or given its last request. */
  #asked = new Stretch(0);
  /** Since it was asked, or showed progress last. */
  #silent = new Stretch(0);
  #polled = performance.now();
  #sampled = 0;
  #by: Ended["by"] = "itself";
  #output: Buffer[] = [];
  #evidenceBytes = 0;
  /** Frames; and so many when it was polled last. */
  #seen = 0;
  #seenBefore = 0;
  #atDeadline: Ended["sinceProgress"] | undefined;
  #residentPeak = 0;
  #cpu_s = 0;
  #boxed: number | undefined;
  #timers: Timer[] = [];

  private constructor(
    readonly limits: Limits,
    child: ChildProcess,
    nonce: string,
    onFrame: GuestOptions["onFrame"],
    /** What the box says of how it went. */
    readonly box?: BoxWords,
  ) {
    this.#child = child;
    this.#collector = new Collector(nonce);
    this.#onFrame = onFrame;
  }

  /** Starts a process of its own, and watches it. */
  static start(argv: string[], nonce: string, limits: Limits, options: GuestOptions): Guest {
    const { made } = options.box;
    const { words, env, cwd } = commandOf(argv, runOf(nonce), limits, options);
    const child = spawn(words[0]!, words.slice(1), {
      detached: true, // a session and process group of its own
      stdio: ["pipe", "pipe", "pipe", "pipe", ...(made ? (["pipe"] as const) : [])],
      env,
      ...(cwd && { cwd }),
    });
    const guest = new Guest(limits, child, nonce, options.onFrame, made && new BoxWords());
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

  /** For a guest that lives for many requests: it waits for the next one, and no deadline passes. */
  rest(): void {
    this.#rests = true;
  }

  /** The deadline starts anew, for the next request. */
  extendDeadline(): void {
    this.#rests = false;
    this.#asked = new Stretch(this.#cpu_s);
    this.#silent = new Stretch(this.#cpu_s);
  }

  /** Stops the program and all its threads until it is resumed; settles when the kernel says that it stands still. */
  async pause(): Promise<void> {
    this.#signal("SIGSTOP");
    while (this.#by === "itself" && !isStopped(this.#subject)) await Bun.sleep(1);
  }

  resume(): void {
    this.#signal("SIGCONT");
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
    const told = child.stdio[STATUS_DESCRIPTOR] as Duplex | undefined;
    told?.on("data", (chunk: Buffer) => this.box!.add(chunk)).on("error", () => {});
    channel.write(nonce); // the guest takes it before any code of the learner's runs
    this.#timers = [setInterval(() => this.#poll(), POLL_MS)];
    const drained = Promise.all([child.stdout!, child.stderr!, channel, ...(told ? [told] : [])].map(untilEnd));
    const { code, signal } = await over.finally(() => this.#timers.splice(0).forEach((timer) => clearTimeout(timer)));

    const survivors = this.box ? 0 : killSurvivors(child.pid!, runOf(nonce)); // the kernel ends all of a box
    const patience = new Promise((settle) => this.#timers.push(setTimeout(settle, DRAIN_MS_MAX)));
    await Promise.race([drained, patience]); // the last frames; nobody holds the pipes any more
    this.#timers.forEach((timer) => clearTimeout(timer));
    live.delete(this);
    const ended = this.#summary(code, signal, survivors);
    return this.box ? this.box.applied(ended) : ended;
  }

  #summary(code: number | null, signal: string | null, survivors: number): Ended {
    return {
      by: this.#by,
      code,
      signal,
      output: Buffer.concat(this.#output).subarray(-OUTPUT_BYTES).toString("utf8"),
      collected: this.#collector.collected,
      seconds: (performance.now() - this.#started) / 1000,
      sinceProgress: this.#atDeadline ?? this.#sinceProgress(),
      resident_peak_bytes: this.#residentPeak,
      survivors,
    };
  }

  #sinceProgress(): Ended["sinceProgress"] {
    return {
      cpu_s: this.#cpu_s - this.#silent.cpu_s,
      wall_s: (performance.now() - this.#silent.began) / 1000,
      running: this.#silent.running,
      starved: this.#isStarved(),
    };
  }

  #addOutput(chunk: Buffer): void {
    this.#output.push(chunk);
    const size = this.#output.reduce((sum, { length }) => sum + length, 0);
    if (size > 2 * OUTPUT_BYTES) this.#output = [Buffer.concat(this.#output).subarray(-OUTPUT_BYTES)];
  }

  #addEvidence(chunk: Buffer): void {
    this.#evidenceBytes += chunk.length;
    if (this.#evidenceBytes > EVIDENCE_BYTES_MAX) {
      this.#collector.collected.malformed ??= "more than any driver sends";
    }
    for (const frame of this.#collector.feed(chunk)) {
      if (!["crash", "stack", "printed"].includes(frame.kind)) this.#seen++;
      this.#onFrame?.(frame);
    }
    if (this.#collector.collected.malformed !== undefined) this.#kill("forgery"); // nothing it says counts any more
  }

  /** Reads what the kernel counts: CPU time for the deadline, resident memory for the limit. */
  #poll(): void {
    const now = performance.now();
    const elapsed_ms = Math.min(now - this.#polled, POLL_MS_MAX);
    this.#polled = now;
    const usage = usageOf(this.#subject);
    if (!usage) return; // it has just ended
    this.#cpu_s = Math.max(this.#cpu_s, usage.cpu_s);
    this.#residentPeak = Math.max(this.#residentPeak, usage.resident_bytes);
    if (usage.resident_bytes > this.limits.resident_bytes) this.#kill("resident");
    if (this.#by !== "itself" || this.#rests) return;
    if (this.#seen !== this.#seenBefore) this.#silent = new Stretch(this.#cpu_s);
    this.#seenBefore = this.#seen;
    for (const stretch of [this.#asked, this.#silent]) stretch.elapsed_ms += elapsed_ms;
    if (this.#silent.elapsed_ms > SILENT_MS && now - this.#sampled > SAMPLE_MS) this.#sample(now);
    if (this.#isLate()) this.#deadline();
  }

  /** The program's own process. In a box it is a child of the first one, which is a child of bubblewrap's. */
  get #subject(): number {
    if (!this.box) return this.#child.pid!;
    return (this.#boxed ??= firstChildOf(firstChildOf(this.#child.pid))) ?? this.#child.pid!;
  }

  #sample(now: number): void {
    const { cpu_s, running } = familyOf(this.#subject);
    this.#cpu_s = Math.max(this.#cpu_s, cpu_s);
    this.#silent.sample(running);
    this.#asked.sample(running);
    this.#sampled = now;
  }

  /** Progress puts the deadline off, and so does a machine on which the guest waits for a CPU: to a limit. */
  #isLate(): boolean {
    const { deadline_ms } = this.limits;
    const over = (stretch: Stretch, ms: number) => stretch.elapsed_ms >= ms && !stretch.starved(this.#cpu_s, ms);
    return over(this.#silent, deadline_ms) || over(this.#asked, DEADLINES_MAX * deadline_ms) || this.#isStarved();
  }

  #isStarved(): boolean {
    return this.#asked.elapsed_ms >= DEADLINES_STARVED * this.limits.deadline_ms;
  }

  /** A grader that was held up itself first reads what has come meanwhile. */
  #deadline(): void {
    setImmediate(() => {
      if (this.#seen !== this.#seenBefore) this.#poll();
      else if (this.#by === "itself" && this.#isLate()) this.#askStacks();
    });
  }

  /** Asks every thread for its stack, then kills. */
  #askStacks(): void {
    this.#by = "deadline";
    this.#atDeadline = this.#sinceProgress();
    this.#signal("SIGUSR2");
    this.#awaitStacks(performance.now());
  }

  #awaitStacks(since: number): void {
    const { stacks } = this.#collector.collected;
    const before = stacks.length;
    const go = () => {
      const over = before > 0 ? stacks.length === before : performance.now() - since > FIRST_STACK_MS;
      if (over) this.#kill("deadline");
      else this.#awaitStacks(since);
    };
    this.#timers.push(setTimeout(go, NEXT_STACK_MS));
  }

  #signal(name: NodeJS.Signals): void {
    try {
      process.kill(this.#subject, name);
    } catch {
      // gone already: the exit event is on its way
    }
  }

  #kill(by: Ended["by"]): void {
    if (this.#by === "itself" || this.#by === "deadline") this.#by = by;
    // With a box's first process all of it ends, and bubblewrap, which lives on, collects it: nobody else may.
    const first = this.box && firstChildOf(this.#child.pid);
    if (first) killOne(first);
    else killGroup(this.#child.pid!);
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

const killGroup = (leader: number) => killOne(-leader);

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // nobody is left of it
  }
}

/**
 * After the guest itself has ended: ends its children, also those that left its group. They are known by the run's
 * mark in their environment, or by the group. The answer is how many there were.
 */
function killSurvivors(leader: number, run: string): number {
  const seen = new Set<number>();
  // Two looks in a row must find nobody: during one, a child can start another and end.
  for (let round = 0, quiet = 0; round < 20 && quiet < 2; round++) {
    const marked = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOf(name, leader, run));
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

/** Does a living process belong to the run? */
function isOf(pid: string, leader: number, run: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return false;
    return Number(group) === leader || readFileSync(`/proc/${pid}/environ`, "latin1").includes(`C10KATA_RUN=${run}`);
  } catch {
    return false; // gone, or another user's
  }
}
