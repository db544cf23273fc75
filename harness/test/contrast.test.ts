// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { contrasted } from "../src/base/contrast.ts";

const nodes = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `node-${from + at}`).join(" ");

test.each<[string, string, string, [string, string]]>([
  ["short texts stay", "pop(q) -> a", "pop(q) -> b", ["pop(q) -> a", "pop(q) -> b"]],
  ["equal texts stay", nodes(0, 50), nodes(0, 50), [nodes(0, 50), nodes(0, 50)]],
  ["a long beginning", `${nodes(10, 60)} a`, `${nodes(10, 60)} b`, ["... node-58 node-59 a", "... node-58 node-59 b"]],
  [
    "a long end",
    `a ${nodes(10, 60)}`,
    `b ${nodes(10, 60)}`,
    ["a node-10 node-11 node-12 ...", "b node-10 node-11 node-12 ..."],
  ],
  [
    "both",
    `${nodes(10, 60)} a ${nodes(60, 99)}`,
    `${nodes(10, 60)} ${nodes(60, 99)}`,
    ["... node-58 node-59 a node-60 node-61 node-62 ...", "... node-58 node-59 node-60 node-61 node-62 ..."],
  ],
  [
    "one is the other's beginning",
    nodes(10, 60),
    nodes(10, 61),
    ["... node-57 node-58 node-59", "... node-57 node-58 node-59 node-60"],
  ],
  ["one long word", "x".repeat(100), `${"x".repeat(99)}y`, [`... ${"x".repeat(25)}`, `... ${"x".repeat(24)}y`]],
])("%s", (_, one, other, told) => expect(contrasted(one, other)).toEqual(told));
