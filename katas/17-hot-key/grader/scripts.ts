// SPDX-License-Identifier: MIT
/** What 17-hot-key answers on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { Model, type Setting } from "./model.ts";
import { READS, tales, type Command, type Tale } from "./tales.ts";

const cache = { ref: "cache" };
const free: Step = { call: "hot_free", args: [cache], show: "free()" };

const open = ({ shards, replicasMax, staleness, splits }: Setting): Step => ({
  call: "script_new",
  args: [shards, replicasMax, staleness, splits],
  as: "cache",
  expect: "not NULL",
  show: `new(shards ${shards}, replicas_max ${replicasMax}, staleness_ns ${staleness}, splits ${splits}); k3 is the key UINT64_MAX`,
});

/** A list of calls with the answers that the model gives. */
class Story {
  readonly #model: Model;
  readonly #steps: Step[];

  constructor(setting: Setting) {
    this.#model = new Model(setting);
    this.#steps = [open(setting)];
  }

  do(command: Command): void {
    if ("get" in command) this.#call("script_get", [command.get], this.#model.get(command.get), `get(k${command.get})`);
    else if ("reads" in command) this.#reads(command.reads, command.times);
    else if ("put" in command) this.#put(command.put, command.value);
    else if ("write" in command) this.#write(command.write, command.value);
    else if ("later" in command) this.#later(command.later);
    else if ("draw" in command) this.#draw(command.draw);
    else this.#fail(command);
  }

  #call(call: string, args: (number | bigint)[], text: string, show: string): void {
    this.#steps.push({ call, args: [cache, ...args], expect: { text }, show });
  }

  #reads(key: number, times: number): void {
    this.#call("script_reads", [key, times], this.#model.reads(key, times), `get(k${key}), ${times} times`);
    this.#call("script_stats", [], this.#model.stats(), "stats()");
  }

  #put(key: number, value: number): void {
    this.#call("script_put", [key, value], this.#model.put(key, value), `put(k${key}, ${value})`);
  }

  #write(key: number, value: number): void {
    const version = this.#model.write(key, value);
    const show = `somebody else writes ${value} as version ${version} in all copies of k${key}`;
    this.#steps.push({ call: "script_write", args: [key, value, version, this.#model.setting.splits], show });
  }

  #later(ns: number | bigint): void {
    this.#model.now += BigInt(ns);
    this.#steps.push({ call: "script_time", args: [this.#model.now], show: `it is ${this.#model.now} ns` });
  }

  #draw(next: number): void {
    this.#model.draws = next;
    this.#steps.push({ call: "script_draw", args: [next], show: `random() answers ${next}, then one more each time` });
  }

  #fail(command: Extract<Command, { fail: string }>): void {
    const { fail, times } = command;
    const split = command.split % this.#model.setting.splits;
    const show = `the next ${times} ${fail === "fetch" ? "fetches" : "stores"} of split ${split} fail`;
    if (fail === "fetch") this.#model.failFetch(split, times);
    else this.#model.failStore(split, times, fail === "lost");
    if (fail === "fetch") this.#steps.push({ call: "script_fail_fetch", args: [split, times], show });
    else
      this.#steps.push({
        call: "script_fail_store",
        args: [split, times, fail === "lost" ? 1 : 0],
        show: fail === "lost" ? `${show}, and have been done` : show,
      });
  }

  end(): Step[] {
    this.#call("script_stats", [], this.#model.stats(), "stats()");
    return [...this.#steps, free];
  }
}

function told({ setting, commands }: Tale): Step[] {
  const story = new Story(setting);
  for (const command of commands) story.do(command);
  return story.end();
}

/** What is put can be read; what was never put is not there. */
export const someValue: ScriptCheck = {
  id: "some_value",
  points: 5,
  ...once,
  plan: () =>
    told({
      setting: { shards: 4, replicasMax: 4, staleness: 0n, splits: 2 },
      commands: [{ get: 1 }, { put: 1, value: 7 }, { get: 1 }, { put: 1, value: 8 }, { get: 1 }, { get: 2 }],
    }),
  lookAt: "hot_put, hot_get: which copy is there of every key, and on which shard?",
};

const refused = (shards: number | bigint, splits: number): Step => ({
  call: "script_new",
  args: [shards, 1, 1000, splits],
  expect: null,
  show: `new(shards ${shards}, splits ${splits})`,
});
const mostHot = (shards: number, replicasMax: bigint, text: string): Step => ({
  call: "script_most_hot",
  args: [shards, replicasMax],
  expect: { text },
  show: `${shards} shards, replicas_max ${replicasMax}: reads of ${shards - 1} keys in turns, in two windows; then free()`,
});

/** Arguments that make no sense are refused, any `replicas_max` will do; other caches share nothing. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  points: 4,
  needs: "some_value",
  ...once,
  plan: () => [
    ...[refused(0, 1), refused(0, 0), refused(257, 1), refused(2n ** 32n + 2n, 1), refused(2, 3), refused(4, 0)],
    refused(256, 257),
    { call: "hot_free", args: [null], show: "free(NULL)" },
    ...[2n ** 64n - 1n, 2n ** 60n, 2n ** 61n + 1n].map((many) => mostHot(4, many, "hot 6")),
    ...[mostHot(256, 2n ** 32n, "hot 128"), mostHot(4, 5n, "hot 5"), mostHot(4, 0n, "hot 0")],
    {
      call: "script_two_caches",
      args: [],
      expect: { text: "answer 1 and 2, hot 1 and 0" },
      show: "two caches; a key is read a hundred times from the first, once from the second",
    },
  ],
  lookAt: "hot_new: which arguments make no sense, and how many keys can be hot at a time?",
};

const key = fc.nat(3);
const commandsOf: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ get: key }) },
  { weight: 5, arbitrary: fc.record({ reads: key, times: fc.constantFrom(2, 3, 20, 63, 64, READS, 66, 130) }) },
  { weight: 4, arbitrary: fc.record({ put: key, value: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ write: key, value: fc.integer({ min: 100, max: 199 }) }) },
  { weight: 2, arbitrary: fc.record({ later: fc.constantFrom(1, 500, 999, 1000, 1001) }) },
  { weight: 1, arbitrary: fc.record({ draw: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      fail: fc.constantFrom("fetch", "store", "lost"),
      split: fc.nat(7),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
);
const settingOf: fc.Arbitrary<Setting> = fc
  .record({
    shards: fc.constantFrom(1, 2, 3, 4, 8),
    replicasMax: fc.constantFrom(0, 1, 2, 100),
    staleness: fc.constantFrom(0n, 1n, 1_000n, 2n ** 64n - 1n),
    splits: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ splits, ...rest }) => ({ ...rest, splits: Math.min(splits, rest.shards) }));

/** On one thread a cache fetches, stores and answers as the model does. */
export const matchesModel: ScriptCheck<Tale> = {
  id: "matches_model",
  points: 12,
  needs: "some_value",
  runs: 150,
  commands: fc.record({ setting: settingOf, commands: fc.array(commandsOf, { maxLength: 40 }) }).map((tale) => [tale]),
  always: tales.map((tale) => [tale]),
  plan: ([tale]) => told(tale!),
  lookAt: "for each of these calls write down the reads of the window, which keys are hot, and which copies are filled",
};
