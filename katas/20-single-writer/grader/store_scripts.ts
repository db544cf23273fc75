// SPDX-License-Identifier: MIT
/** What a store answers on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";

type Command = { number: true } | { put: number; size: number } | { beyond: number } | { get: number };

const store = { ref: "store" };
/** A byte for each write, by its place. */
const byteOf = (place: number) => 1 + (place % 200);

class Store {
  drawn = 0;
  token = 0;
  size = 0;
  byte = 0;
  readonly steps: Step[] = [{ call: "store_new", args: [], as: "store", expect: "not NULL", show: "store_new()" }];

  do(command: Command): void {
    if ("number" in command) {
      const expect = BigInt(++this.drawn);
      this.steps.push({ call: "store_number", args: [store], expect, show: "store_number()" });
    } else if ("put" in command) this.#put(BigInt(Math.max(0, this.drawn - command.put)), command.size);
    else if ("beyond" in command) this.#put(BEYOND[command.beyond % BEYOND.length]! + BigInt(this.drawn), 3);
    else this.#get(command.get);
  }

  #put(token: bigint, size: number): void {
    const accepted = token > 0n && token <= BigInt(this.drawn) && token >= BigInt(this.token);
    const byte = byteOf(this.steps.length);
    this.steps.push({
      call: "script_put",
      args: [store, BigInt.asUintN(64, token), byte, size],
      expect: accepted ? 1 : 0,
      show: `store_write(token ${BigInt.asUintN(64, token)}, ${size} bytes of ${byte})`,
    });
    if (accepted) [this.token, this.size, this.byte] = [Number(token), size, byte];
    this.#get(size);
  }

  #get(room: number): void {
    const { token, size, byte } = this;
    const text = `${size} bytes of ${Math.min(size, room) > 0 ? byte : 0}, token ${token}`;
    this.steps.push(
      { call: "script_get", args: [store, room], expect: { text }, show: `store_read(room ${room})` },
      { call: "script_size", args: [store], expect: BigInt(size), show: "store_read(NULL, NULL, 0)" },
    );
  }

  end(): Step[] {
    const free = (of: typeof store | null): Step => ({
      call: "store_free",
      args: [of],
      show: `store_free(${of ? "" : "NULL"})`,
    });
    return [...this.steps, free(store), free(null)];
  }
}

/** Beyond what was drawn: never valid. The last ones are large, or negative for who counts with signs. */
const BEYOND = [1n, 2n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1_000n];
const number: Command = { number: true };
const put = (before = 0, size = 5): Command => ({ put: before, size });

/** Tokens that are older than a write's, or that nobody has drawn, are refused, and nothing has changed. */
export const storeRefuses: ScriptCheck<Command> = {
  id: "store_refuses",
  points: 7,
  commands: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant(number) },
      { weight: 5, arbitrary: fc.record({ put: fc.nat(4), size: fc.constantFrom(0, 1, 7, 100, 5_000) }) },
      { weight: 1, arbitrary: fc.record({ beyond: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.record({ get: fc.constantFrom(0, 1, 50, 10_000) }) },
    ),
    { maxLength: 30 },
  ),
  always: [
    [{ get: 0 }, { get: 10 }, put(0), number, put(0), put(0, 0), put(0, 3), put(1)],
    // A number that was drawn refuses nobody; one that was written with refuses all before it.
    [number, number, number, put(2), put(1), put(2), put(0), put(1), put(2), put(0), put(3)],
    [number, number, put(1), number, put(2), put(1), put(2), number, number, put(0), put(4)],
    // An empty value is a value, too.
    [number, number, put(0, 0), put(1, 8), put(0, 9), put(0, 0)],
    // More bytes than 16 bits count.
    [number, put(0, 65_536), put(0, 70_000), { get: 10 }, put(0, 200_000), put(0, 3)],
    [
      number,
      ...BEYOND.map((_, beyond): Command => ({ beyond })),
      put(0),
      ...BEYOND.map((_, beyond): Command => ({ beyond })),
    ],
    [
      ...Array.from({ length: 300 }, () => number),
      put(300),
      put(299),
      put(255),
      put(44),
      put(43),
      put(44),
      put(0),
      put(256),
    ],
  ],
  plan(commands) {
    const model = new Store();
    for (const command of commands) model.do(command);
    return model.end();
  },
  lookAt: "store_write: which tokens has the store given out, and which has it seen?",
};
