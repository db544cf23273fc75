// SPDX-License-Identifier: MIT
/** What 06-hash-ring does on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once, Texts } from "@c10kata/harness/script";
import fc from "fast-check";
import { calls, freeRing, KEYS, latin, newRing } from "./calls.ts";
import { labelOf, Ring } from "./ring.ts";

/** As Linux numbers them. */
const ENOENT = -2;
const EEXIST = -17;
const EINVAL = -22;

const NAME_BYTES_MAX = 255;

/** An empty ring answers NULL; a ring with one node answers that node for every key, past its last point too. */
export const someKeyFindsNode: ScriptCheck = {
  id: "some_key_finds_node",
  points: 4,
  ...once,
  plan() {
    const texts = new Texts();
    const { add, get } = calls(texts, "r");
    const steps = [
      newRing("r", 2),
      get(KEYS[1]!, undefined),
      add("a", 0),
      ...KEYS.map((key) => get(key, "a")),
      freeRing("r"),
    ];
    return [...texts.steps, ...steps];
  },
  lookAt: "ring_add_node and ring_get_node: which point comes after the last one, and what does an empty ring answer?",
};

const LONGEST = "n".repeat(NAME_BYTES_MAX);
const TOO_LONG = `${LONGEST}n`;

/** Names that are not valid, or are there already, are refused by number, and change nothing. */
export const refusesBadNames: ScriptCheck = {
  id: "refuses_bad_names",
  points: 5,
  needs: "some_key_finds_node",
  ...once,
  plan: planBadNames,
  lookAt: "-17 is -EEXIST, -2 -ENOENT, -22 -EINVAL; what has been changed when one of them is returned?",
};

function planBadNames(): Step[] {
  const texts = new Texts();
  const { add, remove, get, getNodes } = calls(texts, "r");
  const nobody = (call: string, expect: number): Step => ({
    call: `ring_${call}_node`,
    args: [{ ref: "r" }, null],
    expect,
    show: `${call}(r, NULL)`,
  });
  const model = new Ring(20, ["a", "b"]);
  const unchanged = () => KEYS.flatMap((key) => [get(key, model.node(key)), getNodes(key, 3, model.nodes(key, 3))]);
  const steps = [
    newRing("none", 0, null),
    newRing("r", 20),
    remove("a", ENOENT),
    add("a", 0),
    add("b", 0),
    ...[add("a", EEXIST), add("b", EEXIST), ...unchanged()],
    ...[add("", EINVAL), nobody("add", EINVAL), add(TOO_LONG, EINVAL), ...unchanged()],
    ...[remove("c", ENOENT), remove("", ENOENT), nobody("remove", ENOENT), remove(TOO_LONG, ENOENT), ...unchanged()],
    ...[add(LONGEST, 0), add(LONGEST, EEXIST), remove(TOO_LONG, ENOENT), remove(LONGEST, 0), remove(LONGEST, ENOENT)],
    ...[...unchanged(), remove("a", 0), remove("b", 0), ...KEYS.map((key) => get(key, undefined)), freeRing("r")],
    { call: "ring_free", args: [null], show: "free(NULL)" } satisfies Step,
  ];
  return [...texts.steps, ...steps];
}

type Command =
  | { ring: number; add: string }
  | { ring: number; remove: string }
  | { ring: number; key: Uint8Array }
  | { ring: number; key: Uint8Array; n: number };

/** Few points make the wrap and the place of a single point common; many are the customary case. */
const RINGS = [1, 3, 150];
const NAMES = ["a", "b", "ab", "node-1", "node-10", "10.0.0.1:80"];
/** Names that are allowed and unusual: the longest there is, its beginning, one of printf's formats, no ASCII. */
const ODD_NAMES = [LONGEST, LONGEST.slice(0, -1), LONGEST.slice(0, 64), "%s%n%zu", "100 %", "b\u00fccher", "a_vnode_1"];
/** Names that a program might take for the same. */
const BLANK_NAMES = ["a", " a", "a ", "\ta", "A"];
/** More than a fixed array holds. */
const MANY_NAMES = Array.from({ length: 30 }, (_, shard) => `shard-${shard}`);
/**
 * Found by search, kept as data: the first points of these pairs lie 2 and 28 places apart, one pair in each half of the
 * circle. A ring that rounds or cuts what it compares takes one for the other.
 */
