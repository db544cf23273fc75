// SPDX-License-Identifier: MIT
/** A list of calls as steps of a script, with the answers that the model gives. Pure. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { EVENTS, FAULTS, Model, type Clock, type Plan, type Plans, STEPS, validNs } from "./model.ts";

type Acquire = { acquire: number; name?: number; ttl_ms?: number; plans?: Plans };
type Renew = { renew: number; plans?: Plans };
type Release = { release: number; plans?: Plans };
export type Command =
  | Acquire
  | Renew
  | Release
  | { pass_us: number }
  | { restart: true }
  | { forgets: number }
  | { arrive: true }
  | { write: number };

/** Clocks that begin elsewhere, and are faster and slower than Redis': by 0.9 % at most. */
export const CLOCKS: Clock[] = [
  { offset_ns: 1_000_000_007n, ppm: 0 },
  { offset_ns: 2n ** 63n - 40_000_000n, ppm: 9_000 },
  { offset_ns: 77n, ppm: -9_000 },
];
export const NAMES = ["jobs", "a/much longer name, with spaces: and a % of it", "x"];
export const TTL_MS = 10_000;
const LEASES_MAX = 60;

/** Among EVENTS. */
const RESTART = 2;

const ms = (us: number) => `${us / 1000} ms`;

function wordsOf(step: string, plan: Plan): string {
  const before = [plan.pause_us ? `a pause of ${ms(plan.pause_us)}` : "", plan.event ? EVENTS[plan.event]! : ""];
  const fault = {
    none: "",
    error: "an error",
    odd: "carried out, and an odd reply",
    late: "no reply, and it arrives later",
  };
  const what = fault[plan.fault as keyof typeof fault] ?? plan.fault;
  const after = [plan.pause_after_us ? `a pause of ${ms(plan.pause_after_us)}` : ""];
  if (plan.event_after) after.push(EVENTS[plan.event_after]!);
  const list = (parts: string[]) => parts.filter(Boolean).join(", ");
  return `${step}: ${[list(before), what || "carried out", list(after)].filter(Boolean).join("; then ")}`;
}

/**
 * `whole`: the tokens come from the store, and are written with; `tokens`: when they are drawn is looked at. `keys` and `counts`:
 * what is wrong with a time, or with a key, is asked about as such.
 */
type Kind = "plain" | "tokens" | "whole" | "keys" | "counts";

const TIME = "when did the server begin to count, at the earliest, and when does this clock say so?";
const KEY = "whose key does each request of the call change, and which owner does it compare?";
const aboutTime = (expected: unknown) =>
  typeof expected === "string" && /valid for|ETIMEDOUT|nothing asked/.test(expected);

export class Story {
  readonly model = new Model(CLOCKS);
  readonly steps: Step[];
  readonly #got: number[] = [];
  #restarted = false;

  constructor(readonly kind: Kind = "plain") {
    const clocks = "client 1's clock 0.9 % fast, client 2's 0.9 % slow";
    this.steps = [{ call: "script_world", args: [kind === "whole" ? 1 : 0], show: `a Redis; ${clocks}` }];
    if (kind === "tokens") this.call("script_watch_tokens", [], null, "");
    for (const [i, { offset_ns, ppm }] of CLOCKS.entries())
      this.call("script_client", [i, offset_ns, ppm], "a client", "");
  }

  call(call: string, args: (number | bigint)[], expect: number | string | null, show: string): void {
    const expected = expect === null ? {} : { expect: typeof expect === "string" ? { text: expect } : expect };
    const lookAt = this.#question(call, expect);
    this.steps.push({ call, args, show, ...expected, ...(lookAt && { lookAt }) });
  }

