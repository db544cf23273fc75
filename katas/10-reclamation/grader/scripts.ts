// SPDX-License-Identifier: MIT
/** What both stacks do on one thread: call lists, whose answers an array knows. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { HAZARD, TAGGED } from "./files.ts";

const NONE = 0xffff_ffff;
const NAMES = ["s", "t"];
/** Beyond the last slot, among others by a sign or by what 16 bits cut off. */
const NO_SLOTS = [0, 1, 65_536, 2 ** 31 - 1, NONE];

/** A stack of slots as a script, and what is inside of it. */
class SlotStory {
  readonly steps: Step[] = [];
  readonly #inside = NAMES.map((): number[] => []);

  constructor(readonly slots: number) {
    for (const as of NAMES) {
      const show = `${as} = new(${slots})`;
      this.steps.push({ call: "tagged_new", args: [slots], as, expect: "not NULL", show });
    }
  }

  /** Of the slots that are not inside the `nth`, or one that there is not. */
  push(of: number, nth: number): void {
    const free = Array.from({ length: this.slots }, (_, slot) => slot).filter(
      (slot) => !this.#inside[of]!.includes(slot),
    );
    const slot = free[nth % (free.length || 1)];
    if (slot === undefined) return;
    this.#inside[of]!.push(slot);
    this.#call("push", of, [slot], true);
  }

  pushNone(of: number, beyond: number): void {
    this.#call("push", of, [Math.max(this.slots, this.slots + beyond > NONE ? beyond : this.slots + beyond)], false);
  }

  pop(of: number): void {
    this.#call("pop", of, [], this.#inside[of]!.pop() ?? NONE);
  }

  end(): Step[] {
    NAMES.forEach((name, of) => {
      while (this.#inside[of]!.length > 0) this.pop(of);
      this.pop(of);
      this.steps.push({ call: "tagged_free", args: [{ ref: name }], show: `free(${name})` });
    });
    return this.steps;
  }

  #call(name: string, of: number, args: number[], expect: boolean | number): void {
    const ref = NAMES[of]!;
    const show = `${name}(${[ref, ...args].join(", ")})`;
    this.steps.push({ call: `tagged_${name}`, args: [{ ref }, ...args], expect, show });
  }
}

/** A slot goes in and comes out, and the next one after it. */
export const taggedKeepsOne: ScriptCheck = {
  id: "tagged_keeps_one",
  file: TAGGED,
  points: 4,
  ...once,
  plan() {
    const story = new SlotStory(2);
    story.pop(0);
    story.push(0, 1);
    story.push(0, 0);
    story.pop(0);
    story.pushNone(0, 0);
    return story.end();
  },
  lookAt: "tagged_push and tagged_pop: where is the number of the slot on top, and what says that there is none?",
};

type SlotCommand = { push: number; of: number } | { none: number; of: number } | { pop: number };
type SlotList = [{ slots: number }, ...SlotCommand[]];
/** Mostly the first stack: the second is there to be left alone. */
const of = fc.constantFrom(0, 0, 0, 1);
const slotCommands = fc
  .tuple(
    fc.record({ slots: fc.integer({ min: 1, max: 9 }) }),
    fc.array<SlotCommand>(
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ push: fc.nat(8), of }) },
        { weight: 4, arbitrary: fc.record({ pop: of }) },
        { weight: 1, arbitrary: fc.record({ none: fc.nat(NO_SLOTS.length - 1), of }) },
      ),
      { maxLength: 60, size: "max" },
    ),
  )
  .map(([first, rest]): SlotList => [first, ...rest]);

/** On one thread a stack answers as an array does, on every list of calls, on two stacks. */
export const taggedMatchesStack: ScriptCheck<SlotList[number]> = {
  id: "tagged_matches_stack",
  file: TAGGED,
  points: 3,
  needs: "tagged_keeps_one",
  runs: 150,
  commands: slotCommands as fc.Arbitrary<SlotList[number][]>,
  always: [NO_SLOTS.map((_, none) => ({ none, of: 0 }))].map((list) => [{ slots: 3 }, ...list]),
  plan([first, ...rest]) {
    const story = new SlotStory(first && "slots" in first ? first.slots : 1);
    for (const command of rest as SlotCommand[]) {
      if ("push" in command) story.push(command.of, command.push);
      else if ("none" in command) story.pushNone(command.of, NO_SLOTS[command.none]!);
      else story.pop(command.pop);
    }
    return story.end();
  },
  lookAt: "which slot is below the one on top, and where is that written?",
};

