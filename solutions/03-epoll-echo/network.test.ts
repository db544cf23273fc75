// SPDX-License-Identifier: MIT
/** The checks on real sockets, tried on evidence written by hand. */
import { expect, test } from "bun:test";
import {
  benchSample,
  callsPerMessage,
  everyByteBack,
  holdsTenThousand,
  memoryPerConnection,
  shareNothing,
  sleepsWhenIdle,
  someRealByte,
} from "../../katas/03-epoll-echo/grader/checks.ts";
import {
  benchEvidence,
  costEvidence,
  heldEvidence,
  oneByteEvidence,
  twoEvidence,
  unusualEvidence,
  type Report,
} from "../../katas/03-epoll-echo/grader/network-evidence.ts";

const request = { seed: 1, params: { clients: 100, messages: 50 } };
const list = (...values: number[]) => BigUint64Array.from(values.map((value) => BigInt.asUintN(64, BigInt(value))));

type Trouble = Partial<Record<"wrong" | "cut" | "unended" | "unserved", number[]>>;
const NOBODY = [0, 0, 0, 0, 0];

/** As the driver sends it: messages, then the clients for which something went wrong. */
function report(messages: number, trouble: Trouble = {}): BigUint64Array {
  const { wrong = NOBODY, cut = NOBODY, unended = NOBODY, unserved = NOBODY } = trouble;
  return list(100, messages, messages * 64, 1e9, 1e5, 2e5, 3e5, 4e5, ...wrong, ...cut, ...unended, ...unserved);
}

/** The server at a second, with CPU milliseconds, bytes of memory and calls. */
const seen = (second: number, cpu_ms: number, bytes: number, data: number, wait: number, other: number) =>
  list(second * 1e9, cpu_ms * 1e6, bytes, 1, 100, data, wait, other);

const both = {
  limit: list(20_000),
  served: list(0),
  second_listener: list(-98),
  descriptors: list(7, 7),
  connect: report(10_000),
};
const EMFILE = 24;
const ECONNREFUSED = 111;

const held = (changes: object = {}) =>
  heldEvidence.parse({
    ...both,
    machine: list(10_000, 10_000, 10_000, 0),
    open: list(10_000, 10_000),
    start: seen(1, 10, 1e6, 0, 0, 1),
    quiet: seen(2, 100, 2e6, 20_000, 9_000, 20_000),
    woken: seen(2.5, 100, 2e6, 20_000, 9_000, 20_000),
    tenth: report(20_000),
    all: report(20_000),
    ...changes,
  });

test("some_real_byte: one message that came back, and nothing else", () => {
  const judged = (connect: BigUint64Array) => someRealByte.run(oneByteEvidence.parse({ connect }), request);
  expect(judged(report(1))).toEqual({ verdict: "pass" });
  expect(judged(report(0))).toMatchObject({ saw: "no client could connect" });
  expect(judged(report(0, { cut: [1, 0, 0, 1, 0] }))).toHaveProperty(
    "saw",
    expect.stringContaining("after 0 of 1 bytes"),
  );
});

test("share_nothing: whichever server's client came to harm, and whichever did not end well", () => {
  const two = (changes: object = {}) =>
    twoEvidence.parse({ ...both, second_served: list(0), first: report(600), other: report(600), ...changes });
  const saw = (changes: object) => {
    const judgement = shareNothing.run(two(changes), request);
    return judgement.verdict === "pass" ? judgement.note : judgement.saw;
  };
  expect(saw({})).toBe("76,800 bytes");
  expect(saw({ other: report(600, { wrong: [1, 7, 64, 97, 98] }) })).toStartWith("client 7 got byte 98 at position 64");
  expect(saw({ first: report(599, { unserved: [1, 7, 0, 64, 0] }) })).toContain("then nothing more came");
  expect(saw({ second_served: list(-9) })).toBe("echo_serve answered -EBADF");
  expect(saw({ descriptors: list(7, 6) })).toBe("echo_serve closed 1 descriptor that it had not opened");
});

test("holds_ten_thousand: says how many, and marks what the machine did not allow", () => {
  expect(holdsTenThousand.run(held(), request)).toEqual({
    verdict: "pass",
    note: "10,000 connections held; all busy: 20,000 messages a second, p50 0 ms, p99 0 ms, p99.9 0 ms",
  });
  const small = held({ limit: list(4096), machine: list(10_000, 4_000, 4_000, 0), open: list(4_000, 4_000) });
  const marked = holdsTenThousand.run(small, request);
  expect(marked).toMatchObject({ verdict: "pass" });
  expect(marked).toHaveProperty(
    "note",
    expect.stringMatching(/^4,000 connections held; all busy: .*; RLIMIT_NOFILE is 4,096 .*ulimit -Hn/),
  );
  const scarce = held({ machine: list(10_000, 10_000, 9_000, EMFILE), open: list(9_000, 9_000) });
  expect(holdsTenThousand.run(scarce, request)).toHaveProperty("note", expect.stringContaining("EMFILE"));
  const none = held({ limit: list(64), machine: list(10_000, 20, 20, 0), open: list(20, 20) });
  expect(holdsTenThousand.run(none, request)).toMatchObject({ verdict: "not_measurable" });
});

