// SPDX-License-Identifier: MIT
/** The check of 11-connection-pool about callers that wait: they sleep. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const asleepEvidence = z.strictObject({
  /** Of each caller that waited: what its thread used between call and answer. */
  waits: rows("cpu_us", "switches", "status"),
});
type AsleepEvidence = z.infer<typeof asleepEvidence>;

/** A spin of 50 microseconds, a busy lock and a strange machine stay far below; who polls takes thousands of turns. */
const CONN_OK = 0;
const SWITCHES_MAX = 100;
const CPU_MS_MAX = 50;

/** A caller that waits for a connection takes no turn until there is something for it. */
export const waitsAsleep: Check<AsleepEvidence> = {
  id: "waits_asleep",
  points: 2,
  needs: "some_connection",
  run({ waits }, { params }) {
    if (waits.length === 0) return fail({ saw: "nobody waited", expected: "callers that wait" });
    const unserved = waits.filter(({ status }) => status !== CONN_OK).length;
    if (unserved > 0) {
      return fail({
        saw: `${english(unserved)} of ${english(waits.length)} callers waited for the only connection, without a timeout, and were not answered CONN_OK`,
        expected: "the connection goes from one to the next",
        lookAt: "conn_acquire: what does a caller do while nothing is there for it, and who wakes it?",
      });
    }
    const restless = waits.find(({ switches, cpu_us }) => switches > SWITCHES_MAX || cpu_us > CPU_MS_MAX * 1000);
    if (!restless) return pass();
    return fail({
      saw: `while others were given ${english(params.turns!)} turns, a caller that waited took ${english(restless.switches)}, and ${(restless.cpu_us / 1000).toFixed(1)} ms of CPU time`,
      expected: "it sleeps: no polling, no timer",
      lookAt: "conn_acquire: what does a caller do while nothing is there for it, and who wakes it?",
    });
  },
};
