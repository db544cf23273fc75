// SPDX-License-Identifier: MIT
/** What 01-thread-pool answers on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";

const STATUSES = ["POOL_OK", "POOL_FULL", "POOL_TIMEOUT", "POOL_CLOSED"] as const;
type Status = (typeof STATUSES)[number];
const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];

const SETUP: Step[] = [
  { call: "script_begin", args: [], show: "" },
  ...STATUSES.map((as, at): Step => ({ call: "script_status", args: [at], as, show: "" })),
];
const named = (letter: string): Step => ({ call: "script_job", args: [LETTERS.indexOf(letter)], as: letter, show: "" });
const pool = { ref: "pool" };

const open = (workers: number, capacity: number): Step => ({
  call: "pool_new",
  args: [workers, capacity],
  as: "pool",
  expect: "not NULL",
  show: `pool_new(${workers}, ${capacity})`,
});
const waitIdle: Step = { call: "pool_wait_idle", args: [pool], show: "wait_idle()" };
const free: Step = { call: "pool_free", args: [pool], show: "free()" };
const shutdown = (how: number, call = "pool_shutdown", expect = 0): Step => ({
  call,
  args: [pool, how],
  expect: BigInt(expect),
  show: `shutdown(${how === 1 ? "DISCARD" : "DRAIN"})`,
});
const closedMeanwhile: Step = {
  call: "script_while_closing",
  args: [],
  expect: { ref: "POOL_CLOSED" },
  show: "another thread's try_submit() while that shutdown waited",
};
const ranCount = (n: number): Step => ({ call: "script_ran", args: [], expect: BigInt(n), show: "jobs that ran" });
const ranNth = (n: number, letter: string): Step => ({
  call: "script_nth",
  args: [n],
  expect: { ref: letter },
  show: `job that ran as number ${n + 1}`,
});

/** A job goes in, and runs. */
export const someJobRuns: ScriptCheck = {
  id: "some_job_runs",
  points: 5,
  ...once,
  plan: () => [
    ...SETUP,
    named("a"),
    open(1, 4),
    { call: "script_submit", args: [pool, { ref: "a" }], expect: { ref: "POOL_OK" }, show: "submit(a)" },
    { call: "script_await", args: [], show: "a runs" },
    ranNth(0, "a"),
    shutdown(0),
    free,
  ],
  lookAt: "pool_new, pool_submit: which thread runs the job, and how does it learn that there is one?",
};

const refused = (workers: number | bigint, capacity: number | bigint): Step => ({
  call: "pool_new",
  args: [workers, capacity],
  expect: null,
  show: `pool_new(${workers}, ${capacity})`,
});
const WORDS = 2n ** 64n;
/** Times 16 bytes, or 8, this is 0 in 64 bits; times 24 and so on it is a little more. */
const TOO_MANY = [2n ** 60n, 2n ** 61n, WORDS - 1n, ...[24n, 32n, 40n, 48n].map((size) => WORDS / size + 1n)];
/** What 32 bits do not hold: NULL is an answer, and so is a queue that holds a few hundred. */
const LONG: Step = {
  call: "script_has_room",
  args: [2n ** 32n + 1n],
  expect: true,
  show: `pool = pool_new(1, ${2n ** 32n + 1n}), and if that is not NULL, 200 jobs go in behind one that waits`,
};

/** Zero, and numbers that no memory could hold, are refused; freeing NULL does nothing. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  points: 3,
  needs: "some_job_runs",
  ...once,
  plan: () => [
    refused(0, 1),
    refused(1, 0),
    ...TOO_MANY.flatMap((many) => [refused(1, many), refused(many, 1)]),
    ...SETUP,
    LONG,
    { call: "pool_free", args: [null], show: "free(NULL)" },
  ],
  lookAt: "pool_new: what is the product of these numbers and the size of what they count?",
};

type Call = "submit" | "try_submit" | "submit_within";
type Command = { submit: Call; timeout: bigint } | { plug: true } | { fill: true } | { idle: true } | { stop: number };

const timeouts = fc.constantFrom(0n, 1n, 1_000_000_000n, 2n ** 63n, 2n ** 64n - 1n);
const submits = fc.record({
  submit: fc.constantFrom<Call>("submit", "try_submit", "submit_within"),
  timeout: timeouts,
});
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: submits },
  { weight: 3, arbitrary: fc.constant({ plug: true as const }) },
  { weight: 3, arbitrary: fc.constant({ fill: true as const }) },
  { weight: 2, arbitrary: fc.constant({ idle: true as const }) },
  { weight: 1, arbitrary: fc.record({ stop: fc.nat(1) }) },
);

interface Size {
  workers: number;
  capacity: number;
}

/**
 * With every worker plugged by a job that waits, exactly `capacity` jobs are accepted, by whichever call; the answers
 * before and after a shutdown, and the order in which one worker runs its jobs, are known.
 */
