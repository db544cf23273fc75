// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { wrongInMessage, wrongWords } from "./words.ts";

test.each([
  ["all passed but for one", '"but for": except'],
  ["a label that is none", '"that is none": say what is missing'],
  ["the point is made, and it goes on", '"the point is made": say what is now known'],
])("no text says %j", (text, complaint) => {
  expect(wrongWords(text)).toEqual([complaint]);
  expect(wrongInMessage(text)).toEqual([complaint]);
});

test.each([
  "used 18446744073709.5 ms of CPU time",
  "NaN for 16 KiB",
  "Infinity % of the gets",
  "undefined came out after node 7",
  "201, 1 transfers",
  "of 1 nodes none came out",
  "pool_new(2) -> 1 jobs",
])("no message says %j", (message) => expect(wrongInMessage(message)).toHaveLength(1));

test.each([
  "but forty nodes came out",
  "1 node came out, 21 nodes did not",
  "process 1 stops, and worker 1 waits",
  "11 nodes, 2,001 jobs, 0.1 steps",
  "xfetch_due(NaN, 0) answered 1",
  "of 1 process, 1 address",
  "expires after 1 ms",
  "no undefined behaviour",
  "odd_ttls: ttl Infinity: 1 as expected",
  "get(18446744073709551615) -> FRESH v2, 1 load",
])("a message may say %j", (message) => expect(wrongInMessage(message)).toEqual([]));
