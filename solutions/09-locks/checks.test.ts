// SPDX-License-Identifier: MIT
/** The checks of 09-locks on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/09-locks/grader/checks.ts";
import type { AllEvidence, PausedEvidence, UnitsEvidence } from "../../katas/09-locks/grader/checks.ts";
import { OPS, type Move, type Op, type PlayEvidence } from "../../katas/09-locks/grader/moves.ts";
import { mutexWorks, semaphoreWorks, spinWorks } from "../../katas/09-locks/grader/scripts.ts";

const [A, B, C, DIRECTOR] = [0, 1, 2, 5];
const mask = (actors: number[]) => actors.reduce((sum, actor) => sum | (1 << actor), 0);

interface Part extends Partial<Omit<Move, "waiting" | "on_mutex" | "answers">> {
  waiting?: number[];
  on_mutex?: number[];
  answers?: number[];
}
/** One move: nobody waits, and whoever returns answers true, unless it is said. */
function move(actor: number, op: Op, { waiting = [], on_mutex = [], answers, ...part }: Part = {}): Move {
  return {
    ...{ actor, op: OPS.indexOf(op), deadline_ns: 0, now_ns: 1_000, waits_made: 0, wakes_made: 0, woken: 0 },
    ...{ waiting: mask(waiting), on_mutex: mask(on_mutex), answers: answers ? mask(answers) : 31 },
    ...part,
  };
}
const pair = (takes: Op, gives: Op) => [move(A, takes), move(A, gives)];
const played = (moves: Move[], more: Partial<PlayEvidence> = {}): PlayEvidence => ({
  ...{ moves, own_timers: 0, spun_op: 0 },
  ...more,
});
/** Enough calls to be judged at all, and then these. */
const after = (calm: Move[], ...moves: Move[]) => played([...Array.from({ length: 12 }, () => calm).flat(), ...moves]);
const locks = (...moves: Move[]) => after(pair("lock", "unlock"), ...moves);
const reads = (...moves: Move[]) => after(pair("read_lock", "read_unlock"), ...moves);
const units = (...moves: Move[]) => after(pair("up", "down"), ...moves);

const handedOn = [
  move(A, "lock"),
  move(B, "lock", { waiting: [B], waits_made: 1 }),
  move(C, "lock", { waiting: [B, C], waits_made: 1 }),
  move(A, "unlock", { waiting: [C], wakes_made: 1, woken: 1 }),
  move(B, "unlock", { wakes_made: 1, woken: 1 }),
  move(C, "unlock", { wakes_made: 1 }),
];
const waits = (actor: number, part: Part = {}) => [
  move(actor, "lock", { waiting: part.waiting?.filter((one) => one !== actor) ?? [] }),
  move(actor, "wait", part),
];
const until = (deadline_ns: number) => [
  move(A, "lock"),
  move(A, "wait_until", { deadline_ns, waiting: [A] }),
  move(B, "lock", { waiting: [A] }),
];

const pause = (scene: number, part: object = {}) => ({ scene, step: 3, parked: 1, freed: 1, asleep: 0, ...part });
const paused: PausedEvidence = { pauses: [pause(0), pause(1), pause(1, { freed: 0 })], spun_op: 0 };
const signalled: PausedEvidence = { pauses: [pause(2), pause(3), pause(3)], spun_op: 0 };
const alone = [7, 7, 7, 5, 0].map((locked, pattern) => ({ pattern, waits: 0, locked, changed: 0 }));
const pairs = Array.from({ length: 30 }, (_, step) => ({ first: 0, second: 1, step, waiting: 0 }));
const all: AllEvidence = { alone, pairs, spun_op: 0 };
const many: UnitsEvidence = {
  ...{ brought: 1_048_576, taken: 1_048_576, left: 0, forward: 1 },
  ...{ most_taken: 1_000, last_taken: 3, too_many: 0 },
};
const crowd = { due: 800, done: 800, torn: 0 };

