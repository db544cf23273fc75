// SPDX-License-Identifier: MIT
/** A bun:ffi guest that is sent lists of calls, and what it answers. */
import { join } from "node:path";
import type { Ended, Printed } from "../kata/run.ts";
import { withWorkspace } from "../base/cache.ts";
import { confinement } from "../build/confinement.ts";
import type { Kata, Step } from "../kata/kata.ts";
import type { Frame } from "../guest/evidence.ts";
import { Guest, LIMITS, newNonce, type Limits } from "../guest/guest.ts";

const LIMITS_SCRIPT: Limits = { ...LIMITS, deadline_ms: 5_000 };

/** How one script went: every answer, or those before the guest ended. More than steps: not all are the guest's own. */
export interface Played {
  answers: string[];
  ended?: Ended;
  printed?: Printed;
}

/** A guest that executes many scripts, started anew after each one that it does not survive. */
export class ScriptSession {
  #guest: Promise<Guest> | undefined;
  #scripts = 0;
  #answers: string[] = [];
  #printed: Printed | undefined;
  #complete: () => void = () => {};
  /** Settles when the script that was asked for last is over. */
  #idle: Promise<unknown> = Promise.resolve();

  /** `sanitizer`: for a library of the asan build, its runtime and the runtime's options. */
  constructor(
    readonly library: string,
    readonly functions: Kata["functions"],
    readonly sanitizer?: { runtime: string; env: Record<string, string> },
  ) {}

  /**
   * Plays one script, after those that were asked for before: one that fast-check has given up at its time limit goes on
   * to its end.
   */
  play(steps: Step[]): Promise<Played> {
    const played = this.#idle.then(() => this.#play(steps));
    this.#idle = played.catch(() => {}); // whoever asked sees the error
    return played;
  }

  get limits(): Limits {
    return this.sanitizer ? { ...LIMITS_SCRIPT, address_bytes: null } : LIMITS_SCRIPT;
  }

  get #env(): Record<string, string> {
    return this.sanitizer ? { ...this.sanitizer.env, LD_PRELOAD: this.sanitizer.runtime } : {};
  }

  async #play(steps: Step[]): Promise<Played> {
    const guest = await (this.#guest ??= this.#start());
    this.#printed = undefined;
    this.#scripts++;
    guest.extendDeadline();
    guest.write(`${JSON.stringify(steps.map(withoutExpectations), bigintAsObject)}\n`);
    const complete = new Promise<void>((settle) => (this.#complete = settle));
    const ended = await Promise.race([complete, guest.ended]);
    if (ended) this.#guest = undefined;
    else guest.rest(); // the grader may have more to do than its deadline allows: to compile for a sanitizer, say
    const answers = this.#answers;
    if (!ended && answers.length !== steps.length) {
      guest.close(); // it is not the guest alone that speaks there
      this.#guest = undefined;
      await guest.ended;
    }
    this.#answers = []; // what comes from now on, nobody has asked for: it counts for the next script
    return { answers, printed: this.#printed, ...(ended && { ended }) };
  }

  /** Answers to no question, so far. */
  get stray(): number {
    return this.#answers.length;
  }

  /** Ends the guest in the ordinary way and says how that went. */
  async close(): Promise<Ended | undefined> {
    await this.#idle;
    const guest = await this.#guest;
    this.#guest = undefined;
    guest?.extendDeadline();
    guest?.finish();
    return guest?.ended;
  }

  /** A guest in a folder of its own. */
  async #start(): Promise<Guest> {
    this.#scripts = 0;
    const box = await confinement();
    const nonce = newNonce();
    const argv = [process.execPath, join(import.meta.dir, "../guest/child.ts"), this.library];
    return await new Promise((settle, reject) => {
      const life = withWorkspace((cwd) => {
        const options = { box, cwd, env: this.#env, onFrame: (frame: Frame) => this.#hear(frame) };
        const guest = Guest.start(argv, nonce, this.limits, options);
        guest.write(`${JSON.stringify(this.functions)}\n`);
        settle(guest);
        return guest.ended;
      });
      life.catch(reject); // what befalls it once it has started, its own `ended` tells
    });
  }

  #hear(frame: Frame): void {
    if (frame.kind === "printed") this.#printed = frame.printed;
    if (frame.kind !== "answer") return;
    if (frame.text === JSON.stringify({ script: this.#scripts })) this.#complete();
    else this.#answers.push(frame.text);
  }
}

function withoutExpectations(step: Step): Step {
  const { expect: _, show: __, words: ___, ...sent } = step as Extract<Step, { read: string }>;
  return sent as unknown as Step;
}

function bigintAsObject(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? { big: String(value) } : value;
}
