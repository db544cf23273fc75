// SPDX-License-Identifier: MIT
/** What clients of 20-single-writer answer, in virtual time: what the contract names, and lists that are drawn. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { FAULTS, type Fault, type Plan } from "./model.ts";
import { NAMES, plan, planOf, Story, stories, TTL_MS, VALID_US, type Command } from "./story.ts";

const SECOND_US = 1_000_000;
const TTL_US = TTL_MS * 1000;
/** By a client whose clock is right, and by one whose clock is 0.9 % slow. */
const acquire: Command = { acquire: 0 };
const slowly: Command = { acquire: 2 };
const renew: Command = { renew: 0 };
const release: Command = { release: 0 };
const restart: Command = { restart: true };
const pass = (pass_us: number): Command => ({ pass_us });
const [TAKEN, RESTART] = [1, 2];

const chosen = <T>(...values: T[]) => fc.constantFrom(...values);
const pauses = chosen(0, 0, 0, 1, 999, SECOND_US, VALID_US - 1, VALID_US, VALID_US + 1, TTL_US - 1, TTL_US, 3 * TTL_US);

interface Drawn {
  faults: Fault[];
  events: number[];
}
const plansOf = ({ faults, events }: Drawn) => {
  const one: fc.Arbitrary<Plan> = fc
    .record({
      pause_us: pauses,
      event: chosen(...events),
      fault: chosen(...faults),
      pause_after_us: pauses,
      event_after: chosen(...events),
    })
    // which replies are odd to a script is known from what it answers: it must not have been forgotten
    .map((drawn) => (drawn.fault === "odd" && drawn.event === RESTART ? { ...drawn, event: 0 } : drawn));
  return fc.record({ take: one, change: one }, { requiredKeys: [] }).chain((plans) =>
    fc.option(one, { nil: undefined }).map((number) => ({
      ...plans,
      ...(number && { number: { ...number, fault: number.fault === "none" ? number.fault : "reply lost" } as Plan }),
    })),
  );
};

const nth = fc.nat(3);
/** Lists of calls by three clients, with such faults and events. */
const commandsWith = (drawn: Drawn, more: fc.Arbitrary<Command>[] = []): fc.Arbitrary<Command[]> => {
  const plans = fc.option(plansOf(drawn), { nil: undefined, freq: 2 }).map((some) => (some ? { plans: some } : {}));
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.nat(2), chosen(0, 0, 0, 1), plans).map(([acquire, name, p]) => ({ acquire, name, ...p })),
    },
    { weight: 3, arbitrary: fc.tuple(nth, plans).map(([renew, p]) => ({ renew, ...p })) },
    { weight: 3, arbitrary: fc.tuple(nth, plans).map(([release, p]) => ({ release, ...p })) },
    { weight: 3, arbitrary: pauses.map(pass) },
    ...more.map((arbitrary) => ({ weight: 2, arbitrary })),
  );
  return fc.array(command as fc.Arbitrary<Command>, { maxLength: 16 });
};
const CALM: Drawn = { faults: ["none"], events: [0] };
const BUSY: Drawn = { faults: ["none"], events: [0, TAKEN] };

/** Taken, refused to another, extended, given back, taken again. */
export const firstLease: ScriptCheck = {
  id: "first_lease",
  points: 5,
  ...once,
  plan: () =>
    planOf([
      acquire,
      { acquire: 1 },
      { acquire: 2, name: 1 },
      pass(SECOND_US),
      renew,
      release,
      { acquire: 1 },
      { release: 2 },
    ]),
  lookAt: "lease_acquire, lease_renew, lease_release: what does Redis have after each of them?",
};

const LONG = [0, 1, 255, 256, 300];
const TTLS = [0, 1, 2, 9, 10, 86_400_000, 86_400_001, 2 ** 32 - 1];

