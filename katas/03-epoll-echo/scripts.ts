// SPDX-License-Identifier: MIT
/** What echo_listen answers where no socket is needed to know. */
import type { ScriptCheck } from "@c10kata/harness/check";
import fc from "fast-check";

const EINVAL = 22;

export const refusesNull: ScriptCheck = {
  id: "refuses_null",
  points: 75,
  runs: 1,
  commands: fc.constant([]),
  plan: () => [{ call: "echo_listen", args: [null, 0, 16], expect: -EINVAL, show: "echo_listen(NULL, 0, 16)" }],
  lookAt: "echo_listen: what does the header say about NULL?",
};
