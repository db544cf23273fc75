// SPDX-License-Identifier: MIT
/** Two proxies in one process, which share a balancer; ThreadSanitizer watches. */
import { fail, pass, type Check, type RunRequest } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const neighboursEvidence = z.strictObject({ right: count, served: count });
const PROXIES = 2;

export const nothingShared: Check<z.infer<typeof neighboursEvidence>> = {
  id: "proxy_nothing_shared",
  points: 1,
  needs: ["real_backends", "race_free"],
  run({ right, served }, { params }: RunRequest) {
    const due = PROXIES * params.clients! * params.rounds!;
    if (right === due && served === PROXIES) return pass(`${english(right)} answers`);
    return fail({
      saw: `two proxies at once, with one balancer: ${english(right)} of ${english(due)} answers came back whole; ${served} of 2 proxies answered 0 at the stop`,
      expected: "all of them, and 0 from both: two calls of proxy_serve share the balancer, and nothing else",
      lookAt: "what do two calls of proxy_serve have in common?",
    });
  },
};