/** Where a pop leaves its value; before each, it is filled with a byte that must outlast an empty stack. */
const UNTOUCHED = "a5".repeat(8);

/** Two stacks of values on one domain, as a script. */
class ValueStory {
  readonly steps: Step[] = [
    { alloc: "value", size: 8 },
    { call: "hp_new", args: [2n, 1n], as: "domain", expect: "not NULL", show: "domain = hp_new(2, 1)" },
    { call: "hp_attach", args: [{ ref: "domain" }], as: "me", expect: "not NULL", show: "me = attach(domain)" },
  ];
  readonly #inside = NAMES.map((): bigint[] => []);

  constructor() {
    for (const as of NAMES)
      this.steps.push({
        call: "hp_stack_new",
        args: [{ ref: "domain" }],
        as,
        expect: "not NULL",
        show: `${as} = stack_new()`,
      });
  }

  push(of: number, value: bigint): void {
    const ref = NAMES[of]!;
    this.#inside[of]!.push(value);
    const show = `push(${ref}, ${value})`;
    this.steps.push({ call: "hp_stack_push", args: [{ ref }, { ref: "me" }, value], expect: true, show });
  }

  pop(of: number): void {
    const ref = NAMES[of]!;
    const value = this.#inside[of]!.pop();
    const args = [{ ref }, { ref: "me" }, { ref: "value" }];
    const show = `pop(${ref})`;
    this.steps.push({ fill: "value", size: 8, byte: 0xa5 });
    this.steps.push({ call: "hp_stack_pop", args, expect: value !== undefined, show });
    this.steps.push({ read: "value", size: 8, expect: { hex: hexOf(value) }, show: "value", words: inWords });
  }

  /** One of the stacks is freed with what is inside. */
  end(): Step[] {
    while (this.#inside[0]!.length > 0) this.pop(0);
    this.pop(0);
    for (const ref of NAMES)
      this.steps.push({ call: "hp_stack_free", args: [{ ref }, { ref: "me" }], show: `stack_free(${ref})` });
    this.steps.push({ call: "hp_detach", args: [{ ref: "me" }], show: "detach(me)" });
    this.steps.push({ call: "hp_free", args: [{ ref: "domain" }], show: "hp_free(domain)" });
    return this.steps;
  }
}

/** As the guest reads it: 64 bits, the lowest byte first. */
function hexOf(value?: bigint): string {
  if (value === undefined) return UNTOUCHED;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.toString("hex");
}

const inWords = (hex: string) => (hex === UNTOUCHED ? "untouched" : `${Buffer.from(hex, "hex").readBigUInt64LE()}`);

/** A value goes in and comes out, and then the stack is empty. */
export const hpKeepsOne: ScriptCheck = {
  id: "hp_keeps_one",
  file: HAZARD,
  points: 3,
  ...once,
  plan() {
    const story = new ValueStory();
    story.pop(0);
    story.push(0, 7n);
    story.push(0, 8n);
    story.pop(0);
    return story.end();
  },
  lookAt: "hp_stack_push and hp_stack_pop: where is the value between the two?",
};

type ValueCommand = { push: bigint; of: number } | { pop: number };
const value = fc.constantFrom(0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, 77n);

/** On one thread a stack of values answers as an array does, on every list of calls, on two stacks of one domain. */
export const hpMatchesStack: ScriptCheck<ValueCommand> = {
  id: "hp_matches_stack",
  file: HAZARD,
  points: 4,
  needs: "hp_keeps_one",
  runs: 100,
  commands: fc.array<ValueCommand>(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ push: value, of }) },
      { weight: 4, arbitrary: fc.record({ pop: of }) },
    ),
    { maxLength: 60, size: "max" },
  ),
  always: [[{ push: 2n ** 64n - 1n, of: 0 }, { push: 2n ** 32n, of: 1 }, { pop: 0 }, { pop: 0 }, { pop: 1 }]],
  plan(commands) {
    const story = new ValueStory();
    for (const command of commands) {
      if ("push" in command) story.push(command.of, command.push);
      else story.pop(command.pop);
    }
    return story.end();
  },
  lookAt: "which node is below the one on top, and what else of a node has to be kept?",
};
