// SPDX-License-Identifier: MIT
/** The checks of 00-thing on evidence written by hand: what each must refuse, and what it must spare. */
import { expect, test } from "bun:test";
import { nothingLost } from "../../katas/00-thing/grader/crowd.ts";

const request = { seed: 1, params: { threads: 2, additions: 3 } };

test("nothing_lost counts every addition, and no other", () => {
  expect(nothingLost.run({ sum: 6 }, request).verdict).toBe("pass");
  expect(nothingLost.run({ sum: 5 }, request)).toMatchObject({
    verdict: "wrong",
    saw: expect.stringContaining("answered 5"),
  });
  expect(nothingLost.run({ sum: 7 }, request).verdict).toBe("wrong");
});