export const NEAR = ["EXn5EivTcU1", "3VsoHJfPRQ0", "node-147972707", "node-309204663"];
const LONG_KEYS = ["x", "y"].map((end) => latin(`${"k".repeat(300)}${end}`));

/** On one or two of the rings, some nodes come first, in any order; then anything. */
function commandsOn(rings: number[], names: string[]): fc.Arbitrary<Command[]> {
  const name = fc.constantFrom(...names);
  const vnode = fc.nat(Math.min(2, Math.max(...rings) - 1));
  const label = fc.record({ name, vnode }).map((point) => latin(labelOf(point.name, point.vnode)));
  const key: fc.Arbitrary<Uint8Array> = fc.oneof(
    label,
    fc.constantFrom(...KEYS, ...LONG_KEYS),
    fc.uint8Array({ maxLength: 12 }),
  );
  const command = (ring: fc.Arbitrary<number>): fc.Arbitrary<Command> =>
    fc.oneof(
      { arbitrary: fc.record({ ring, key }), weight: 5 },
      { arbitrary: fc.record({ ring, key, n: fc.nat(names.length + 1) }), weight: 3 },
      { arbitrary: fc.record({ ring, remove: name }), weight: 3 },
      { arbitrary: fc.record({ ring, add: name }), weight: 3 },
    );
  return fc.subarray(rings, { minLength: 1, maxLength: Math.min(2, rings.length) }).chain((used) => {
    const first = fc.shuffledSubarray(names).map((chosen) => chosen.map((add) => ({ ring: used[0]!, add })));
    const rest = fc.array(command(fc.constantFrom(...used)), { maxLength: 25, size: "max" });
    return fc.tuple(first, rest).map(([come, others]): Command[] => [...come, ...others]);
  });
}

/**
 * Every answer is the model's, whatever is added, removed and looked up. Among the keys are the labels of points: such a
 * key lies exactly on its point.
 */
export const matchesModel: ScriptCheck<Command> = {
  id: "matches_model",
  points: 7,
  needs: ["some_key_finds_node", "ring_hash_vectors"],
  runs: 200,
  commands: fc.oneof(
    { arbitrary: commandsOn(RINGS, NAMES), weight: 3 },
    { arbitrary: commandsOn([1, 12], ODD_NAMES), weight: 2 },
    { arbitrary: commandsOn([1], BLANK_NAMES), weight: 1 },
    { arbitrary: commandsOn([1], MANY_NAMES), weight: 1 },
    { arbitrary: commandsOn([1], NEAR), weight: 1 },
  ),
  plan: planModel,
  lookAt:
    "draw the ring after each of these calls: where are the points, where is the key? (-17 is -EEXIST, -2 -ENOENT)",
};

function planModel(commands: Command[]): Step[] {
  const texts = new Texts();
  const used = [...new Set(commands.map(({ ring }) => ring))];
  const models = new Map(used.map((vnodes) => [vnodes, new Ring(vnodes)]));
  const steps = used.map((vnodes) => newRing(`r${vnodes}`, vnodes));
  for (const command of commands) {
    const model = models.get(command.ring)!;
    const { add, remove, get, getNodes } = calls(texts, `r${command.ring}`);
    if ("add" in command) steps.push(add(command.add, model.add(command.add) ? 0 : EEXIST));
    else if ("remove" in command) steps.push(remove(command.remove, model.remove(command.remove) ? 0 : ENOENT));
    else if ("n" in command) steps.push(getNodes(command.key, command.n, model.nodes(command.key, command.n)));
    else steps.push(get(command.key, model.node(command.key)));
  }
  return [...texts.steps, ...steps, ...used.map((vnodes) => freeRing(`r${vnodes}`))];
}

/**
 * Found by search, kept as data. Of equal FNV-1a hash, so that all their points lie at the same places, two by two: the
 * second two differ first in a byte above 127, which is greater than a letter. And two pairs with one place in common,
 * "9VBftFVESJc_vnode_2" and "2VqY1C.cQ6c_vnode_1", "96mtIRhjqQd_vnode_1" and
 * "7vJj7UGrPhd_vnode_0".
 */
