// SPDX-License-Identifier: MIT
/** The spin lock and the mutex, one call at a time: who has the lock, and who may have it next. */
import { callName, deadlineWrong, playCheck, threadName, type Ended, type Turn, type Wrong } from "./moves.ts";

const GETS = ["lock", "try", "lock_until", "wait", "wait_until"];

/** `inOrder`: first come, first served. */
function lockRules(inOrder: boolean) {
  return () => {
    let owner: number | undefined;
    let queue: number[] = [];
    return (turn: Turn): Wrong | undefined => {
      const was = { owner, queue };
      for (const one of turn.ended) {
        if (one.op === "unlock") owner = undefined;
        const wrong = refusedWrong(turn, one, was.owner === undefined && (!inOrder || was.queue.length === 0));
        if (wrong) return wrong;
        if (!GETS.includes(one.op) || (one.op !== "lock" && !one.answer)) continue;
        if (owner !== undefined) return twoOwners(turn, one, owner);
        if (inOrder && queue.length > 0 && queue[0] !== one.actor) return overtaken(turn, one, queue[0]!);
        owner = one.actor;
        queue = queue.filter((actor) => actor !== one.actor);
      }
      queue = [...queue, ...[...turn.waiters.keys()].filter((actor) => !queue.includes(actor))];
      queue = queue.filter((actor) => turn.waiters.has(actor));
      return deadlineWrong(turn) ?? (owner === undefined && queue.length > 0 ? asleep(turn, queue[0]!) : undefined);
    };
  };
}

function refusedWrong({ kind, actor }: Turn, { op, answer, ...one }: Ended, free: boolean): Wrong | undefined {
  if (answer || one.actor !== actor || !free || (op !== "try" && op !== "lock_until")) return undefined;
  return {
    saw: `nobody had the lock, and thread ${threadName(actor)}'s ${callName(kind, op)} answered false`,
    expected: "true: it could have it at once",
    lookAt: `${callName(kind, op)}: what does it look at first?`,
  };
}

const twoOwners = ({ kind }: Turn, { actor, op }: Ended, owner: number): Wrong => ({
  saw: `thread ${threadName(actor)}'s ${callName(kind, op)} let it in while thread ${threadName(owner)} had the lock`,
  expected: "one thread at a time",
  lookAt: "which step of a lock can two threads make with the same result?",
});

const overtaken = ({ kind }: Turn, { actor, op }: Ended, first: number): Wrong => ({
  saw: `thread ${threadName(actor)}'s ${callName(kind, op)} came before thread ${threadName(first)}'s, which had waited longer`,
  expected: "first come, first served",
  lookAt: "where does a thread that waits leave a trace of when it came?",
});

const asleep = ({ kind }: Turn, actor: number): Wrong => ({
  saw: `nobody has the lock, and thread ${threadName(actor)} waits in ${callName(kind, "lock")}`,
  expected: "no thread that waits while the lock is free",
  lookAt: `${callName(kind, "unlock")}: how does it learn that somebody waits, whoever else has come and gone meanwhile?`,
});

/** First come, first served; one at a time. */
export const spinInOrder = playCheck("spin_in_order", 5, lockRules(true), "spin_works");

/** One at a time, and nobody waits while it is free; deadlines are kept. */
export const mutexHandsOn = playCheck("mutex_hands_on", 5, lockRules(false), "mutex_works");
