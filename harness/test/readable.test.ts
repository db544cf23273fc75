// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { readable } from "../src/base/readable.ts";

test.each([
  ["plain text stays: é → ✓ 日本", "plain text stays: é → ✓ 日本"],
  ["two\nlines\tand a tab", "two\nlines\tand a tab"],
  ["windows\r\nlines", "windows\nlines"],
  ["\x1b[2J\x07\x00", "\\x1b[2J\\x07\\x00"],
  ["over\rwritten", "over\\x0dwritten"],
  ["\x9b31m", "\\x9b31m"],
  ["right \u202e to left", "right \\u202e to left"],
])("%j -> %j", (text, expected) => expect(readable(text)).toBe(expected));

test("a long line ends after a whole word", () => {
  const line = "sixty words ".repeat(40);
  expect(readable(line)).toBe(`${line.slice(0, 395).trimEnd()} ...`);
  expect(readable(`${"x".repeat(399)} y`)).toBe(`${"x".repeat(399)} ...`);
});

test("an endless line ends", () => {
  expect(readable(`${"x".repeat(100_000)}\nnext`)).toBe(`${"x".repeat(400)} ...\nnext`);
});
