// SPDX-License-Identifier: MIT
/** What 02-mpsc-queue does on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";

const NODE_SIZE = 8;
const QUEUES = ["q", "r"];
const NODES = ["a", "b", "c", "d"];

const newQueue = (q: string): Step => ({ call: "mpsc_new", args: [], as: q, expect: "not NULL", show: `${q} = new()` });
const freeQueue = (q: string): Step => ({ call: "mpsc_free", args: [{ ref: q }], show: `free(${q})` });
const node = (name: string): Step => ({ alloc: name, size: NODE_SIZE });
const push = (q: string, name: string): Step => ({
  call: "mpsc_push",
  args: [{ ref: q }, { ref: name }],
  show: `push(${q}, ${name})`,
});
const pop = (q: string, expected: string | undefined): Step => ({
  call: "mpsc_pop",
  args: [{ ref: q }],
  expect: expected === undefined ? null : { ref: expected },
  show: `pop(${q})`,
});
/** `next` may hold anything outside the queue: what is left there must not matter. */
const scribble = (name: string, byte: number): Step => ({ fill: name, size: NODE_SIZE, byte });

/** An empty queue answers NULL, a pushed node comes out, and the queue is empty again. */
export const someNodeArrives: ScriptCheck = {
  id: "some_node_arrives",
  points: 5,
  ...once,
  plan: () => [
    node("a"),
    newQueue("q"),
    pop("q", undefined),
    push("q", "a"),
    pop("q", "a"),
    pop("q", undefined),
    freeQueue("q"),
  ],
  lookAt: "mpsc_push and mpsc_pop: where does a pushed node wait for the consumer?",
};

type Command = { push: number; from: number; byte: number } | { pop: number; byte: number };

const queue = fc.nat(QUEUES.length - 1);
const byte = fc.constantFrom(0x00, 0xff, 0xa5);
const command = fc.oneof(
  fc.record({ push: queue, from: fc.nat(NODES.length - 1), byte }),
  fc.record({ pop: queue, byte }),
);

/**
 * On one thread a queue is a FIFO queue: on two queues, with four nodes that are pushed again at once, to this queue or
 * the other, and whose `next` is overwritten whenever they are outside.
 */
export const matchesFifo: ScriptCheck<Command> = {
  id: "matches_fifo",
  points: 5,
  needs: "some_node_arrives",
  runs: 200,
  commands: fc.array(command, { maxLength: 40 }),
  plan: planFifo,
  lookAt:
    "draw the list after each of these calls; `next` of every node outside is overwritten before push and after pop",
};

function planFifo(commands: Command[]): Step[] {
  const model: string[][] = QUEUES.map(() => []);
  const outside = [...NODES];
  const steps: Step[] = [...NODES.map(node), ...QUEUES.map(newQueue)];
  for (const command of commands) {
    if ("push" in command) {
      const name = outside.splice(command.from % (outside.length || 1), 1)[0];
      if (name === undefined) continue; // all four are inside
      model[command.push]!.push(name);
      steps.push(scribble(name, command.byte), push(QUEUES[command.push]!, name));
    } else {
      const name = model[command.pop]!.shift();
      steps.push(pop(QUEUES[command.pop]!, name));
      if (name === undefined) continue;
      outside.push(name);
      steps.push(scribble(name, command.byte));
    }
  }
  QUEUES.forEach((q, at) => steps.push(...model[at]!.map((name) => pop(q, name)), pop(q, undefined), freeQueue(q)));
  return steps;
}
