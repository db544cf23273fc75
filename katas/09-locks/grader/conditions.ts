// SPDX-License-Identifier: MIT
/** The condition variable, one call at a time: whom a signal wakes, and who returns for no reason. */
import { deadlineWrong, playCheck, threadName, type Ended, type Pending, type Turn, type Wrong } from "./moves.ts";

/** What the answer of a wait has to be, once it has been woken. */
type Due = "true" | "false" | "either";

const isWait = ({ op }: Pending) => op === "wait" || op === "wait_until";

function rules() {
  const asleep = new Map<number, Pending>();
  const due = new Map<number, Due>();
  const seen = { owner: undefined as number | undefined, waits: 0, forNothing: 0 };
  return (turn: Turn): Wrong | undefined => {
    const before = [...asleep.keys()];
    if (turn.doing === "wait" || turn.doing === "wait_until") {
      seen.owner = undefined;
      seen.waits++;
      asleep.set(turn.actor, { op: turn.doing, deadline_ns: turn.deadline_ns, since: turn.at });
    }
    const woken = [...asleep].filter(([actor]) => !turn.waiters.has(actor) || (turn.on_mutex >> actor) & 1);
    for (const [at, [actor, wait]] of woken.entries()) {
      asleep.delete(actor);
      const { reason, answer } = causeOf(turn, actor, wait, before, at);
      seen.forNothing += Number(reason === "none");
      due.set(actor, answer);
    }
    return (
      signalWrong(
        turn,
        before,
        woken.map(([actor]) => actor),
      ) ??
      lateWrong(turn, asleep) ??
      endedWrong(turn, seen, due) ??
      keptWrong(turn, seen.owner) ??
      tooOften(seen)
    );
  };
}

/** One signal is the reason for one that returns; the `at`-th beside it returns for none. */
function causeOf({ doing, now_ns }: Turn, actor: number, wait: Pending, before: number[], at: number) {
  const passed = wait.op === "wait_until" && wait.deadline_ns <= now_ns;
  const called = (doing === "broadcast" || (doing === "signal" && at === 0)) && before.includes(actor);
  if (called) return { reason: "signal", answer: "true" } as const;
  if (passed) return { reason: "deadline", answer: "false" } as const;
  return { reason: doing === "interrupt" ? "interrupt" : "none", answer: "either" } as const;
}

/** A signal wakes one of those that waited before, a broadcast all of them. */
function signalWrong({ doing, actor }: Turn, before: number[], woken: number[]): Wrong | undefined {
  const left = before.filter((one) => !woken.includes(one));
  const names = (actors: number[]) => actors.map(threadName).join(", ");
  if (doing === "signal" && before.length > 0 && left.length === before.length) {
    return {
      saw: `thread ${threadName(actor)} called cond_signal while ${names(before)} waited, and none of them was woken`,
      expected: "a signal wakes at least one of those that waited before it",
      lookAt: "cond_signal: what does it change, and who looks at that?",
    };
  }
  if (doing !== "broadcast" || left.length === 0) return undefined;
  return {
    saw: `thread ${threadName(actor)} called cond_broadcast while ${names(before)} waited, and ${names(left)} waits on`,
    expected: "a broadcast wakes all that waited before it",
    lookAt: "cond_broadcast: whom does it find, and on which words do they sleep?",
  };
}

/** A thread that waits for the mutex again has kept its deadline. */
function lateWrong(turn: Turn, asleep: Map<number, Pending>) {
  return deadlineWrong({ ...turn, waiters: asleep, ended: turn.ended.filter(isWait) });
}

function endedWrong(turn: Turn, seen: { owner: number | undefined }, due: Map<number, Due>): Wrong | undefined {
  for (const one of turn.ended) {
    if (one.op === "unlock") seen.owner = undefined;
    if (one.op !== "lock" && !isWait(one)) continue;
    if (isWait(one) && seen.owner !== undefined) {
      return {
        saw: `thread ${threadName(one.actor)} returned from cond_${one.op} while thread ${threadName(seen.owner)} had the mutex`,
        expected: "the caller has the mutex when a wait returns",
        lookAt: "cond_wait: on which ways does it return, and is mutex_lock on each of them?",
      };
    }
    seen.owner = one.actor;
    const wrong = answerWrong(one, due.get(one.actor));
    due.delete(one.actor);
    if (wrong) return wrong;
  }
  return undefined;
}

/** The mutex behind it is right: whoever waits for it while nobody has it, waits for one that a wait has not given back. */
function keptWrong({ waiters }: Turn, owner: number | undefined): Wrong | undefined {
  const locking = [...waiters].find(([, { op }]) => op === "lock");
  if (owner !== undefined || !locking) return undefined;
  return {
    saw: `thread ${threadName(locking[0])} waits in mutex_lock, though each thread that had the mutex has unlocked it or waits in cond_wait`,
    expected: "cond_wait gives the mutex back, by mutex_unlock",
    lookAt: "cond_wait: how does it give the mutex back, and what may it know of the mutex' words?",
  };
}

function answerWrong({ actor, op, answer }: Ended, due: Due | undefined): Wrong | undefined {
  if (op !== "wait_until" || due === undefined || due === "either" || due === String(answer)) return undefined;
  const saw = `thread ${threadName(actor)}'s cond_wait_until answered ${answer}`;
  return due === "true"
    ? {
        saw: `${saw}, though a signal had woken it before its deadline`,
        expected: "true: the signal was spent on it",
        lookAt: "cond_wait_until: what decides the answer, the clock or what woke it?",
      }
    : {
        saw: `${saw}: its deadline had passed, and no signal or broadcast had woken it`,
        expected: "false",
        lookAt: "cond_wait_until: which answer of futex_wait decides?",
      };
}

/** Less than one in a hundred; some are forgiven. */
function tooOften({ waits, forNothing }: { waits: number; forNothing: number }): Wrong | undefined {
  if (forNothing < 3 || forNothing * 100 < waits) return undefined;
  return {
    saw: `${forNothing} of ${waits} waits returned though nobody had signalled, no deadline had passed, and futex_wait had not been interrupted`,
    expected: "less than one in a hundred",
    lookAt: "cond_wait: what must have happened before it returns, and does one signal wake more than one?",
  };
}

/** Signals find those that waited before. */
export const condvarWakes = playCheck("condvar_wakes", 5, rules);
