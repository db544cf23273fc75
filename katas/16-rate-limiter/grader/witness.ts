// SPDX-License-Identifier: MIT
/**
 * Whether a server that runs is slow for everybody, or for one caller alone: the grader asks it, too, while a call takes long.
 * A caller that wastes its time, or the server's, has nobody else to blame.
 */
import type { Stage } from "@c10kata/harness/stage";

/** In all, of a server that is asked some thousand times. */
const SERVER_CPU_S_MAX = 4;
/** They hold a server up that uses no CPU meanwhile. */
const HOLDS_UP = /^\w+stat_(?:debug|client\|pause|config\|)/m;

export class Witness {
  constructor(readonly stage: Stage) {}

  /** Waits for `call`, of which a part has `timeout_ms`. `slows`: the server has let others wait for half of that, too. */
  async during<T>(call: Promise<T>, timeout_ms: number): Promise<{ told: T; slows: boolean }> {
    const over = call.then(
      () => true,
      () => true,
    );
    let longest_ms = 0;
    const pause = (ms: number) => Promise.race([over, Bun.sleep(ms).then(() => false)]);
    for (let isOver = await pause(timeout_ms / 4); !isOver; isOver = await pause(timeout_ms / 16)) {
      const from_ms = performance.now();
      await Promise.race([over, this.#ask("PING")]);
      longest_ms = Math.max(longest_ms, performance.now() - from_ms);
    }
    const slows = longest_ms >= timeout_ms / 2 && !(await this.#isHeldUp());
    return { told: await call, slows };
  }

  async #isHeldUp(): Promise<boolean> {
    const [cpu, commands] = [await this.#ask("INFO", "cpu"), await this.#ask("INFO", "commandstats")];
    const used_s = [...cpu.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, seconds]) => Number(seconds));
    return used_s.reduce((sum, one) => sum + one, 0) > SERVER_CPU_S_MAX || HOLDS_UP.test(commands);
  }

  /** "": it does not answer, or not that. */
  async #ask(...words: string[]): Promise<string> {
    return await this.stage.redis.ask(...words).then(String, () => "");
  }
}
