// SPDX-License-Identifier: MIT
/** What is asked of the kernel: nothing where nobody waits, and sleep where somebody does. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import {
  callName,
  FILES,
  kindOf,
  opOf,
  playCheck,
  threadName,
  type PlayEvidence,
  type Turn,
  type Wrong,
} from "./moves.ts";

const GIVES = ["unlock", "signal", "broadcast", "read_unlock", "write_unlock", "up"];
const stem = (kind: number) => FILES[kind]!.replace(".c", "");
const [CONDVAR, RWLOCK] = [2, 3];
const FIRST = ["spin_works", "mutex_works", "condvar_wakes", "rwlock_phases", "semaphore_works"];

/** After somebody has waited, the first that gives something back with nobody waiting may make one wake too many. */
function quietRules() {
  let awaited = false;
  let waited = false;
  return (turn: Turn): Wrong | undefined => {
    const gaveUp = turn.ended.some(({ op, answer }) => op.endsWith("until") && !answer);
    const waits = turn.waiters.size > 0 || gaveUp;
    const calls = turn.waits_made + turn.wakes_made;
    const told = turn.doing !== "time" && turn.doing !== "interrupt";
    const name = callName(turn.kind, turn.doing);
    if (told && calls > 0 && !waits && !waited && !(awaited && calls === 1)) {
      return {
        saw: `nobody waited, and ${name} made ${calls} futex ${calls === 1 ? "call" : "calls"}`,
        expected: "none",
        lookAt: `${name}: how does it know that nobody sleeps, without asking the kernel?`,
      };
    }
    if ((turn.doing === "unlock" || turn.doing === "up") && turn.woken > 1) {
      return {
        saw: `thread ${threadName(turn.actor)}'s ${name} woke ${turn.woken} threads`,
        expected: "one: the others would find nothing",
        lookAt: `${name}: how many threads can go on now?`,
      };
    }
    awaited = waits || waited || (awaited && !GIVES.includes(turn.doing));
    waited = waits;
    return undefined;
  };
}

const quiet = (kind: number, points: number) => playCheck(`${stem(kind)}_quiet`, points, quietRules, FIRST[kind]);
export const [mutexQuiet, condvarQuiet, rwlockQuiet, semaphoreQuiet] = [3, 2, 2, 2].map((points, at) =>
  quiet(at + 1, points),
) as [Check<PlayEvidence>, Check<PlayEvidence>, Check<PlayEvidence>, Check<PlayEvidence>];

/** A thread that waits sleeps, until it is woken. Of a condition variable, one that waits for its mutex does not count. */
function sleeps(kind: number, points: number): Check<PlayEvidence> {
  return {
    id: `${stem(kind)}_sleeps`,
    points,
    ...(kind !== CONDVAR && kind !== RWLOCK && { needs: FIRST[kind]! }), // else that one says of a program that spins: not reached
    run({ moves, own_timers, spun_op }, request) {
      if (spun_op === 0 && moves.every(({ waiting, on_mutex }) => waiting === (kind === CONDVAR ? on_mutex : 0)))
        return fail({ saw: "no thread waited", expected: "threads that wait" });
      if (spun_op > 0) {
        return fail({
          saw: `${callName(kindOf(request), opOf(spun_op))} took 400,000 steps and did not sleep (a yield counts for 4,000)`,
          expected: "futex_wait, after at most 50 us",
          lookAt: "on which word does it sleep, and for how long does that word keep the value that it expects?",
        });
      }
      if (own_timers === 0) return pass();
      return fail({
        saw: `${own_timers} calls of futex_wait had a deadline that was not the caller's`,
        expected: "a waiter sleeps until it is woken, or until the caller's deadline",
        lookAt: "why does it look again now and then: which wake could it have missed?",
      });
    },
  };
}
export const [mutexSleeps, condvarSleeps, rwlockSleeps, semaphoreSleeps] = [2, 1, 1, 1].map((points, at) =>
  sleeps(at + 1, points),
) as [Check<PlayEvidence>, Check<PlayEvidence>, Check<PlayEvidence>, Check<PlayEvidence>];

/** A spin lock asks nothing of the futex, and yields. */
export const spinYields: Check<PlayEvidence> = {
  id: "spin_yields",
  points: 2,
  needs: "spin_works",
  run({ moves, spun_op }) {
    if (moves.every(({ waiting }) => waiting === 0) && spun_op === 0)
      return fail({ saw: "no thread waited", expected: "threads that wait" });
    const asks = moves.some(({ waits_made, wakes_made }) => waits_made + wakes_made > 0);
    if (spun_op === 0 && !asks) return pass();
    return fail({
      saw: asks ? "a spin lock called futex_wait or futex_wake" : "spin_lock took 400,000 steps without a sched_yield",
      expected: "after 100 tries sched_yield between one try and the next, and no sleep",
      lookAt: "on a machine with one processor: can the thread that has the lock run while this loop does?",
    });
  },
};
