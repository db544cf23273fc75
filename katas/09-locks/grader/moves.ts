// SPDX-License-Identifier: MIT
/** What five threads did, one call at a time, as play.c tells it: a turn for each move, and its words. */
import { fail, notReached, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";

const COLUMNS = [
  ...(["actor", "op", "deadline_ns", "now_ns", "waiting", "on_mutex", "answers"] as const),
  ...(["waits_made", "wakes_made", "woken"] as const),
] as const;
export type Move = Record<(typeof COLUMNS)[number], number>;

export const playEvidence = z.strictObject({
  moves: rows(...COLUMNS),
  /** Waits with a deadline that was not the caller's. */
  own_timers: count,
  /** The call that neither slept nor came to its end; 0: none. */
  spun_op: count,
});
export type PlayEvidence = z.infer<typeof playEvidence>;

/** In the order of kinds.h. */
export const OPS = [
  ...["", "lock", "try", "lock_until", "unlock", "wait", "wait_until", "signal", "broadcast"],
  ...["read_lock", "read_unlock", "write_lock", "write_unlock", "up", "down", "try_down", "down_until"],
  ...["lock_all", "unlock_all", "time", "interrupt"],
] as const;
export type Op = (typeof OPS)[number];
export const FILES = ["spin.c", "mutex.c", "condvar.c", "rwlock.c", "semaphore.c"] as const;
const PREFIXES = ["spin", "mutex", "cond", "rw", "sem"];

export const opOf = (number: number): Op => OPS[number]!;
export const kindOf = ({ params }: RunRequest) => params.kind!;
export const threadName = (actor: number) => String.fromCharCode(65 + actor);

/** The contract's name of a call: the mutex beside a condition variable keeps its own. */
export function callName(kind: number, op: Op): string {
  const ofMutex = kind === 2 && ["lock", "try", "lock_until", "unlock"].includes(op);
  return `${ofMutex ? "mutex" : PREFIXES[kind]}_${op}`;
}

export interface Pending {
  op: Op;
  deadline_ns: number;
  /** The move in which the call began. */
  since: number;
}
export interface Ended extends Pending {
  actor: number;
  answer: boolean;
}
/** One move: what was done, who has come to the end of a call, the mover first, and who waits now. */
export interface Turn extends Move {
  at: number;
  kind: number;
  doing: Op;
  ended: Ended[];
  waiters: Map<number, Pending>;
}

/** Moves become turns. */
export function turnsOf(kind: number, moves: Move[]): Turn[] {
  const pending = new Map<number, Pending>();
  return moves.map((move, at) => {
    const doing = opOf(move.op);
    if (doing !== "time" && doing !== "interrupt")
      pending.set(move.actor, { op: doing, deadline_ns: move.deadline_ns, since: at });
    const gone = [...pending].filter(([actor]) => !((move.waiting >> actor) & 1));
    for (const [actor] of gone) pending.delete(actor);
    const ended = gone
      .map(([actor, call]) => ({ ...call, actor, answer: ((move.answers >> actor) & 1) === 1 }))
      .toSorted((a, b) => Number(b.actor === move.actor) - Number(a.actor === move.actor));
    return { ...move, at, kind, doing, ended, waiters: new Map(pending) };
  });
}

/** What a rule has against a turn. */
export interface Wrong {
  saw: string;
  expected: string;
  lookAt: string;
}
/** The rules of one kind of object: a state of its own, and what is wrong with the next turn. */
export type Rules = () => (turn: Turn) => Wrong | undefined;

/** A check of one file's moves; a program that spins is told so by another check. */
export function playCheck(id: string, points: number, rules: Rules, needs?: string): Check<PlayEvidence> {
  return {
    id,
    points,
    ...(needs && { needs }),
    run({ moves, spun_op }, request): Judgement {
      const turns = turnsOf(kindOf(request), moves);
      const wrongIn = rules();
      for (const turn of turns) {
        const wrong = wrongIn(turn);
        if (wrong) return fail({ ...wrong, detail: story(turns.slice(0, turn.at + 1)) });
      }
      if (spun_op > 0) return notReached(`${callName(kindOf(request), opOf(spun_op))} did not come to rest`, "a wait");
      if (moves.length < 20) return fail({ saw: `only ${moves.length} calls were made`, expected: "some hundreds" });
      return pass();
    },
  };
}

/** The last moves in words, a line for each. */
function story(turns: Turn[]): string {
  return turns.slice(-12).map(wordsOf).join("\n");
}

function wordsOf({ kind, actor, doing, ended, waiters, now_ns }: Turn): string {
  const answers = ended.map((one) => `${threadName(one.actor)}: ${callName(kind, one.op)} returned${answerOf(one)}`);
  const mover = threadName(actor);
  const rest = waiters.has(actor) && doing !== "interrupt" ? [`${mover} waits`] : [];
  const began = {
    time: `it is ${(now_ns / 1000).toFixed(3)} us`,
    interrupt: `${mover}'s futex_wait ends for no reason`,
  };
  const first = doing === "time" || doing === "interrupt" ? began[doing] : `${mover} calls ${callName(kind, doing)}`;
  return [`  ${first}`, ...answers, ...rest].join("; ");
}

const answerOf = ({ op, answer }: Ended) => (/try|until/.test(op) ? ` ${answer}` : "");

/** A deadline is kept: nobody gives up before it, and nobody waits on behind it. */
export function deadlineWrong({ kind, ended, waiters, now_ns }: Turn): Wrong | undefined {
  const late = [...waiters].find(([, { op, deadline_ns }]) => op.endsWith("until") && deadline_ns <= now_ns);
  const early = ended.find(({ op, answer, deadline_ns }) => op.endsWith("until") && !answer && deadline_ns > now_ns);
  if (early) {
    return {
      saw: `thread ${threadName(early.actor)}'s ${callName(kind, early.op)} answered false ${early.deadline_ns - now_ns} ns before its deadline`,
      expected: "never false before the deadline has passed",
      lookAt: "which answers of futex_wait mean that the deadline has passed?",
    };
  }
  if (!late) return undefined;
  return {
    saw: `thread ${threadName(late[0])}'s ${callName(kind, late[1].op)} waits on, ${now_ns - late[1].deadline_ns} ns after its deadline`,
    expected: "false, once the deadline has passed",
    lookAt: "which futex_wait knows of the deadline, and what follows from -ETIMEDOUT?",
  };
}