function odd(): Step[] {
  const story = new Story();
  for (const ttl_ms of TTLS.filter((ttl) => ttl < 10 || ttl > 86_400_000))
    story.call("script_acquire", [0, 0, 40, ttl_ms], "-EINVAL, nothing asked", `acquire "jobs" for ${ttl_ms} ms`);
  for (const letters of LONG) {
    const bad = letters === 0 || letters > 255;
    const expected = bad ? "-EINVAL, nothing asked" : "0, valid for 988000000 ns from the call on";
    story.call("script_acquire_long", [letters, 1000], expected, `acquire a name of ${letters} letters for 1000 ms`);
    if (!bad) story.call("script_pass", [SECOND_US], null, "1000 ms pass");
  }
  story.call("script_no_random", [], null, "next, there is no randomness");
  story.call("script_acquire", [0, 0, 40, 1000], "-EIO, nothing asked", 'acquire "jobs" for 1000 ms');
  story.steps.push({ call: "lease_client_free", args: [null], show: "lease_client_free(NULL)" });
  for (const ttl_ms of [10, 11, 86_400_000]) {
    story.do({ acquire: 1, ttl_ms });
    story.do(pass(ttl_ms * 1000));
  }
  return story.end();
}

/** Arguments out of bounds, and no randomness: nothing is asked. The longest and the shortest that may be. */
export const saysWhy: ScriptCheck = {
  id: "says_why",
  points: 4,
  needs: "first_lease",
  ...once,
  plan: odd,
  lookAt: "lease_acquire: what is checked before anything is asked, and how wide is each number?",
};

const late = (part: Partial<Plan>) => plan({ pause_us: TTL_US, event: TAKEN, ...part });
const lateAfter = plan({ pause_after_us: TTL_US, event_after: TAKEN });

/** What changes a key changes its own one alone, whatever happens before the request, or in it. */
export const ownKeyAlone = stories(
  {
    id: "own_key_alone",
    kind: "keys",
    points: 9,
    commands: commandsWith(BUSY),
    lookAt: "lease_renew, lease_release: what may happen between looking whose the key is and changing it?",
  },
  [
    // Its time is over, and somebody has it; the process was paused before the request, or in it.
    [acquire, { release: 0, plans: { change: late({}) } }],
    [acquire, { renew: 0, plans: { change: late({}) } }],
    [acquire, pass(TTL_US), { acquire: 1 }, release, renew, { renew: 1 }, release, { release: 1 }],
    // Taken again by the same client: another lease all the same.
    [acquire, pass(TTL_US), acquire, release, renew, { release: 1 }],
    [acquire, release, acquire, release, renew, { release: 1 }, release],
    // Too late in acquire: what is put back is not somebody else's.
    [{ acquire: 0, plans: { take: lateAfter } }],
    [{ acquire: 0, plans: { number: lateAfter } }],
    [{ acquire: 0, plans: { take: plan({ pause_after_us: VALID_US }), change: late({}) } }],
    // By the clock it is over, in Redis not yet: not extended, but given back.
    [acquire, pass(VALID_US), renew, release],
    [acquire, { acquire: 1, name: 1 }, { acquire: 2, name: 2 }, { release: 1 }, release, { release: 2 }],
  ],
);

/** Valid from before the request, less the drift; who gets it too late has not got it. */
export const validInTime = stories(
  {
    id: "valid_in_time",
    points: 9,
    commands: commandsWith(CALM),
    lookAt: "when did the server begin to count, at the earliest, and when does this clock say so?",
  },
  [
    ...[0, 1, 2].flatMap((client): Command[][] => [
      [{ acquire: client, plans: { take: plan({ pause_us: SECOND_US }) } }, renew],
      [
        { acquire: client, plans: { take: plan({ pause_after_us: SECOND_US }) } },
        pass(VALID_US - SECOND_US - 1),
        renew,
      ],
      [{ acquire: client, plans: { number: plan({ pause_us: SECOND_US }) } }, pass(VALID_US - SECOND_US), renew],
      [{ acquire: client, plans: { number: plan({ pause_after_us: VALID_US }) } }, { acquire: client }],
    ]),
    ...[VALID_US - 1, VALID_US, TTL_US - 1, TTL_US].flatMap((pause): Command[][] => [
      [{ acquire: 0, plans: { take: plan({ pause_us: pause }) } }, renew],
      [{ acquire: 0, plans: { take: plan({ pause_after_us: pause }) } }, renew],
      [{ acquire: 0, plans: { number: plan({ pause_after_us: pause }) } }, renew],
      [acquire, { renew: 0, plans: { change: plan({ pause_us: pause }) } }, renew],
      [acquire, { renew: 0, plans: { change: plan({ pause_after_us: pause }) } }, renew, release],
      [acquire, pass(pause), renew, release],
      [slowly, pass(pause), renew, release],
    ]),
    // Extended again and again: never by more than a ttl from now.
    [
      acquire,
      pass(9 * SECOND_US),
      renew,
      pass(9 * SECOND_US),
      renew,
      pass(9 * SECOND_US),
      renew,
      pass(VALID_US),
      renew,
    ],
    [
      acquire,
      renew,
      renew,
      pass(VALID_US - 1),
      { renew: 0, plans: { change: plan({ pause_us: SECOND_US / 1000 }) } },
      release,
    ],
    [{ acquire: 1 }, pass(40 * SECOND_US), { acquire: 1 }, pass(SECOND_US), { renew: 1 }, { renew: 1 }],
    // One client, two leases: each is extended by its own time.
    [acquire, { acquire: 0, name: 1, ttl_ms: 3 * TTL_MS }, pass(SECOND_US), renew, { renew: 1 }, renew],
  ],
);