test("holds_ten_thousand: a refusal, a client let go, a wrong byte, a failed call, a descriptor left", () => {
  const wrong = (changes: object, saw: RegExp) =>
    expect(holdsTenThousand.run(held(changes), request)).toMatchObject({
      verdict: "wrong",
      saw: expect.stringMatching(saw),
    });
  wrong({ machine: list(10_000, 10_000, 4_096, ECONNREFUSED) }, /connection 4,097 of 10,000 was refused: ECONNREFUSED/);
  wrong(
    { connect: report(4_096, { cut: [404, 4096, 0, 64, 0] }) },
    /client 4096 \(and 403 more\) ended after 0 of 64 bytes/,
  );
  wrong(
    { connect: report(4_096, { unserved: [1, 4096, 0, 64, 3] }) },
    /client 4096 got 3 of 64 bytes back.* nothing more came/,
  );
  wrong({ open: list(10_000, 8_000) }, /8,000 of 10,000 connections open/);
  wrong({ tenth: report(10, { wrong: [1, 5, 128, 7, 9] }) }, /client 5 got byte 9 at position 128, with one in ten/);
  wrong(
    { all: report(10, { cut: [2, 5, 64, 128, 64] }) },
    /client 5 \(and 1 more\) ended after 64 of 128 bytes, with all busy/,
  );
  wrong({ served: list(-22) }, /echo_serve answered -EINVAL/);
  wrong({ descriptors: list(7, 107) }, /left 100 descriptors open/);
  wrong({ descriptors: list(7, 6) }, /closed 1 descriptor that it had not opened/);
});

test("sleeps_when_idle: next to no calls and no CPU time", () => {
  expect(sleepsWhenIdle.run(held(), request)).toMatchObject({ verdict: "pass" });
  const woken = (cpu_ms: number, wait: number) => held({ woken: seen(2.5, cpu_ms, 2e6, 20_000, wait, 20_000) });
  expect(sleepsWhenIdle.run(woken(101, 9_150), request)).toMatchObject({ verdict: "pass" });
  expect(sleepsWhenIdle.run(woken(101, 9_450), request)).toMatchObject({
    verdict: "wrong",
    saw: "900 system calls a second and 0.2 % of a CPU, with 10,000 silent clients",
  });
  expect(sleepsWhenIdle.run(woken(300, 9_000), request)).toMatchObject({ verdict: "wrong" });
});

test("memory_per_connection: a buffer of what may be held, not two", () => {
  const grown = (bytes: number) => held({ quiet: seen(2, 100, 1e6 + bytes * 10_000, 20_000, 9_000, 20_000) });
  expect(memoryPerConnection.run(grown(-1), request)).toEqual({ verdict: "pass", note: "0 bytes for each" });
  expect(memoryPerConnection.run(grown(66_000), request)).toMatchObject({ verdict: "pass" });
  expect(memoryPerConnection.run(grown(98_400), request)).toMatchObject({
    verdict: "wrong",
    saw: "98,400 bytes of memory for each of 10,000 quiet clients",
  });
});

const unusual = (changes: object = {}) =>
  unusualEvidence.parse({
    ...both,
    little: report(104),
    crowd: report(36_480),
    crowded: list(200, 20, 40, 20, 60, 60, 8, 92),
    again: report(10_500),
    ...changes,
  });

test("every_byte_back: clients of every kind, and those that come later", () => {
  expect(everyByteBack.run(unusual(), request)).toMatchObject({ verdict: "pass" });
  const among = /among slow, resetting and never reading clients/;
  const wrong = (changes: object, saw: RegExp) =>
    expect(everyByteBack.run(unusual(changes), request)).toMatchObject({
      verdict: "wrong",
      saw: expect.stringMatching(saw),
    });
  wrong({ crowd: report(1, { cut: [1, 260, 500, 900, 500] }) }, among);
  wrong(
    { crowd: report(1, { unended: [60, 280, 900, 900, 900] }) },
    /client 280 \(and 59 more\) half-closed and has all its bytes/,
  );
  wrong({ crowd: report(1, { wrong: [1, 2, 64, 256, 9] }) }, /client 2 got byte 9 at position 64/);
  wrong({ again: report(1, { unserved: [1, 2, 64, 64, 9] }) }, /after others had left/);
  wrong({ served: list(-32) }, /-EPIPE/);
  wrong(
    { little: report(100, { unserved: [1, 0, 0, 1, 0] }) },
    /client 0 got 0 of 1 bytes back, a few bytes at a time/,
  );
});

