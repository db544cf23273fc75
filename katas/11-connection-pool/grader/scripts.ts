// SPDX-License-Identifier: MIT
/** What 11-connection-pool answers on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { Model, type Limits } from "./model.ts";

const HOUR_NS = 3_600_000_000_000n;
const pool = { ref: "pool" };
const free: Step = { call: "conn_pool_free", args: [pool], show: "free()" };

const open = ({ size, idleMin, waitersMax, impatient }: Limits): Step => ({
  call: "script_new",
  args: [size, idleMin, waitersMax, impatient ? 0n : HOUR_NS],
  as: "pool",
  expect: "not NULL",
  show: `new(size_max ${size}, idle_min ${idleMin}, waiters_max ${waitersMax}, acquire_timeout ${impatient ? "0" : "1 h"})`,
});

type Command =
  | { acquire: true }
  | { release: number; broken: boolean }
  | { tend: true }
  | { fail: number }
  | { kill: number }
  | { close: true };

/** A list of calls with the answers that the model gives. What would wait is left out. */
class Story {
  readonly #model: Model;
  readonly #steps: Step[];

  constructor(limits: Limits) {
    this.#model = new Model(limits);
    this.#steps = [open(limits)];
  }

  do(command: Command): void {
    if ("acquire" in command) this.#acquire();
    else if ("release" in command) this.#release(command.release, command.broken);
    else if ("tend" in command) this.#call("script_tend", [], this.#model.tend(), "tend()");
    else if ("fail" in command) this.#fail(command.fail);
    else if ("kill" in command) this.#kill(command.kill);
    else this.#close();
  }