export const TWINS = ["8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"];
export const HIGH_TWINS = ["çdkgïnåfnìbáj", "edolåhnmjæìæg"];
export const TOUCHING = ["9VBftFVESJc", "2VqY1C.cQ6c", "96mtIRhjqQd", "7vJj7UGrPhd"];

/**
 * Where points of two nodes lie at the same place the smaller name owns it, whichever came first, and whatever has been
 * removed in between.
 */
export const equalPoints: ScriptCheck<Command> = {
  id: "equal_points",
  points: 4,
  needs: "matches_model",
  runs: 100,
  commands: fc.oneof(
    commandsOn([1, 3], [...TWINS, "other"]),
    commandsOn([1, 3], [...HIGH_TWINS, "other"]),
    commandsOn([3], TOUCHING),
  ),
  plan: planModel,
  lookAt: "two of these nodes have points at the same place; which of them came first, and does it matter?",
};

const CROWD = Array.from({ length: 1_200 }, (_, i) => `crowd-${i}`);
const HUGE_KEYS = ["x", "y"].map((end) => latin(`${"k".repeat(200_000)}${end}`));
/** More points a node than 16 bits number, up to labels with six digits. */
export const WIDE = 131_073;
/** The model's owners of "key 0", "key 1", ... among nodes "a" and "b" of that many points: it takes a second for them. */
export const WIDE_OWNERS = "bbaaababbaaaaabababbabbbbbababababbbabbbbbaabbaabababaaabbbbaaba";

/** By so many bytes a point a size may wrap around: what is taken then is far too little. */
const POINT_BYTES = [8n, 16n, 24n, 32n];
const tooMany = (bytes: bigint): Step => {
  const vnodes = 2n ** 64n / bytes + 1n;
  return { call: "add_huge_node", args: [vnodes], expect: -12, show: `r = new(${vnodes}); add(r, "a")` };
};

/** Many nodes, long keys, many points: nothing has a size at which it ends. */
export const anySize: ScriptCheck = {
  id: "any_size",
  points: 2,
  needs: "matches_model",
  ...once,
  plan() {
    const texts = new Texts();
    const crowd = calls(texts, "crowd");
    const wide = calls(texts, "wide");
    const model = new Ring(2, CROWD);
    const keys = [...KEYS, ...HUGE_KEYS];
    const steps = [
      newRing("crowd", 2),
      ...CROWD.map((name) => crowd.add(name, 0)),
      ...keys.map((key) => crowd.get(key, model.node(key))),
      ...[150, 1_200, 1_201, 2 ** 32 + 1].flatMap((n) =>
        keys.map((key) => crowd.getNodes(key, n, model.nodes(key, n))),
      ),
      freeRing("crowd"),
      newRing("wide", WIDE),
      ...["a", "b"].map((name) => wide.add(name, 0)),
      ...[...WIDE_OWNERS].map((owner, i) => wide.get(latin(`key ${i}`), owner)),
      freeRing("wide"),
      ...POINT_BYTES.map(tooMany),
    ];
    return [...texts.steps, ...steps];
  },
  lookAt:
    "which sizes are fixed, and which numbers have fewer bits than a size_t? Can a product be too large for one? (-12 is -ENOMEM)",
};

/** The ring keeps names of its own: what becomes of the caller's memory does not matter. */
export const namesCopied: ScriptCheck = {
  id: "names_copied",
  points: 4,
  needs: "some_key_finds_node",
  ...once,
  plan() {
    const texts = new Texts();
    const { get, add, remove } = calls(texts, "r");
    const addFromBuffer: Step = {
      call: "ring_add_node",
      args: [{ ref: "r" }, { ref: "buffer" }],
      expect: 0,
      show: 'add(r, buffer holding "node-1")',
    };
    const steps: Step[] = [
      { alloc: "buffer", size: 16 },
      { write: "buffer", hex: Buffer.from("node-1").toString("hex") },
      newRing("r", 10),
      addFromBuffer,
      { fill: "buffer", size: 15, byte: 0x78 },
      ...KEYS.map((key) => get(key, "node-1")),
      add("node-1", EEXIST),
      remove("node-1", 0),
      get(KEYS[1]!, undefined),
      freeRing("r"),
    ];
    return [...texts.steps, ...steps];
  },
  lookAt: "ring_add_node: whose memory does the ring remember, once `buffer` holds something else?",
};