export const matchesModel: ScriptCheck<Size | Command> = {
  id: "matches_model",
  points: 5,
  needs: "some_job_runs",
  runs: 120,
  commands: fc
    .tuple(
      fc.record({ workers: fc.integer({ min: 1, max: 3 }), capacity: fc.integer({ min: 1, max: 5 }) }),
      fc.array(command, { maxLength: 24 }),
    )
    .map(([size, commands]) => [size, ...commands]),
  plan: (commands) => new Plan(commands[0] as Size).steps(commands.slice(1) as Command[]),
  lookAt:
    "each `plug()` is a job per worker that waits, so all that follows stays in the queue until wait_idle() or shutdown()",
};

/** The model: what is queued behind the plugs, what has run, and whether the pool is closed. */
class Plan {
  #steps: Step[] = [...SETUP];
  #queued: string[] = [];
  #ran: string[] = [];
  #used = 0;
  #plugged = false;
  #closed = false;

  constructor(readonly size: Size) {
    this.#steps.push(open(size.workers, size.capacity));
  }

  steps(commands: Command[]): Step[] {
    for (const command of commands) {
      if ("submit" in command) this.#submit(command.submit, command.timeout);
      else if ("plug" in command) this.#plug();
      else if ("fill" in command) this.#fillAndTry();
      else if ("idle" in command) this.#idle();
      else this.#stop(command.stop);
    }
    if (!this.#closed) this.#idle();
    return [...this.#steps, free];
  }

  get #full(): boolean {
    return this.#queued.length >= this.size.capacity;
  }

  /** Where workers are free nobody can say how much room there is: those submits are left out. */
  #submit(call: Call, timeout_ns: bigint): void {
    const letter = LETTERS[this.#used];
    if (letter === undefined || !(this.#plugged || this.#closed)) return;
    const would = this.#closed
      ? "POOL_CLOSED"
      : !this.#full
        ? "POOL_OK"
        : call === "try_submit"
          ? "POOL_FULL"
          : "POOL_TIMEOUT";
    const waits = would === "POOL_TIMEOUT" && (call === "submit" || timeout_ns > 1n);
    if (!waits) this.#call(letter, call, timeout_ns, would);
  }

  #call(letter: string, call: Call, timeout_ns: bigint, status: Status): void {
    const timed = call === "submit_within";
    this.#used++;
    if (status === "POOL_OK") this.#queued.push(letter);
    this.#steps.push(named(letter), {
      call: `script_${call}`,
      args: [pool, { ref: letter }, ...(timed ? [timeout_ns] : [])],
      expect: { ref: status },
      show: `${call}(${letter}${timed ? `, ${timeout_ns} ns` : ""})`,
    });
  }

  #plug(): void {
    if (this.#plugged || this.#closed) return;
    this.#plugged = true;
    this.#steps.push({ call: "script_plug", args: [pool, this.size.workers], show: "plug()" });
  }

  /** As many jobs as there is room for, behind plugs; by turns with the two calls that must not wait where there is. */
  #fill(): void {
    if (!this.#plugged || this.#used + this.size.capacity > LETTERS.length) return;
    for (let call: Call = "submit_within"; !this.#full; call = call === "try_submit" ? "submit_within" : "try_submit")
      this.#call(LETTERS[this.#used]!, call, 0n, "POOL_OK");
  }

  /** A full queue is where the answers of the calls that do not wait differ. */
  #fillAndTry(): void {
    this.#fill();
    if (!this.#full) return;
    this.#submit("try_submit", 0n);
    this.#submit("submit_within", 0n);
  }

  #idle(): void {
    if (this.#plugged) this.#steps.push({ call: "script_unplug", args: [], show: "unplug()" });
    this.#plugged = false;
    this.#steps.push(waitIdle);
    this.#allRan();
  }

  #allRan(): void {
    const before = this.#ran.length;
    this.#ran.push(...this.#queued);
    this.#queued = [];
    this.#steps.push(ranCount(this.#ran.length));
    if (this.size.workers === 1)
      this.#ran.slice(before).forEach((letter, at) => this.#steps.push(ranNth(before + at, letter)));
  }

  /** Behind plugs the queue is filled first: then nobody's submit can slip in before the pool is closed. */
  #stop(how: number): void {
    const plugged = this.#plugged;
    this.#fill();
    if (plugged && !this.#full) return;
    const first = !this.#closed;
    const dropped = how === 1 && first ? this.#queued.length : 0;
    this.#steps.push(shutdown(how, plugged ? "script_shutdown" : "pool_shutdown", dropped));
    if (plugged) this.#steps.push(closedMeanwhile);
    this.#plugged = false;
    this.#closed = true;
    if (dropped > 0) this.#queued = [];
    this.#allRan();
  }
}
