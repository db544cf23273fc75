// SPDX-License-Identifier: MIT
/** A batch is scored by a grader that knows right from wrong, or not at all. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { findKata } from "../src/kata/shelf.ts";
import { proveGrader } from "../src/score/canaries.ts";

setDefaultTimeout(120_000); // it compiles, perhaps on a busy machine

const kata = await findKata("06");
const [first, ...others] = kata.scripts;

test("a grader that knows right from wrong", async () => {
  await proveGrader([kata]);
});

test("one that passes whatever it is given, and one that refuses it", async () => {
  const blind = { ...kata, scripts: [{ ...first!, plan: () => [] }, ...others] };
  await expect(proveGrader([blind])).rejects.toThrow(`06-hash-ring: the stub passes ${first!.id}`);
  const step = { call: "fnv1a_64", args: [null, 0], expect: 7n, show: "fnv1a_64()" } as const;
  const deaf = { ...kata, scripts: [{ ...first!, plan: () => [step] }, ...others] };
  await expect(proveGrader([deaf])).rejects.toThrow(`06-hash-ring: the reference fails ${first!.id} (fnv1a_64()`);
});
