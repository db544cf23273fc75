// SPDX-License-Identifier: MIT
/** Frames: round trips, every way to be malformed, every place to be split. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Collector, FrameDecoder, Malformed } from "../src/guest/evidence.ts";
import { count, rows, series } from "../src/kata/evidence.ts";
import { judgeBrokenOff } from "../src/judge/check.ts";

const NONCE = "a-run";

function frame(kind: number, payload: Uint8Array | string = ""): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(5);
  head.writeUInt32LE(body.length + 1, 0);
  head[4] = kind;
  return Buffer.concat([head, body]);
}

const words = (values: bigint[]) => Buffer.from(BigUint64Array.from(values).buffer);
const named = (kind: number, name: string, values: bigint[]) =>
  frame(kind, Buffer.concat([Buffer.from(`${name}\0`), words(values)]));
const stack = (kind: number, signal: number, thread: number, offsets: bigint[]) =>
  frame(kind, Buffer.concat([Buffer.from(Uint32Array.of(signal, thread).buffer), words(offsets)]));

const hello = frame(1);
const endOf = (nonce: string, before: number) => frame(8, Buffer.concat([words([BigInt(before)]), Buffer.from(nonce)]));
const ended = (...frames: Uint8Array[]) => {
  const all = Buffer.concat(frames);
  return Buffer.concat([all, endOf(NONCE, all.length)]);
};
const honest = ended(
  hello,
  named(2, "pushed", [7n]),
  named(3, "drained", [1n, 2n ** 64n - 1n]),
  frame(4),
  stack(6, 0, 12, [0x10n, 0n]),
  frame(7, '{"big":"1"}'),
);

function collect(...chunks: Uint8Array[]): Collector["collected"] {
  const collector = new Collector(NONCE);
  for (const chunk of chunks) collector.feed(chunk);
  return collector.collected;
}

test("an honest run is read as it was meant", () => {
  expect(collect(honest)).toEqual({
    evidence: { pushed: 7, drained: BigUint64Array.of(1n, 2n ** 64n - 1n) },
    answers: ['{"big":"1"}'],
    stacks: [{ kind: "stack", signal: 0, thread: 12, offsets: [0x10n, 0n] } as never],
    ended: true,
    hello: true,
  });
});

test("the same, split at every byte", () => {
  const whole = collect(honest);
  for (let at = 0; at <= honest.length; at++) {
    expect(collect(honest.subarray(0, at), honest.subarray(at))).toEqual(whole);
  }
  expect(collect(...[...honest].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test("the same, cut short at every byte: never an end, never malformed", () => {
  for (let at = 0; at < honest.length; at++) {
    const { ended, malformed } = collect(honest.subarray(0, at));
    expect({ at, ended, malformed }).toEqual({ at, ended: false, malformed: undefined });
  }
});

describe("malformed", () => {
  test.each<[string, Uint8Array[], string]>([
    ["no length", [hello, Buffer.alloc(4)], "a frame of 0 bytes"],
    ["a length beyond every limit", [hello, Buffer.from([0xff, 0xff, 0xff, 0xff])], "a frame of 4294967295 bytes"],
    ["an unknown kind", [hello, frame(12)], "a frame of unknown kind 12"],
    ["kind 0", [hello, frame(0)], "a frame of unknown kind 0"],
    ["progress that says something", [hello, frame(4, "x")], "a frame of unknown kind 4"],
    [
      "a count without a name",
      [hello, frame(2, Buffer.concat([Buffer.from([0]), words([1n])]))],
      "a frame without a name",
    ],
    ["a count without an end of its name", [hello, frame(2, "pushed")], "a frame without a name"],
    ["a count of two", [hello, named(2, "pushed", [1n, 2n])], "a count that is not one number"],
    ["a count of none", [hello, named(2, "pushed", [])], "a count that is not one number"],
    ["a series of a half", [hello, frame(3, "s\0abcd")], "a list that is not whole numbers"],
    [
      "a name that is no text",
      [hello, frame(2, Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0]))],
      "a frame of kind 2 that cannot be read",
    ],
    ["a stack without a thread", [hello, frame(6, "abc")], "a frame of kind 6 that cannot be read"],
    ["a stack of a half", [hello, frame(5, "12345678abc")], "a list that is not whole numbers"],
    ["rows without columns", [hello, frame(9, "r\0")], "a frame without a name"],
    ["rows that are not whole", [hello, named(9, "r\0a, b", [1n, 2n, 3n])], "rows that are not whole"],
    ["rows under a name that is taken", [hello, named(2, "r", [1n]), named(9, "r\0a", [1n])], "'r' twice"],
    ["an end of the traffic in three words", [hello, frame(10, "a\0b\0c")], "a frame that is not four words"],
    ["an end of the traffic in five", [hello, frame(10, "a\0b\0c\0d\0e")], "a frame that is not four words"],
    ["an answer that is no text", [hello, frame(7, Buffer.from([0xc3]))], "a frame of kind 7 that cannot be read"],
    ["a name twice", [hello, named(2, "n", [1n]), named(3, "n", [])], "'n' twice"],
    ["a name that every object has", [hello, named(2, "__proto__", [1n])], "'__proto__' twice"],
    ["nothing before hello", [named(2, "n", [1n])], "a frame before the first one"],
    ["hello that says something", [frame(1, NONCE)], "a frame of unknown kind 1"],
    ["end of another run", [hello, endOf("another", 5)], "a frame of another run"],
    ["hello twice", [hello, hello], "a first frame out of place"],
    ["end first", [endOf(NONCE, 0)], "a first frame out of place"],
    ["end without a count", [hello, frame(8, "12345")], "a list that is not whole numbers"],
    ["more than the driver has sent", [hello, frame(4), endOf(NONCE, 5)], "bytes that no driver sent"],
    ["less than it", [hello, endOf(NONCE, 10)], "bytes that no driver sent"],
    ["end twice", [ended(hello), ended(hello)], "a frame after the last one"],
    ["a frame after the end", [ended(hello), frame(4)], "a frame after the last one"],
    ["half a frame after the end", [ended(hello), Buffer.from([1])], "something after the last frame"],
  ])("%s", (_, chunks, malformed) => {
    expect(collect(...chunks).malformed).toBe(malformed);
    expect(collect(Buffer.concat(chunks)).malformed).toBe(malformed);
  });
});

test("rows are objects, named by their columns, and signed", () => {
  const { gets } = collect(ended(hello, named(9, "gets\0key, kept", [7n, 0n, 8n, 2n ** 64n - 1n]))).evidence;
  const rowsOf = (schema: ReturnType<typeof rows>, value: unknown = gets) => schema.safeParse(value);
  expect(rowsOf(rows("key", "kept")).data).toEqual([
    { key: 7, kept: 0 },
    { key: 8, kept: -1 },
  ]);
  expect(rowsOf(rows("kept", "key")).error?.message).toContain(
    "the driver reports the columns key, kept; the schema has kept, key",
  );
  expect(rowsOf(rows("key", "kept"), 7).error?.message).toContain("rows");
  expect(rowsOf(rows("key"), { columns: ["key"], cells: new BigUint64Array() }).data).toEqual([]);
});

test("traffic that is broken off says why, in the contract's words", () => {
  const { brokenOff } = collect(ended(hello, frame(10, "pool_new\0answered NULL\0a pool\0pool_new")));
  expect(judgeBrokenOff(brokenOff!)).toEqual({
    verdict: "wrong",
    saw: "pool_new answered NULL",
    expected: "a pool",
    lookAt: "pool_new",
  });
});

test("what came before a malformed frame is kept, what comes after it is not", () => {
  const collector = new Collector(NONCE);
  const frames = collector.feed(Buffer.concat([hello, frame(7, "1"), frame(12), frame(7, "2")]));
  expect(frames.map(({ kind }) => kind)).toEqual(["hello", "answer"]);
  expect(collector.feed(frame(7, "3"))).toEqual([]);
  expect(collector.collected.answers).toEqual(["1"]);
});

test("the first crash counts", () => {
  const { crash } = collect(hello, stack(5, 11, 1, [1n]), stack(5, 6, 1, [2n]));
  expect(crash).toMatchObject({ signal: 11, offsets: [1n] });
});

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const values = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 50 });

test("any series, in any chunks, comes back as it was sent", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, values), { selector: ([n]) => n }),
      fc.array(fc.nat(999)),
      (all, cuts) => {
        const bytes = ended(hello, ...all.map(([n, v]) => named(3, n, v)));
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
        expect(collect(...chunks)).toMatchObject({ ended: true });
        expect(collect(...chunks).evidence).toEqual(
          Object.fromEntries(all.map(([n, v]) => [n, BigUint64Array.from(v)])),
        );
      },
    ),
  );
});

test("any bytes at all end in frames or in Malformed, never in another error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        expect([...new FrameDecoder().feed(bytes)]).toBeArray();
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }),
  );
});

test("a long frame in small chunks costs no more than its length", () => {
  const long = named(
    3,
    "long",
    Array.from({ length: 500_000 }, (_, at) => BigInt(at)),
  );
  const chunks = Array.from({ length: Math.ceil(long.length / 4096) }, (_, at) =>
    long.subarray(at * 4096, (at + 1) * 4096),
  );
  const { evidence } = collect(hello, ...chunks, endOf(NONCE, hello.length + long.length));
  expect(evidence.long).toHaveLength(500_000);
});

test("the schemas: a count below zero arrives as a large one, and is still a count", () => {
  expect(count.safeParse(Number(BigInt.asUintN(64, -1n))).success).toBe(true);
  expect([-1, 0.5, Number.NaN, "1"].map((value) => count.safeParse(value).success)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(series.safeParse(new BigUint64Array(2)).success).toBe(true);
  expect(series.safeParse([1n]).success).toBe(false);
});