/** A token is a number that was drawn when the key was set; lost numbers do no harm. */
export const tokensInOrder = stories(
  {
    id: "tokens_in_order",
    kind: "tokens",
    points: 8,
    commands: commandsWith({ faults: ["none", "none", "reply lost"], events: [0, TAKEN, RESTART] }),
    lookAt: "lease_acquire: what is known about the holder before, at the moment in which the number is drawn?",
  },
  [
    [acquire, renew, release, acquire, release],
    [acquire, release, restart, acquire, restart, { acquire: 1 }],
    [acquire, { renew: 0 }, { renew: 0, plans: { change: plan({ pause_us: SECOND_US }) } }],
    [{ acquire: 0, plans: { number: plan({ fault: "reply lost" }) } }, acquire],
    [{ acquire: 0, plans: { number: plan({ fault: "request lost" }) } }, { acquire: 1 }],
    [{ acquire: 0, plans: { number: plan({ fault: "reply lost" }), change: plan({ fault: "reply lost" }) } }, acquire],
    [{ acquire: 0, plans: { number: plan({ event: RESTART, event_after: TAKEN }) } }, renew, release],
    [{ acquire: 0, plans: { number: plan({ fault: "reply lost", event_after: RESTART }) } }, acquire],
  ],
);

const SILENT: Fault[] = ["request lost", "reply lost", "late"];

/** Nobody knows whether a request that was not answered has been carried out, or will be. */
export const lostReplies = stories(
  {
    id: "lost_replies",
    points: 9,
    commands: commandsWith({ faults: [...FAULTS], events: [0, TAKEN] }, [fc.constant({ arrive: true })]),
    lookAt: "what may Redis have done when no reply has come, and what is still true of the lease?",
  },
  [
    [{ acquire: 0, plans: { number: plan({ fault: "reply lost" }) } }, acquire],
    ...(["request lost", "reply lost", "late", "error", "odd"] as Fault[]).flatMap((fault): Command[][] => [
      [{ acquire: 0, plans: { take: plan({ fault }) } }, { arrive: true }, acquire],
      [acquire, { renew: 0, plans: { change: plan({ fault, pause_us: SECOND_US }) } }, { arrive: true }, renew],
      [acquire, { release: 0, plans: { change: plan({ fault }) } }, release, { arrive: true }, acquire],
      [acquire, pass(9 * SECOND_US), { renew: 0, plans: { change: plan({ fault }) } }, pass(SECOND_US), renew, release],
    ]),
    ...SILENT.flatMap((fault): Command[][] => [
      [{ acquire: 0, plans: { take: plan({ fault }), change: plan({ fault }) } }, acquire, pass(TTL_US), acquire],
      [{ acquire: 0, plans: { take: plan({ fault }), change: late({}) } }, acquire],
      [{ acquire: 0, plans: { take: plan({ fault, pause_after_us: TTL_US, event_after: TAKEN }) } }],
    ]),
    [
      { acquire: 0, plans: { take: plan({ fault: "late" }) } },
      { acquire: 1 },
      { arrive: true },
      release,
      { arrive: true },
    ],
    [{ acquire: 0, plans: { number: plan({ fault: "reply lost" }), change: plan({ fault: "error" }) } }, acquire],
  ],
);