/** [check, the file's number, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, number, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.spinInOrder, 0, locks(...handedOn), null],
  [checks.spinInOrder, 0, played([]), "only 0 calls were made"],
  [checks.spinInOrder, 0, locks(move(A, "lock"), move(B, "lock")), "let it in while thread A had the lock"],
  [
    checks.spinInOrder,
    0,
    locks(...handedOn.slice(0, 3), move(A, "unlock", { waiting: [B] })),
    "thread C's spin_lock came before thread B's, which had waited longer",
  ],
  [checks.spinInOrder, 0, locks(move(A, "try", { answers: [] })), "nobody had the lock, and thread A's spin_try"],
  [checks.spinInOrder, 0, played([], { spun_op: 1 }), "spin_lock did not come to rest", "not_reached"],
  [checks.spinYields, 0, locks(...handedOn.map((one) => ({ ...one, waits_made: 0, wakes_made: 0 }))), null],
  [checks.spinYields, 0, locks(), "no thread waited"],
  [checks.spinYields, 0, locks(...handedOn), "called futex_wait or futex_wake"],
  [checks.spinYields, 0, played([], { spun_op: 1 }), "400,000 steps without a sched_yield"],

  [checks.mutexHandsOn, 1, locks(...handedOn), null],
  [checks.mutexHandsOn, 1, locks(...handedOn.slice(0, 3), move(A, "unlock", { waiting: [B] })), null],
  [checks.mutexHandsOn, 1, locks(move(A, "lock"), move(B, "try")), "mutex_try let it in while thread A had"],
  [
    checks.mutexHandsOn,
    1,
    locks(...handedOn.slice(0, 3), move(A, "unlock", { waiting: [B, C] })),
    "nobody has the lock, and thread B waits in mutex_lock",
  ],
  [
    checks.mutexHandsOn,
    1,
    locks(move(A, "lock"), move(B, "lock_until", { deadline_ns: 1_500, answers: [] })),
    "answered false 500 ns before its deadline",
  ],
  [
    checks.mutexHandsOn,
    1,
    locks(
      move(A, "lock"),
      move(B, "lock_until", { deadline_ns: 1_500, waiting: [B] }),
      move(DIRECTOR, "time", { now_ns: 1_700, waiting: [B] }),
    ),
    "mutex_lock_until waits on, 200 ns after its deadline",
  ],
  [checks.mutexQuiet, 1, locks(...handedOn), null],
  [
    checks.mutexQuiet,
    1,
    locks(move(A, "lock"), move(A, "unlock", { wakes_made: 1 })),
    "mutex_unlock made 1 futex call",
  ],
  [
    checks.mutexQuiet,
    1,
    locks(...handedOn.slice(0, 3), move(A, "unlock", { waiting: [C], wakes_made: 1, woken: 2 })),
    "thread A's mutex_unlock woke 2 threads",
  ],
  [checks.mutexSleeps, 1, locks(...handedOn), null],
  [checks.mutexSleeps, 1, locks(), "no thread waited"],
  [checks.mutexSleeps, 1, { ...locks(...handedOn), own_timers: 3 }, "3 calls of futex_wait had a deadline"],
  [checks.mutexSleeps, 1, { ...locks(), spun_op: 1 }, "mutex_lock took 400,000 steps and did not sleep"],

  [checks.condvarWakes, 2, locks(...waits(A, { waiting: [A] }), move(B, "signal")), null],
  [
    checks.condvarWakes,
    2,
    locks(...waits(A, { waiting: [A] }), move(B, "lock", { waiting: [A, B], on_mutex: [B] })),
    "thread B waits in mutex_lock, though each thread",
  ],
  [
    checks.condvarWakes,
    2,
    locks(...waits(A, { waiting: [A] }), move(B, "signal", { waiting: [A] })),
    "thread B called cond_signal while A waited, and none of them was woken",
  ],
  [
    checks.condvarWakes,
    2,
    locks(...waits(A, { waiting: [A] }), ...waits(B, { waiting: [A, B] }), move(C, "broadcast", { waiting: [B] })),
    "called cond_broadcast while A, B waited, and B waits on",
  ],
  [
    checks.condvarWakes,
    2,
    locks(...waits(A, { waiting: [A] }), move(B, "lock", { waiting: [A] }), move(C, "signal", {})),
    "returned from cond_wait while thread B had the mutex",
  ],
  [
    checks.condvarWakes,
    2,
    locks(...[1, 2, 3].flatMap(() => [...waits(A), move(A, "unlock")])),
    "3 of 3 waits returned",
  ],
  [
    checks.condvarWakes,
    2,
    locks(
      ...until(1_500),
      move(B, "signal", { waiting: [A], on_mutex: [A] }),
      move(DIRECTOR, "time", { now_ns: 2_000, waiting: [A], on_mutex: [A] }),
      move(B, "unlock", { now_ns: 2_000, answers: [] }),
    ),
    "answered false, though a signal had woken it",
  ],
  [
    checks.condvarWakes,
    2,
    locks(
      ...until(1_500),
      move(DIRECTOR, "time", { now_ns: 2_000, waiting: [A], on_mutex: [A] }),
      move(B, "unlock", { now_ns: 2_000 }),
    ),
    "answered true: its deadline had passed",
  ],
  [checks.condvarKeepsSignals, 2, signalled, null],
  [checks.condvarKeepsSignals, 2, { ...signalled, pauses: [] }, "have no step"],
  [checks.condvarKeepsSignals, 2, { ...signalled, spun_op: 5 }, "cond_wait took 400,000 steps, and neither slept"],
  [checks.condvarKeepsSignals, 2, { ...signalled, pauses: [pause(2, { asleep: 1 })] }, "both wait still"],
  [checks.condvarKeepsSignals, 2, { ...signalled, pauses: [pause(3, { asleep: 1 })] }, "A waits still"],
  [checks.condvarQuiet, 2, locks(move(A, "signal")), null],
  [checks.condvarQuiet, 2, locks(move(A, "signal", { wakes_made: 1 })), "cond_signal made 1 futex call"],
  [checks.condvarSleeps, 2, locks(...waits(A, { waiting: [A] })), null],
  [checks.condvarSleeps, 2, { ...locks(), spun_op: 5 }, "cond_wait took 400,000 steps"],

  [checks.rwlockPhases, 3, reads(move(A, "read_lock"), move(B, "read_lock")), null],
  [
    checks.rwlockPhases,
    3,
    reads(
      move(A, "write_lock"),
      move(B, "write_lock", { waiting: [B] }),
      move(C, "read_lock", { waiting: [B, C] }),
      move(A, "write_unlock", { waiting: [B] }),
      move(C, "read_unlock"),
    ),
    null,
  ],
  [
    checks.rwlockPhases,
    3,
    reads(move(A, "write_lock"), move(B, "read_lock")),
    "rw_read_lock let it in while thread A wrote",
  ],
  [checks.rwlockPhases, 3, reads(move(A, "read_lock"), move(B, "write_lock")), "let it in while thread A had the lock"],
  [
    checks.rwlockPhases,
    3,
    reads(move(A, "read_lock"), move(B, "write_lock", { waiting: [B] }), move(C, "read_lock", { waiting: [B] })),
    "let it in while thread B waited in rw_write_lock",
  ],
  [
    checks.rwlockPhases,
    3,
    reads(
      move(A, "write_lock"),
      move(B, "write_lock", { waiting: [B] }),
      move(C, "read_lock", { waiting: [B, C] }),
      move(A, "write_unlock", { waiting: [C] }),
    ),
    "a writer unlocked, and thread B's rw_write_lock was next, though thread C waited to read",
  ],
  [
    checks.rwlockPhases,
    3,
    reads(
      move(A, "write_lock"),
      move(B, "write_lock", { waiting: [B] }),
      move(C, "write_lock", { waiting: [B, C] }),
      move(A, "write_unlock", { waiting: [B] }),
    ),
    "rw_write_lock came before thread B's",
  ],
  [
    checks.rwlockPhases,
    3,
    reads(move(A, "write_lock"), move(B, "read_lock", { waiting: [B] }), move(A, "write_unlock", { waiting: [B] })),
    "thread B, which waited to read, waits on",
  ],
  [checks.rwlockPhases, 3, reads(move(A, "read_lock", { waiting: [A] })), "and nobody has the lock"],
  [checks.rwlockQuiet, 3, reads(), null],
  [checks.rwlockQuiet, 3, reads(move(A, "write_lock", { wakes_made: 1 })), "rw_write_lock made 1 futex call"],
  [checks.rwlockSleeps, 3, reads(move(A, "write_lock"), move(B, "read_lock", { waiting: [B] })), null],
  [checks.rwlockSleeps, 3, { ...reads(), spun_op: 9 }, "rw_read_lock took 400,000 steps"],

  [checks.semaphoreCounts, 4, units(move(A, "down", { waiting: [A] }), move(B, "up")), null],
  [checks.semaphoreCounts, 4, units(move(A, "down")), "sem_down took a unit, and there was none"],
  [
    checks.semaphoreCounts,
    4,
    units(move(A, "up"), move(A, "try_down", { answers: [] })),
    "sem_try_down answered false",
  ],
  [
    checks.semaphoreCounts,
    4,
    units(move(A, "down", { waiting: [A] }), move(B, "up", { waiting: [A] })),
    "there is a unit, and thread A waits in a down",
  ],
  [checks.rwlockMany, 3, { readers: 256, together: 256 }, null],
  [checks.rwlockMany, 3, { readers: 256, together: 256, forward: 1, beside_many: 0 }, null],
  [checks.rwlockMany, 3, { readers: 256, together: 256, forward: 1, beside_many: 1 }, "32,768 threads had the lock"],
  [checks.rwlockMany, 3, { readers: 0 }, "nobody read"],
  [
    checks.rwlockMany,
    3,
    { readers: 256, beside: 1 },
    "256 threads had the lock to read, and rw_write_lock let a writer in",
  ],
  [
    checks.rwlockMany,
    3,
    { readers: 256, together: 44 },
    "256 threads waited to read, a writer unlocked, and 44 of them",
  ],
  [checks.semaphoreMany, 4, many, null],
  [checks.semaphoreMany, 4, { ...many, forward: 0, most_taken: undefined }, null],
  [checks.semaphoreMany, 4, { ...many, brought: 0 }, "no unit was brought"],
  [checks.semaphoreMany, 4, { ...many, taken: 65_536 }, "1,048,576 units were brought, and 65,536 could be taken"],
  [checks.semaphoreMany, 4, { ...many, most_taken: 0 }, "with 2^31 - 1 units, 0 of 1,000"],
  [checks.semaphoreQuiet, 4, units(), null],
  [checks.semaphoreQuiet, 4, units(move(A, "up", { wakes_made: 1 })), "sem_up made 1 futex call"],
  [checks.semaphoreSleeps, 4, units(move(A, "down", { waiting: [A] })), null],
  [checks.semaphoreSleeps, 4, units(), "no thread waited"],

  ...[checks.spinLastUser, checks.mutexLastUser, checks.semaphoreLastUser].flatMap((check): Row[] => [
    [check, 1, paused, null],
    [check, 1, { ...paused, pauses: [] }, "has no step"],
    [check, 1, { ...paused, touched_step: 4, touched_waiting: 0 }, "was the last user, and freed the memory"],
    [check, 1, { ...paused, pauses: [pause(1)], spun_op: 4 }, "mutex_unlock took 400,000 steps, and neither slept"],
    [check, 1, { ...paused, pauses: [pause(1, { asleep: 1 })] }, "in the end a thread waited that should not"],
  ]),
  [checks.mutexNoCircle, 1, all, null],
  [checks.mutexNoCircle, 1, { ...all, pairs: [] }, "has no step"],
  [checks.mutexNoCircle, 1, { ...all, alone: [], pairs: [], spun_op: 17 }, "mutex_lock_all took 400,000 steps"],
  [
    checks.mutexNoCircle,
    1,
    { ...all, alone: [{ pattern: 2, waits: 1, locked: 3 }] },
    "mutex_lock_all of [1, 0, 1, 2, 0], alone: it waits for ever",
  ],
  [
    checks.mutexNoCircle,
    1,
    { ...all, alone: [{ pattern: 0, waits: 0, locked: 3 }] },
    "of the mutexes 0, 1 and 2 it locked 0, 1",
  ],
  [
    checks.mutexNoCircle,
    1,
    { ...all, alone: [{ pattern: 1, waits: 0, locked: 7, changed: 1 }] },
    "mutex_lock_all of [2, 1, 0]: after the call the array held something else",
  ],
  [checks.mutexNoCircle, 1, { ...all, pairs: [{ first: 0, second: 1, step: 9, waiting: 2 }] }, "both wait for ever"],
  ...[
    checks.spinRaceFree,
    checks.mutexRaceFree,
    checks.condvarRaceFree,
    checks.rwlockRaceFree,
    checks.semaphoreRaceFree,
  ].flatMap((check): Row[] => [
    [check, 0, crowd, null],
    [check, 0, { ...crowd, due: 0 }, "nothing was done"],
    [check, 0, { ...crowd, done: 799 }, "800 changes were made, and the guarded number says 799"],
    [check, 0, { stuck_after: 65_536 }, "one thread alone unlocked it 65,536 times"],
    [check, 0, { ...crowd, torn: 2 }, "2 times it was seen half changed"],
  ]),
];

describe("judgements", () => {
  for (const [at, [check, kind, evidence, saw, verdict = "wrong"]] of table.entries()) {
    test(`${at} ${check.id}: ${saw ?? "spares it"}`, () => {
      const judgement = check.run(evidence, { seed: 1, params: { kind } });
      if (saw !== null) expect(judgement.saw).toContain(saw);
      expect(judgement.verdict).toBe(saw === null ? "pass" : verdict);
    });
  }

  test("every check that reads evidence is in the table, with a refusal", () => {
    const refused = new Set(table.filter(([, , , saw]) => saw !== null).map(([check]) => check.id));
    const known = Object.values(checks).flatMap((value) =>
      typeof value === "object" && "run" in value ? [value.id] : [],
    );
    expect([...refused].sort()).toEqual(known.sort());
  });
});

test("a failure tells the moves before it", () => {
  const { detail } = checks.mutexHandsOn.run(locks(move(A, "lock"), move(B, "lock")), {
    seed: 1,
    params: { kind: 1 },
  }) as { detail: string };
  expect(detail.split("\n").slice(-2)).toEqual([
    "  A calls mutex_lock; A: mutex_lock returned",
    "  B calls mutex_lock; B: mutex_lock returned",
  ]);
});

test("the scripts end with a lock that is taken, and no unit", () => {
  const last = [spinWorks, mutexWorks, semaphoreWorks].map((script) => script.plan([]).at(-1));
  expect(last).toMatchObject([
    { call: "spin_try", expect: false },
    { call: "mutex_try", expect: true },
    { call: "sem_try_down", expect: false },
  ]);
});
