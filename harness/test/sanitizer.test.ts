// SPDX-License-Identifier: MIT
/** Real reports of gcc 12 and clang 14, read. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSanitizer } from "../src/judge/sanitizer.ts";

const report = (name: string) => readFileSync(join(import.meta.dir, "../fixtures/sanitizers", `${name}.txt`), "utf8");
const shownOf = (name: string) => [`harness/fixtures/01-answer/submissions/${name}.c`];

describe.each(["gcc", "clang"])("%s", (compiler) => {
  test.each([
    [
      "overflows_the_heap",
      "memory",
      "heap-buffer-overflow: write in answer (overflows_the_heap.c:9), allocated in answer (overflows_the_heap.c:8)",
    ],
    [
      "uses_after_free",
      "memory",
      "heap-use-after-free: read in answer (uses_after_free.c:11), freed in answer (uses_after_free.c:10)",
    ],
    ["frees_twice", "memory", "double-free: in answer (frees_twice.c:10), freed in answer (frees_twice.c:9)"],
    ["leaks", "memory", "memory leak: allocated in answer (leaks.c:8)"],
    [
      "overflows_an_int",
      "memory",
      "signed integer overflow: 2147483647 + 2 cannot be represented in type 'int', in answer (overflows_an_int.c:9)",
    ],
    ["divides_by_zero", "memory", "division by zero, in answer (divides_by_zero.c:8)"],
    ["overflows_the_stack", "crash", "stack-overflow in deeper (overflows_the_stack.c:5)"],
  ])("%s is %s", (name, verdict, headline) => {
    const read = readSanitizer(report(`${name}-${compiler}`), shownOf(name))!;
    expect([read.verdict, read.headline]).toEqual([verdict as "memory", headline]);
  });

  test("a file whose name ends like another one's is not taken for it", () => {
    const output = report(`leaks-${compiler}`).replaceAll("leaks.c", "shared_leaks.c");
    expect(readSanitizer(output, ["leaks.c", "shared_leaks.c"])!.headline).toContain("(shared_leaks.c:8)");
  });

  test("a race names both sides", () => {
    const read = readSanitizer(report(`races-${compiler}`), shownOf("races"))!;
    expect(read.verdict).toBe("race");
    expect(read.headline).toMatch(
      /^data race: (read|write) in count \(races\.c:8\), previous (read|write) in count \(races\.c:8\)$/,
    );
  });

  test("the text keeps the program's frames and drops the machine's", () => {
    for (const name of ["overflows_the_heap", "uses_after_free", "leaks", "races", "overflows_the_stack"]) {
      const { text } = readSanitizer(report(`${name}-${compiler}`), shownOf(name))!;
      expect(text).toContain(`harness/fixtures/01-answer/submissions/${name}.c:`);
      expect(text).not.toMatch(/\/home|libsanitizer|libc_start|_start\b|BuildId|Shadow bytes|SUMMARY/);
      expect(text.split("\n").length).toBeLessThan(41);
    }
  });
});

test("the text is the same in another process, at other addresses, with threads that began in another order", () => {
  const textOf = (output: string) => readSanitizer(output, shownOf("races"))!.text;
  const raced = report("races-gcc");
  const otherwise = raced
    .replaceAll("pid=16406", "pid=7")
    .replaceAll("tid=1640", "tid=999")
    .replaceAll("0x563d28d7f204", "0x7f1100000000")
    .replaceAll("T1", "T9");
  expect(textOf(otherwise)).toBe(textOf(raced));
  expect(textOf(raced)).toContain("Read of size 4 by thread T1:");
  expect(textOf(raced)).toContain("Thread T2 (finished) created by main thread");
  for (const name of ["overflows_the_heap", "uses_after_free", "frees_twice", "overflows_the_stack"])
    for (const compiler of ["gcc", "clang"])
      expect(readSanitizer(report(`${name}-${compiler}`), shownOf(name))!.text).not.toMatch(/0x[0-9a-f]{5,}|==\d+==/);
  const locked =
    "WARNING: ThreadSanitizer: data race (pid=7)\n  Write of size 8 at 0x7b0c00001230 by thread T4 (mutexes: write M12, read M9):";
  expect(textOf(locked)).toEndWith("Write of size 8 by thread T1 (mutexes: write M1, read M2):");
});

test("how far from a null pointer an access was is kept", () => {
  const line =
    "==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000018 (pc 0x55d0 bp 0x7ffc sp 0x7ffd T0)";
  expect(readSanitizer(line, ["a.c"])!.text).toBe("ERROR: AddressSanitizer: SEGV on unknown address 0x000000000018");
});

test.each([
  ["nothing", ""],
  ["ordinary output", "queue of 3\nWARNING: low on nodes\n"],
  ["a name only", "ThreadSanitizer"],
])("%s is no report", (_, output) => expect(readSanitizer(output, ["a.c"])).toBeUndefined());

test("other kinds, by their first lines", () => {
  const kinds = (line: string) => {
    const { verdict, headline, expected } = readSanitizer(line, ["a.c"])!;
    return [verdict, headline, expected];
  };
  expect(kinds("WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=7)")).toEqual([
    "race",
    "lock-order-inversion",
    "every thread takes the same locks in the same order",
  ]);
  expect(
    kinds("==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x1 bp 0x2 sp 0x3 T0)"),
  ).toEqual(["crash", "SEGV", "the call returns"]);
  expect(
    kinds("==7==ERROR: AddressSanitizer: attempting free on address which was not malloc()-ed: 0x1 in thread T0")[0],
  ).toBe("memory");
  expect(kinds("WARNING: ThreadSanitizer: heap-use-after-free (pid=7)")[0]).toBe("memory");
  expect(kinds("a.c:3:1: runtime error: load of null pointer of type 'int'")[1]).toBe(
    "load of null pointer of type 'int'",
  );
});

test("a race in which the program has no frame is one that it failed to prevent", () => {
  const side = (action: string, line: number) =>
    `  ${action} of size 8 at 0x1 by thread T1:\n    #0 consume harness/fixtures/01-answer/driver.c:${line}\n\n`;
  const text = `WARNING: ThreadSanitizer: data race (pid=7)\n${side("Read", 3)}${side("Previous write", 9)}`;
  expect(readSanitizer(text, ["a.c"])).toMatchObject({
    verdict: "race",
    headline:
      "data race: one thread reads what another wrote, and the program orders nothing in between: " +
      "read in consume (driver.c:3), previous write in consume (driver.c:9)",
  });
});