  #push(step: Step): void {
    this.#steps.push(step, {
      call: "script_stats",
      args: [pool],
      expect: { text: this.#model.stats() },
      show: "stats()",
    });
  }

  #call(call: string, args: (number | bigint)[], text: string, show: string): void {
    this.#push({ call, args: [pool, ...args], expect: { text }, show });
  }

  #acquire(): void {
    const { closed, full, idle, opens, limits } = this.#model;
    const waits = !closed && full && idle.length === 0 && limits.waitersMax > 0 && !limits.impatient;
    if (waits || (opens && limits.impatient)) return;
    this.#call("script_acquire", [], this.#model.acquire(), "acquire()");
  }

  #release(which: number, broken: boolean): void {
    const number = this.#model.out[which % (this.#model.out.length || 1)];
    if (number === undefined) return;
    const show = `release(c${number}${broken ? ", broken" : ""})`;
    this.#call("script_release", [number, broken ? 1 : 0], this.#model.release(number, broken), show);
  }

  #fail(opens: number): void {
    this.#model.failing = opens;
    this.#steps.push({ call: "script_fail", args: [opens], show: `the next ${opens} opens fail` });
  }

  #kill(which: number): void {
    const number = this.#model.idle[which % (this.#model.idle.length || 1)];
    if (number === undefined) return;
    this.#model.kill(number);
    this.#steps.push({ call: "script_kill", args: [number], show: `c${number} dies` });
  }

  /** With nothing out: else it would wait. */
  #close(): void {
    while (this.#model.out.length > 0) this.#release(0, false);
    const closes = BigInt(this.#model.close());
    this.#push({ call: "script_close", args: [pool], expect: closes, show: "close(), of which so many are closed" });
  }

  end(): Step[] {
    while (this.#model.out.length > 0) this.#release(0, false);
    return [...this.#steps, free];
  }
}

const acquire: Command = { acquire: true };
const tend: Command = { tend: true };
const close: Command = { close: true };
const release = (which: number, broken = false): Command => ({ release: which, broken });

/** A connection comes out, goes back, and comes out again. */
export const someConnection: ScriptCheck = {
  id: "some_connection",
  points: 5,
  ...once,
  plan() {
    const story = new Story({ size: 2, idleMin: 0, waitersMax: 0, impatient: false });
    for (const command of [acquire, release(0), acquire, acquire, release(0), release(0)]) story.do(command);
    return story.end();
  },
  lookAt: "conn_acquire, conn_release: where is a connection while nobody has it?",
};

const WORDS = 2n ** 64n;
/** Times 16 bytes, or 8, this is 0 in 64 bits; times 24 and so on it is a little more. */
const TOO_MANY = [2n ** 60n, 2n ** 61n, WORDS - 1n, ...[24n, 32n, 40n, 48n, 56n, 64n].map((size) => WORDS / size + 1n)];

const refused = (size: number | bigint, idleMin: number | bigint): Step => ({
  call: "script_new",
  args: [size, idleMin, 1, HOUR_NS],
  expect: null,
  show: `new(size_max ${size}, idle_min ${idleMin})`,
});

const twoPools: Step = {
  call: "script_two_pools",
  args: [],
  expect: { text: "its own; idle 1 and 0; opened and closed once: yes, yes" },
  show: "two pools of one connection each; both acquire, the first releases, the second releases a broken one; free()",
};

/** Limits that make no sense, and sizes that no memory could hold, are refused; other pools share nothing. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  points: 3,
  needs: "some_connection",
  ...once,
  plan: () => [
    ...[refused(0, 0), refused(1, 2), refused(0, 1), ...TOO_MANY.map((size) => refused(size, 1))],
    { call: "conn_pool_free", args: [null], show: "free(NULL)" },
    twoPools,
  ],
  lookAt: "conn_pool_new: what is the product of size_max and the size of what it counts?",
};

const commandsOf = fc.oneof(
  { weight: 6, arbitrary: fc.constant(acquire) },
  { weight: 4, arbitrary: fc.record({ release: fc.nat(4), broken: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant(tend) },
  { weight: 1, arbitrary: fc.record({ fail: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kill: fc.nat(4) }) },
);
const limitsOf = fc
  .record({
    size: fc.integer({ min: 1, max: 4 }),
    idle: fc.nat(4),
    waitersMax: fc.constantFrom(0, 0, 3),
    impatient: fc.boolean(),
  })
  .map(({ idle, ...rest }): Limits => ({ ...rest, idleMin: Math.min(idle, rest.size) }));

interface Tale {
  limits: Limits;
  commands: Command[];
}

const three = (part: Partial<Limits> = {}): Limits => ({
  size: 3,
  idleMin: 0,
  waitersMax: 0,
  impatient: false,
  ...part,
});
const tales: Tale[] = [
  // The one that became idle last comes first; one too many is refused at once.
  {
    limits: three(),
    commands: [acquire, acquire, acquire, acquire, release(1), release(1), release(0), acquire, acquire, acquire],
  },
  // Dead ones are closed on the way to one that is good, or to a new one.
  {
    limits: three(),
    commands: [acquire, acquire, acquire, release(0), release(0), release(0), { kill: 2 }, { kill: 1 }, acquire],
  },
  {
    limits: three({ size: 2 }),
    commands: [acquire, acquire, release(0), release(0), { kill: 0 }, { kill: 1 }, acquire, acquire, acquire],
  },
  // What is broken, and what fails to open, gives its place back.
  {
    limits: three({ size: 1 }),
    commands: [acquire, release(0, true), { fail: 2 }, acquire, acquire, acquire, acquire],
  },
  { limits: three({ size: 1 }), commands: [acquire, release(0), { kill: 0 }, { fail: 1 }, acquire, acquire] },
  // Housekeeping opens what is missing, and stops where an open fails, or where there is no room.
  {
    limits: three({ idleMin: 3 }),
    commands: [acquire, tend, { fail: 1 }, release(0, true), tend, tend, tend, acquire, acquire],
  },
  { limits: three({ idleMin: 2 }), commands: [tend, acquire, tend, acquire, acquire, tend, release(0), tend] },
  // With a timeout of 0 what is idle can be had, and nobody waits.
  {
    limits: three({ idleMin: 3, impatient: true, waitersMax: 1 }),
    commands: [tend, acquire, acquire, acquire, acquire, release(1), acquire],
  },
  { limits: three({ idleMin: 3, impatient: true }), commands: [tend, acquire, acquire, acquire, acquire] },
  // The end.
  { limits: three({ idleMin: 2 }), commands: [tend, acquire, release(0), close, acquire, tend, close, acquire] },
];

/** On one thread a pool answers as the model does. */
export const matchesModel: ScriptCheck<Tale> = {
  id: "matches_model",
  points: 7,
  needs: "some_connection",
  runs: 120,
  commands: fc
    .record({ limits: limitsOf, commands: fc.array(commandsOf, { maxLength: 40 }), closes: fc.boolean() })
    .map(({ limits, commands, closes }) => [
      { limits, commands: closes ? [...commands, close, acquire, tend] : commands },
    ]),
  always: tales.map((tale) => [tale]),
  plan([tale]) {
    const story = new Story(tale!.limits);
    for (const command of tale!.commands) story.do(command);
    return story.end();
  },
  lookAt: "for each of these calls write down which connections are idle, in which order, and how many places are free",
};
