// SPDX-License-Identifier: MIT
/** The check of this kata's own, on evidence written by hand; the others are kata 03's, and tried there. */
import { expect, test } from "bun:test";
import { callsWithin } from "../../katas/03-epoll-echo/grader/checks.ts";
import { costEvidence } from "../../katas/03-epoll-echo/grader/network-evidence.ts";

const list = (...values: number[]) => BigUint64Array.from(values.map((value) => BigInt.asUintN(64, BigInt(value))));
const report = (messages: number) => list(100, messages, messages * 64, 1e9, 1, 2, 3, 4, ...Array<number>(20).fill(0));
const seen = (second: number, calls: number) => list(second * 1e9, 1e6, 1e6, 1, 100, 0, calls, 0);
const steps = list(...Array<number>(25).fill(40));

/** So many calls for 5,000 messages of 64 bytes, and for as many of 16 KiB. */
const cost = (small: number, large: number) =>
  costEvidence.parse({
    limit: list(20_000),
    served: list(0),
    second_listener: list(-98),
    descriptors: list(7, 7),
    connect: report(10_000),
    small: report(5_000),
    warm: report(5_000),
    large: report(5_000),
    crowd: report(3_990),
    before_small: seen(1, 100),
    after_small: seen(2, 100 + small),
    before_large: seen(3, 50_000),
    after_large: seen(4, 50_000 + large),
    crowds: list(10, 4_000),
    steps_few: steps,
    steps_many: steps,
  });

const request = { seed: 1, params: { clients: 100, messages: 50 } };
const check = callsWithin(0.5, 4);

test("calls_per_message: a call serves many messages", () => {
  expect(check.run(cost(700, 450), request)).toEqual({
    verdict: "pass",
    note: "0.14 system calls for 64 bytes, 0.09 for 16 KiB",
  });
  expect(check.run(cost(2_500, 20_000), request)).toMatchObject({ verdict: "pass" });
});

test("calls_per_message: a call for each operation is too many", () => {
  expect(check.run(cost(10_200, 10_000), request)).toMatchObject({
    verdict: "wrong",
    saw: "2.0 system calls for 64 bytes, 2.0 for 16 KiB",
    expected: "at most 0.5 and 4",
  });
  expect(check.run(cost(2_600, 400), request)).toMatchObject({ verdict: "wrong" });
  expect(check.run(cost(700, 20_100), request)).toMatchObject({ verdict: "wrong" });
});