  #question(call: string, expect: unknown): string | undefined {
    if (this.kind === "keys" && aboutTime(expect)) return TIME;
    return this.kind === "counts" && call === "script_key" ? KEY : undefined;
  }

  do(command: Command): void {
    if ("acquire" in command) this.#acquire(command);
    else if ("renew" in command) this.#renew(command);
    else if ("release" in command) this.#release(command);
    else if ("pass_us" in command) this.#pass(command.pass_us);
    else if ("restart" in command) this.#restart();
    else if ("forgets" in command) this.#forgets(command.forgets);
    else if ("arrive" in command) this.#arrive();
    else this.#write(command.write);
  }

  /**
   * In no call is a script forgotten for the second time: of a program that has loaded it again by then, and answers -EIO, and of one
   * that has sent it whole both are right.
   */
  #once(plans: Plans = {}): Plans {
    const once: Plans = {};
    for (const step of ["take", "number", "change"] as const) {
      const plan = plans[step];
      if (!plan) continue;
      const again = step === "change" && this.#restarted && plan.event === RESTART;
      once[step] = again ? { ...plan, event: 0 } : plan;
      if (plan.event === RESTART || plan.event_after === RESTART) this.#restarted = true;
    }
    return once;
  }

  #plan(plans: Plans = {}): string {
    const told: string[] = [];
    for (const [i, step] of STEPS.entries()) {
      const plan = plans[step];
      if (!plan) continue;
      const { pause_us, event, fault, pause_after_us, event_after } = plan;
      const args = [i, pause_us, event, FAULTS.indexOf(fault), pause_after_us, event_after];
      this.call("script_plan", args, null, `next, ${wordsOf(step, plan)}`);
      told.push(step);
    }
    return told.length ? " (planned above)" : "";
  }

  #acquire({ acquire: client, name = 0, ttl_ms = TTL_MS, plans: all }: Acquire): void {
    const number = this.model.leases.length;
    if (number >= LEASES_MAX) return;
    const plans = this.#once(reached(all));
    const planned = this.#plan(plans);
    const expected = this.model.acquire(client, name, ttl_ms, plans);
    if (expected.startsWith("0")) this.#got.push(number);
    const show = `lease ${number}: client ${client} acquires "${NAMES[name]}" for ${ttl_ms} ms${planned}`;
    this.call("script_acquire", [client, name, number, ttl_ms], expected, show);
    this.#key(name);
  }

  /** The nth of those that were got; undefined: none was. */
  #lease(nth: number): number | undefined {
    return this.#got[nth % (this.#got.length || 1)];
  }

  #renew({ renew, plans: all }: Renew): void {
    const number = this.#lease(renew);
    if (number === undefined) return;
    const { client, name } = this.model.leases[number]!;
    const plans = this.#once(all);
    const planned = this.#plan(plans);
    this.call("script_renew", [client, number], this.model.renew(number, plans), `renew(lease ${number})${planned}`);
    this.#key(name);
  }

  #release({ release, plans: all }: Release): void {
    const number = this.#lease(release);
    if (number === undefined) return;
    const { client, name } = this.model.leases[number]!;
    const plans = this.#once(all);
    const planned = this.#plan(plans);
    const expected = this.model.release(number, plans);
    this.call("script_release", [client, number], expected, `release(lease ${number})${planned}`);
    this.#key(name);
  }

  #key(name: number): void {
    this.call("script_key", [name], this.model.key(name), "");
  }

  #pass(us: number): void {
    this.model.now_us += us;
    this.call("script_pass", [us], null, `${ms(us)} pass`);
  }

  #restart(): void {
    this.#restarted = true;
    this.model.restart();
    this.call("script_restart", [], null, "Redis restarts, and has lost everything");
  }

  /** Whether it learns of the loss depends on how it asks: that it ends is all that is due. */
  #forgets(nth: number): void {
    const number = this.#lease(nth);
    if (number === undefined) return;
    const { client } = this.model.leases[number]!;
    const show = `renew(lease ${number}), and Redis restarts before each request`;
    this.call("script_renew_forgotten", [client, number], "-ESTALE or -EIO, after 6 requests at most", show);
    this.#restarted = true;
    this.model.restart();
    this.model.leases[number]!.until_ns = 0n;
  }

  #arrive(): void {
    if (!this.model.late) return;
    this.model.late();
    this.model.late = undefined;
    this.call("script_arrive", [], null, "the late request arrives");
    this.#key(0);
  }

  #write(write: number): void {
    const number = this.#lease(write);
    if (this.kind !== "whole" || number === undefined) return;
    const accepted = this.model.write(number);
    this.call("script_write", [number], accepted ? 1 : 0, `store_write(token of lease ${number})`);
    this.call("script_stored", [], this.model.stored, "");
  }

  counts(requests: number, numbers: number): void {
    this.call("script_counts", [], `${requests} requests, ${numbers} numbers`, "");
  }

  end(): Step[] {
    return [...this.steps, { call: "script_end", args: [], show: "free() of all" }];
  }
}

/**
 * Without what some right programs get to and others do not: a number when it is too late, and putting back what was refused; and
 * without a number that fails when it is too late as well, since either may be told.
 */
function reached({ take, change, number }: Plans = {}): Plans {
  const late = take && take.pause_us + take.pause_after_us > 0;
  const refused = take?.fault === "error";
  const atOnce = number && number.fault !== "none" ? { ...number, pause_us: 0, pause_after_us: 0 } : number;
  return { ...(take && { take }), ...(change && !refused && { change }), ...(atOnce && !late && { number: atOnce }) };
}

export const planOf = (commands: Command[], kind: Kind = "plain"): Step[] => {
  const story = new Story(kind);
  for (const command of commands) story.do(command);
  return story.end();
};

export const plan = (part: Partial<Plan> = {}): Plan => ({
  ...{ pause_us: 0, event: 0, fault: "none" as const, pause_after_us: 0, event_after: 0 },
  ...part,
});

/** How long a lease of TTL_MS is valid, in us of Redis' time, for a client whose clock is right. */
export const VALID_US = Number(validNs(TTL_MS) / 1000n);

/** A check that tries each of these lists, and as many others. */
export const stories = (
  { kind = "plain", ...check }: Pick<ScriptCheck<Command>, "id" | "points" | "commands" | "lookAt"> & { kind?: Kind },
  always: Command[][],
): ScriptCheck<Command> => ({
  needs: "first_lease",
  ...check,
  always,
  plan: (commands) => planOf(commands, kind),
});
