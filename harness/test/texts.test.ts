// SPDX-License-Identifier: MIT
/** The texts of a script lie in memory once, with exactly their bytes. */
import { expect, test } from "bun:test";
import { Texts } from "../src/judge/script.ts";

test("equal bytes have one place, a string ends with a zero byte, and nothing still has an address", () => {
  const texts = new Texts();
  const places = [texts.string("é"), texts.bytes(new Uint8Array()), texts.string("é", "latin1"), texts.string("é")];
  expect(places).toEqual([{ ref: "text0" }, { ref: "text1" }, { ref: "text2" }, { ref: "text0" }]);
  expect(texts.steps).toEqual([
    { alloc: "text0", size: 3 },
    { write: "text0", hex: "c3a900" },
    { alloc: "text1", size: 1 },
    { alloc: "text2", size: 2 },
    { write: "text2", hex: "e900" },
  ]);
});
