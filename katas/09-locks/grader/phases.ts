// SPDX-License-Identifier: MIT
/** The readers-writer lock, one call at a time: phases of readers between writers. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { playCheck, threadName, type Turn, type Wrong } from "./moves.ts";

const unlock = "rw_read_unlock and rw_write_unlock";

/** The threads that have the lock and those that wait, in the order in which they came. */
interface State {
  writer: number | undefined;
  readers: Set<number>;
  waiting: { actor: number; writes: boolean }[];
}

function rules() {
  const state: State = { writer: undefined, readers: new Set(), waiting: [] };
  return (turn: Turn): Wrong | undefined => {
    const { waiting } = state;
    const waits = (writes: boolean) => waiting.filter((one) => one.writes === writes).map(({ actor }) => actor);
    const [writers, readers] = [waits(true), waits(false)];
    for (const { actor, op } of turn.ended) {
      if (op === "write_unlock") state.writer = undefined;
      if (op === "read_unlock") state.readers.delete(actor);
      const wrong =
        op === "read_lock"
          ? readerWrong(turn, state, actor, writers)
          : op === "write_lock"
            ? writerWrong(turn, state, actor, writers, readers)
            : undefined;
      if (wrong) return wrong;
    }
    const known = waiting.filter(({ actor }) => turn.waiters.has(actor));
    const came = [...turn.waiters].filter(([actor]) => !known.some((one) => one.actor === actor));
    state.waiting = [...known, ...came.map(([actor, { op }]) => ({ actor, writes: op === "write_lock" }))];
    return asleepWrong(turn, state, readers);
  };
}

function readerWrong(turn: Turn, state: State, actor: number, writers: number[]): Wrong | undefined {
  const reads = `thread ${threadName(actor)}'s rw_read_lock`;
  if (state.writer !== undefined) {
    return {
      saw: `${reads} let it in while thread ${threadName(state.writer)} wrote`,
      expected: "nobody beside a writer",
      lookAt: "rw_read_lock: how does a reader learn of a writer, and in which step?",
    };
  }
  if (turn.doing !== "write_unlock" && writers.length > 0) {
    return {
      saw: `${reads} let it in while thread ${threadName(writers[0]!)} waited in rw_write_lock`,
      expected: "a reader that comes after a waiting writer waits",
      lookAt: "rw_read_lock: what does a writer that waits leave behind for those who come?",
    };
  }
  state.readers.add(actor);
  return undefined;
}

function writerWrong({ doing }: Turn, state: State, actor: number, writers: number[], readers: number[]) {
  const writes = `thread ${threadName(actor)}'s rw_write_lock`;
  const [other] = state.writer === undefined ? state.readers : [state.writer];
  if (other !== undefined) {
    return {
      saw: `${writes} let it in while thread ${threadName(other)} had the lock`,
      expected: "a writer has it alone",
      lookAt: "rw_write_lock: for whom does it wait, and who may still get in meanwhile?",
    };
  }
  if (doing === "write_unlock" && readers.length > 0) {
    return {
      saw: `a writer unlocked, and ${writes} was next, though thread ${threadName(readers[0]!)} waited to read`,
      expected: "the readers that wait, then: a reader waits for one writer at most",
      lookAt: "rw_write_unlock: whom does it let in first?",
    };
  }
  if (writers.length > 0 && writers[0] !== actor) {
    return {
      saw: `${writes} came before thread ${threadName(writers[0]!)}'s, which had waited longer`,
      expected: "writers in the order in which they began to wait",
      lookAt: "rw_write_lock: what tells one waiting writer from another?",
    };
  }
  state.writer = actor;
  return undefined;
}

/** Nobody waits for nothing. `before`: readers that waited before this turn. */
function asleepWrong({ doing, waiters }: Turn, state: State, before: number[]): Wrong | undefined {
  const [first] = state.waiting;
  if (!first || state.writer !== undefined) return undefined;
  const left = doing === "write_unlock" ? before.find((actor) => waiters.has(actor)) : undefined;
  if (left !== undefined) {
    return {
      saw: `a writer unlocked, and thread ${threadName(left)}, which waited to read, waits on`,
      expected: "all readers that wait then have the lock",
      lookAt: "rw_write_unlock: whom does it wake, and what do they find?",
    };
  }
  const idle = state.readers.size === 0 || state.waiting.every(({ writes }) => !writes);
  if (!idle) return undefined;
  return {
    saw: `thread ${threadName(first.actor)} waits in rw_${first.writes ? "write" : "read"}_lock, and ${state.readers.size === 0 ? "nobody has the lock" : "only readers have the lock; no writer waits"}`,
    expected: "no thread that waits for nobody",
    lookAt: `${unlock}: how does the last one learn who waits?`,
  };
}

/** Exclusion, and phases of readers and writers. */
export const rwlockPhases = playCheck("rwlock_phases", 5, rules);

export const readersEvidence = z.strictObject({
  readers: count,
  /** 1: a writer had the lock beside them. */
  beside: count.optional(),
  together: count.optional(),
  /** Was a word that counts readers set forward? Then 1: a writer had the lock beside 32,768 of them. */
  forward: count.optional(),
  beside_many: count.optional(),
});
export type ReadersEvidence = z.infer<typeof readersEvidence>;

/** Very many readers at once. */
export const rwlockMany: Check<ReadersEvidence> = {
  id: "rwlock_many",
  points: 1,
  needs: ["rwlock_phases", "rwlock_sleeps"],
  run({ readers, beside, together, beside_many }) {
    const lookAt = "how many bits does a number of readers have, and what lies beside it?";
    if (readers === 0) return fail({ saw: "nobody read", expected: "readers" });
    if (beside === 1)
      return fail({
        saw: `${readers} threads had the lock to read, and rw_write_lock let a writer in`,
        expected: "a writer has it alone",
        lookAt,
      });
    if (together === readers && beside_many === 1)
      return fail({
        saw: "32,768 threads had the lock to read, and rw_write_lock let a writer in",
        expected: "a writer has it alone, beside up to 65,535 readers",
        lookAt,
      });
    if (together === readers) return pass();
    return fail({
      saw: `${readers} threads waited to read, a writer unlocked, and ${together ?? 0} of them had the lock`,
      expected: "all of them",
      lookAt,
    });
  },
};
