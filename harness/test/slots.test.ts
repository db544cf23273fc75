// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { Slots } from "../src/base/slots.ts";

test("never more at once than there are slots, in order, and all of them run", async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  let busy = 0;
  let most = 0;
  const work = (number: number) =>
    slots.use(async () => {
      most = Math.max(most, ++busy);
      order.push(number);
      await Promise.resolve();
      busy--;
      return number;
    });
  expect(await Promise.all([1, 2, 3, 4, 5, 6, 7].map(work))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(order).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(2);
});

test("work that fails gives its slot back", async () => {
  const slots = new Slots(1);
  const failing = slots.use(() => Promise.reject(new Error("no")));
  const next = slots.use(() => Promise.resolve("yes"));
  expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
