// SPDX-License-Identifier: MIT
/** The engine that needs nothing: so many forks at once in this process. What was scored before a kill is in the ledger. */
import { Slots } from "../base/slots.ts";
import { ATTEMPTS_MAX, BACKOFF_MS, unique, type Engine, type Job, type Outcome, type Work } from "./engine.ts";

export class Pool implements Engine {
  constructor(
    readonly work: Work,
    readonly slots: number,
    readonly backoff_ms = BACKOFF_MS,
  ) {}

  async run(jobs: Job[], onOutcome: (outcome: Outcome) => void): Promise<void> {
    const slots = new Slots(this.slots);
    const all = [...unique(jobs).values()];
    await Promise.all(all.map((job) => slots.use(() => this.#attempts(job)).then(onOutcome)));
  }

  async #attempts(job: Job): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return { job, score: await this.work(job) };
      } catch (error) {
        if (attempt === ATTEMPTS_MAX) return { job, fault: (error as Error).message };
        await Bun.sleep(this.backoff_ms * 2 ** (attempt - 1));
      }
    }
  }
}
