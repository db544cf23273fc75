// SPDX-License-Identifier: MIT
/** Programs of others: what they say, and whose fault it is when one does not end. */
import { expect, test } from "bun:test";
import { judgeLate, runClient } from "../src/play/witness.ts";

const patience = { first: 0.1, again: 3 };
const FOREVER = ["tail", "-f", "/dev/null"];

test("one that ends says what it has to say", async () => {
  const run = await runClient(["sh", "-c", "cat; echo odd >&2; exit 3"], "asked", ["false"], {
    ...patience,
    first: 30,
  });
  expect(run).toEqual({ stdout: "asked", stderr: "odd\n", code: 3, late: undefined });
});

test("one that does not end is alone only beside one that does", async () => {
  expect(await runClient(FOREVER, "", ["true"], patience)).toMatchObject({ late: "alone" });
  expect(await runClient(FOREVER, "", ["sleep", "0.3"], { ...patience, again: 1 })).toMatchObject({
    late: "perhaps busy",
  });
  expect(await runClient(FOREVER, "", undefined, patience)).toMatchObject({ late: "perhaps busy" });
  expect(await runClient(FOREVER, "", FOREVER, { ...patience, again: 0.2 })).toMatchObject({ late: "perhaps busy" });
});

test("a busy machine is nobody's failure", () => {
  expect(judgeLate("cat", "perhaps busy", patience, "").verdict).toBe("not_measurable");
  expect(judgeLate("cat", "alone", patience, "what does it wait for?")).toMatchObject({
    verdict: "wrong",
    saw: "cat waits for an answer: it had not ended after 3 s",
    lookAt: "what does it wait for?",
  });
});
