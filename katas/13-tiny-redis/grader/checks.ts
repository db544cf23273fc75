// SPDX-License-Identifier: MIT
/** The checks on evidence of the drivers. */
import { fail, pass, type Check, type RunRequest } from "@c10kata/harness/check";
import { count, numbers, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

/** refused.c's, by number. */
const COMMANDS = (
  "SET of a new key with EX|SET of a key with GET and EX|GETSET|GETDEL|APPEND|APPEND to no key|SETRANGE|SETRANGE of no key|MSET of 3 keys|" +
  "MSETNX of 2 keys|INCRBY|INCR of no key|EXPIRE|HSET of 3 fields, one of them old|HSET of a new key, 5 fields|HINCRBY of a new field|" +
  "HINCRBY of no key|LPUSH of 3|RPUSH of 3 to no key|LPOP of all|ZADD of 3, one of them old|ZADD of 2 to no key|GET|LRANGE|KEYS"
).split("|");
const [WRONG_ANSWER, CHANGED] = [3, 4];

export const refusalsEvidence = z.strictObject({ attempts: rows("command", "nth", "outcome") });

/** -OOM, and nothing has changed; or the connection is closed, and nothing has changed; or it did without. */
export const withoutMemory: Check<z.infer<typeof refusalsEvidence>> = {
  id: "commands_without_memory",
  points: 5,
  needs: ["strings", "hashes", "lists", "sorted_sets"],
  run({ attempts }) {
    const wrong = attempts.find(({ outcome }) => outcome >= WRONG_ANSWER);
    if (!wrong) return pass(`${english(attempts.length)} allocations refused`);
    const { command, nth, outcome } = wrong;
    const what =
      outcome === CHANGED ? "the keys are others than the answer says" : "the answer is neither its own nor -OOM";
    return fail({
      saw: `${COMMANDS[command]}, allocation ${nth} refused: ${what}`,
      expected: "-OOM command not allowed when used memory > 'maxmemory'. and nothing has changed",
      lookAt: "what has the command changed when it asks for memory for the last time, its answer's among it?",
    });
  },
};

const KINDS = ["SET of a new key", "SET", "EXISTS of no key", "EXISTS", "EXPIRE", "TTL", "INCR", "DEL"];
/** A tenth of a millisecond: an unlucky command has that much. */
const MOST_STEPS = 10_000;
const STEPS_PER_MS = 100_000;
const EXPIRED_PER_MS = 100;
const SCATTERED_ROUNDS = 50;

export const growthEvidence = z.strictObject({
  costs: rows("kind", "size", "calls", "steps", "most"),
  /** Keys, most steps between two waits, milliseconds, whether none is left. */
  expiry: numbers,
  /** Rounds that went well, and of the one that did not: keys that last, keys that were counted at the end, milliseconds. */
  scattered: numbers,
});
type Growth = z.infer<typeof growthEvidence>;

/** A tree takes a third more steps with ten times the keys. */
const worse = (few: number, many: number) => many > 1.5 * few + 50;

export const flatCost: Check<Growth> = {
  id: "flat_cost",
  points: 5,
  needs: "strings",
  run({ costs }) {
    for (const last of costs) {
      const doing = KINDS[last.kind]!;
      if (last.most > MOST_STEPS) {
        return fail({
          saw: `${doing}: ${english(last.most)} steps in one call, with up to ${english(last.size)} keys`,
          expected: `no command takes a number of steps that grows with the keys (here: at most ${english(MOST_STEPS)})`,
          lookAt: "what is done at once when the table of keys has to grow, and what could be done a little at a time?",
        });
      }
      const first = costs.find(({ kind }) => kind === last.kind)!;
      const [few, many] = [first, last].map(({ steps, calls }) => steps / calls) as [number, number];
      if (!worse(few, many)) continue;
      return fail({
        saw: `${doing}: ${english(Math.round(few))} steps a call with ${english(first.size)} keys, ${english(Math.round(many))} with ${english(last.size)}`,
        expected: "as many steps, however many keys there are, a logarithm apart",
        lookAt: "how many keys are looked at to find one?",
      });
    }
    return costs.length > 0 ? pass() : fail({ saw: "no call was counted", expected: "calls that are counted" });
  },
};

export const expiresInSteps: Check<Growth> = {
  id: "expires_in_steps",
  points: 5,
  needs: "expiry",
  run({ expiry, scattered }) {
    const [keys, most, ms, gone] = expiry as [number, number, number, number];
    const within = keys / EXPIRED_PER_MS;
    if (!gone || ms > within) {
      return fail({
        saw: gone
          ? `${english(keys)} keys that had expired together were gone after ${english(ms)} ms`
          : `of ${english(keys)} keys that had expired together some were still counted after ${english(ms)} ms`,
        expected: `all gone after ${english(within)} ms, as a million would be after 10 s, though nobody asks for them`,
        lookAt: "who removes a key that nobody asks for, and how often does that happen?",
      });
    }
    const [rounds, due, counted, after] = scattered as [number, number, number, number];
    if (rounds < SCATTERED_ROUNDS) {
      return fail({
        saw: `64 keys were set, deleted and given other deadlines in any order: ${english(after)} ms after half of the deadlines ${counted} keys were counted, and ${due} had not expired`,
        expected: "each key that has expired is gone after 10 s, whatever has become of others",
        lookAt:
          "a key is deleted, or gets an earlier deadline: which others change their places for that, and in which direction?",
      });
    }
    if (most <= STEPS_PER_MS) return pass(`at most ${english(most)} steps between two waits`);
    return fail({
      saw: `${english(most)} steps between two waits while ${english(keys)} keys expired`,
      expected: `at most ${english(STEPS_PER_MS)}, 1 ms: clients wait meanwhile`,
      lookAt: "what ends the loop that removes expired keys?",
    });
  },
};

export const churnEvidence = z.strictObject({ answers: count, served: count });
const AT_ONCE = 50;

export const commandsClean: Check<z.infer<typeof churnEvidence>> = {
  id: "commands_clean",
  points: 2,
  needs: ["strings", "hashes", "lists", "sorted_sets"],
  run({ answers, served }, { params }: RunRequest) {
    const due = params.rounds! * AT_ONCE;
    if (answers === due && served === 1) return pass();
    return fail({
      saw: `${english(answers)} answers; redis_serve ${served ? "answered 0" : "failed"}`,
      expected: `${english(due)} answers, and 0`,
      lookAt: "which command ended the connection, or the server?",
    });
  },
};

export const neighboursEvidence = z.strictObject({ right: count, served: count });
const SERVERS = 2;

/** ThreadSanitizer watches. */
export const nothingShared: Check<z.infer<typeof neighboursEvidence>> = {
  id: "nothing_shared",
  points: 1,
  needs: "some_answer",
  run({ right, served }, { params }: RunRequest) {
    const due = params.rounds! * SERVERS;
    if (right === due && served === SERVERS) return pass(`${english(right)} rounds`);
    return fail({
      saw: `two servers at once, SET, GET and DBSIZE: ${english(right)} rounds were answered rightly; ${served} of 2 servers answered 0 at the stop`,
      expected: `${english(due)} rounds, and 0 from both: each server has keys of its own`,
      lookAt: "what do two calls of redis_serve have in common?",
    });
  },
};
