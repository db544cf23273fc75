// SPDX-License-Identifier: MIT
/** Our own commands, each in a process of its own: whoever calls one off ends all that it has started. */
import { join } from "node:path";
import type { News, Order } from "./grading-child.ts";

const CHILD = join(import.meta.dir, "grading-child.ts");
const CLI = join(import.meta.dir, "cli.ts");

export interface Background {
  /** Settles when it is over, or called off, and no process of it is left. */
  ended: Promise<void>;
  callOff(): void;
}

/** Starts a grading; `onNews` hears of each check as it is judged, of the end, and nothing once it is called off. */
export function startGrading(order: Order, onNews: (news: News) => void): Background {
  let wanted = true;
  const child = Bun.spawn([process.execPath, CHILD], {
    stdio: ["ignore", "ignore", "ignore"],
    env: process.env,
    ipc: (news: News) => {
      if (wanted) onNews(news);
    },
  });
  child.send(order);
  return {
    ended: child.exited.then(() => {}),
    callOff() {
      wanted = false;
      child.kill("SIGTERM");
    },
  };
}

/** `bun kata ...` with its output in this terminal. */
export function startCommand(words: string[]): Background {
  const child = Bun.spawn([process.execPath, CLI, ...words], {
    stdio: ["ignore", "inherit", "inherit"],
    env: process.env,
  });
  return { ended: child.exited.then(() => {}), callOff: () => child.kill("SIGTERM") };
}
