// SPDX-License-Identifier: MIT
/** What the locks of 09 answer on one thread. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";

/** LOCK_WORDS words. */
const OBJECT_BYTES = 64;
const PASSED_NS = 1;

type Call = [call: string, expect?: boolean];
const asked = (call: string) => (call.endsWith("_until") ? [PASSED_NS] : []);
const told = (call: string) => `${call}(${call.endsWith("_until") ? "1 ns after the start of the clock" : ""})`;

const stepsOf = (calls: Call[]): Step[] => [
  { alloc: "object", size: OBJECT_BYTES },
  ...calls.map(
    ([call, expect]): Step => ({
      ...{ call, args: [{ ref: "object" }, ...asked(call)], show: told(call) },
      ...(expect !== undefined && { expect }),
    }),
  ),
];

const script = (file: string, points: number, lookAt: string, calls: Call[]): ScriptCheck => ({
  id: `${file}_works`,
  file: `${file}.c`,
  points,
  ...once,
  plan: () => stepsOf(calls),
  lookAt,
});

/** Free, taken, free again. */
export const spinWorks = script("spin", 2, "spin_try: when may it have the lock?", [
  ["spin_try", true],
  ["spin_try", false],
  ["spin_unlock"],
  ["spin_lock"],
  ["spin_try", false],
  ["spin_unlock"],
  ["spin_try", true],
  ["spin_try", false],
]);

/** The same, and a deadline that has passed is no reason not to take what is free. */
export const mutexWorks = script(
  "mutex",
  2,
  "mutex_try and mutex_lock_until: what do they find, and what do they do then?",
  [
    ["mutex_try", true],
    ["mutex_try", false],
    ["mutex_lock_until", false],
    ["mutex_unlock"],
    ["mutex_lock_until", true],
    ["mutex_try", false],
    ["mutex_unlock"],
    ["mutex_lock"],
    ["mutex_try", false],
    ["mutex_unlock"],
    ["mutex_try", true],
  ],
);

/** No unit at first; then as many as were brought. */
export const semaphoreWorks = script("semaphore", 2, "sem_up and sem_try_down: where is the number of units?", [
  ["sem_try_down", false],
  ["sem_up"],
  ["sem_try_down", true],
  ["sem_try_down", false],
  ["sem_down_until", false],
  ["sem_up"],
  ["sem_up"],
  ["sem_up"],
  ["sem_down"],
  ["sem_down_until", true],
  ["sem_try_down", true],
  ["sem_try_down", false],
]);