test("every_byte_back: a port that is shared, and bytes that are held back", () => {
  const little = (p50_ms: number) =>
    list(8, 104, 2_000, 1e9, p50_ms * 1e6, 3e8, 3e8, 3e8, ...NOBODY, ...NOBODY, ...NOBODY, ...NOBODY);
  const run = (changes: object) => everyByteBack.run(unusual(changes), request);
  expect(run({ second_listener: list(7) })).toHaveProperty(
    "saw",
    expect.stringMatching(/echo_listen answered 7 for a port/),
  );
  expect(run({ second_listener: list(-22) })).toHaveProperty("saw", expect.stringMatching(/answered -EINVAL/));
  expect(run({ little: little(201) })).toMatchObject({
    verdict: "wrong",
    saw: "201 ms (the median) until a message of 1 to 36 bytes was back, from a server with 8 clients",
  });
  // an acknowledgement that is put off, and a machine that is busy
  expect(run({ little: little(41) })).toMatchObject({ verdict: "pass" });
  expect(run({ little: little(99) })).toMatchObject({ verdict: "pass" });
});

const steps = (usual: number, odd = usual) => list(...Array.from({ length: 25 }, (_, i) => (i < 12 ? odd : usual)));

const cost = (small: number, large: number, changes: object = {}) =>
  costEvidence.parse({
    ...both,
    small: report(5_000),
    warm: report(5_000),
    large: report(5_000),
    crowd: report(3_990),
    before_small: seen(1, 1, 1e6, 100, 100, 100),
    after_small: seen(2, 2, 1e6, 100 + small * 4_000, 100 + small * 1_000, 100),
    before_large: seen(3, 3, 1e6, 50_000, 50_000, 100),
    after_large: seen(4, 4, 1e6, 50_000 + large * 5_000, 50_000, 100),
    crowds: list(10, 4_000),
    steps_few: steps(40),
    steps_many: steps(40),
    ...changes,
  });

test("calls_per_message: all calls, per message of either size", () => {
  expect(callsPerMessage.run(cost(2, 2), request)).toMatchObject({ verdict: "pass" });
  expect(callsPerMessage.run(cost(6, 35), request)).toMatchObject({ verdict: "pass" });
  expect(callsPerMessage.run(cost(9, 3), request)).toMatchObject({
    verdict: "wrong",
    saw: "9.0 system calls for 64 bytes, 3.0 for 16 KiB",
  });
  expect(callsPerMessage.run(cost(2, 65), request)).toMatchObject({ verdict: "wrong" });
  expect(callsPerMessage.run(cost(2, 2, { large: report(0) }), request)).toMatchObject({
    verdict: "wrong",
    saw: "5,000 messages of 64 bytes and 0 of 16 KiB came back",
  });
});

test("calls_per_message: steps beside few and many, where a timer may ring now and then", () => {
  const run = (changes: object) => callsPerMessage.run(cost(2, 2, changes), request);
  expect(run({ steps_many: steps(1_080) })).toMatchObject({ verdict: "pass" });
  expect(run({ steps_many: steps(45, 20_000) })).toMatchObject({ verdict: "pass" });
  expect(run({ steps_many: steps(8_040, 45) })).toMatchObject({
    verdict: "wrong",
    saw: "8,040 steps for a message of 64 bytes beside 4,000 silent connections, 40 beside 10",
  });
  expect(run({ steps_many: steps(8_040), crowds: list(10, 900) })).toMatchObject({ verdict: "not_measurable" });
  const left = report(3_990, { unserved: [9, 444, 0, 64, 444] }); // a server that does not accept them is no small machine
  expect(run({ crowd: left, crowds: list(10, 444) })).toMatchObject({ verdict: "wrong" });
});

test("throughput counts messages that came back, of servers that stop", () => {
  const bench = (echo: BigUint64Array) => benchEvidence.parse({ ...both, echo, latency_ns: list(0, 5_000) });
  expect(benchSample(bench(report(5_000)), request)).toEqual({ verdict: "pass" });
  expect(benchSample(bench(report(4_999)), request)).toMatchObject({
    verdict: "wrong",
    saw: "4,999 messages came back",
  });
  const cut = bench(report(5_000, { cut: [1, 1, 1, 2, 1] }));
  expect(benchSample(cut, request)).toMatchObject({ verdict: "wrong" });
});

test("latencies and witnesses keep their places on the way", () => {
  const parsed = unusualEvidence.parse({
    ...both,
    little: report(104),
    crowd: report(7),
    crowded: list(0, 0, 0, 0, 0, 0, 0, 0),
    again: report(1),
  });
  const { crowd } = parsed as { crowd: Report };
  expect(crowd).toMatchObject({ messages: 7, seconds: 1, latency_us: { p50: 100, p99: 200, p999: 300, max: 400 } });
});
