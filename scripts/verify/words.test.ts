// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { wrongWords } from "./words.ts";

test.each([
  ["all passed but for one", '"but for": except'],
  ["a label that is none", '"that is none": say what is missing'],
  ["the point is made, and it goes on", '"the point is made": say what is now known'],
])("no text says %j", (text, complaint) => {
  expect(wrongWords(text)).toEqual([complaint]);
});

test.each(["but forty nodes came out", "no undefined behaviour"])("a text may say %j", (text) =>
  expect(wrongWords(text)).toEqual([]),
);
