// SPDX-License-Identifier: MIT
/** What is timed grades alone on the machine, over all processes; a lock goes with the process that holds it. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { alone, together } from "../src/score/machine.ts";
import { until } from "./machine.ts";

const TIMEOUT_MS = 60_000;
const MODULE = join(import.meta.dir, "../src/score/machine.ts");

test("what times nothing goes on together", async () => {
  const both = Promise.withResolvers<void>();
  const first = together(() => both.promise);
  await together(async () => both.resolve());
  await first;
});

test("what is timed waits for everything, and everything for it", async () => {
  const order: string[] = [];
  const entered = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const first = alone(async () => {
    entered.resolve();
    await gate.promise;
    order.push("alone");
  });
  await entered.promise;
  const others = [together(async () => void order.push("other")), alone(async () => void order.push("other"))];
  gate.resolve();
  await Promise.all([first, ...others]);
  expect(order).toEqual(["alone", "other", "other"]);
});

test("work that fails lets go", async () => {
  expect(alone(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  await alone(async () => {});
});

test(
  "a process that is killed lets go",
  async () => {
    const script = `await (await import(${JSON.stringify(MODULE)})).alone(() => { console.error("holds"); return new Promise(() => setInterval(() => {}, 1000)); })`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
    const reader = child.stderr.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("holds\n");
    let got = false;
    const waiting = together(async () => void (got = true));
    expect(got).toBe(false);
    child.kill("SIGKILL");
    await until(() => got, "the lock is free");
    await waiting;
  },
  TIMEOUT_MS,
);