/** Redis comes back empty: keys, and scripts, too. */
export const emptyRedis = stories(
  {
    id: "empty_redis",
    points: 6,
    commands: commandsWith({ faults: ["none"], events: [0, 0, RESTART] }, [fc.constant(restart)]),
    lookAt: "what does a client know of Redis that may have been forgotten there?",
  },
  [
    [acquire, restart, renew, renew, release, acquire, { renew: 1 }, { release: 1 }],
    [acquire, renew, restart, release, acquire, { release: 1 }],
    [acquire, { forgets: 0 }],
    [acquire, renew, { forgets: 0 }, { acquire: 1 }],
    [acquire, release, restart, acquire, { renew: 1 }, restart, { acquire: 1 }, { renew: 1 }, { renew: 2 }],
    [acquire, { renew: 0, plans: { change: plan({ event: RESTART }) } }, renew],
    [acquire, { release: 0, plans: { change: plan({ event: RESTART }) } }, acquire],
    [{ acquire: 0, plans: { take: plan({ event: RESTART }) } }, release],
    [{ acquire: 0, plans: { take: plan({ event_after: RESTART }) } }, { acquire: 1 }, renew, release],
    [
      acquire,
      renew,
      { acquire: 0, name: 1, plans: { take: plan({ fault: "reply lost", event_after: RESTART }) } },
      { acquire: 0, name: 1 },
    ],
  ],
);

/** The script that counts. Each call has what it needs known to Redis: the first ones do not count. */
function counted(): Step[] {
  const story = new Story("counts");
  for (const command of [acquire, renew, release]) story.do(command);
  for (const name of NAMES.keys()) {
    story.do({ acquire: 0, name });
    story.counts(1, 1);
    story.do({ acquire: 0, name });
    story.counts(1, 0);
    story.do({ renew: 1 + name });
    story.counts(1, 0);
    story.do({ release: 1 + name });
    story.counts(1, 0);
    story.do({ renew: 1 + name });
    story.counts(1, 0);
  }
  story.do({ acquire: 0, plans: { number: plan({ fault: "reply lost" }) } });
  story.counts(2, 1);
  story.do({ acquire: 0, plans: { take: plan({ fault: "reply lost" }) } });
  story.counts(2, 0);
  return story.end();
}

/** One request for a call, and one more to put back. */
export const oneRequest: ScriptCheck = {
  id: "one_request",
  points: 6,
  needs: "first_lease",
  ...once,
  plan: counted,
  lookAt: "which questions need not be asked, as the answer may be old when it comes?",
};

const writes = nth.map((write): Command => ({ write }));
const arrives = fc.constant<Command>({ arrive: true });
const anything = commandsWith({ faults: [...FAULTS], events: [0, TAKEN, RESTART] }, [
  writes,
  arrives,
  fc.constant(restart),
]);

/** All of it, with a store: whoever was the writer is refused. */
export const singleWriter: ScriptCheck<Command> = {
  id: "single_writer",
  points: 7,
  needs: ["first_lease", "store_refuses"],
  runs: 300,
  commands: anything,
  always: [
    [acquire, { write: 0 }, pass(TTL_US), { acquire: 1 }, { write: 0 }, { write: 1 }, { write: 0 }, { write: 1 }],
    [acquire, { write: 0 }, restart, { acquire: 1 }, { write: 1 }, { write: 0 }, release, { write: 0 }],
    [acquire, pass(TTL_US), { acquire: 1 }, { write: 1 }, pass(TTL_US), acquire, { write: 2 }, { write: 1 }],
    [acquire, restart, { acquire: 1 }, restart, { acquire: 2 }, { write: 2 }, { write: 1 }, { write: 0 }, { write: 2 }],
  ],
  plan: (commands) => planOf(commands, "whole"),
  lookAt: "for each lease write down its number, and when it was drawn; then the order of the writes",
};
