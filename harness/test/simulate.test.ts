// SPDX-License-Identifier: MIT
/** Submissions in the simulated kernel: a failure is found, explained, and found again, the same byte for byte. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { Grading } from "../src/play/grade.ts";
import { loadKata } from "../src/kata/shelf.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";

const kata = await loadKata(join(ROOT, "katas/03-epoll-echo"));
const solutions = join(ROOT, "solutions/03-epoll-echo");

async function graded(file: string, only: string) {
  const submission = readSubmission(kata, resolve(solutions, file));
  return await new Grading(new Workpiece(kata, submission), { seed: 7, only }).start().result(only);
}

test("a right server passes, and the result says how much was tried", async () => {
  expect(await graded("epoll_echo.c", "some_byte_returns")).toMatchObject({
    verdict: "pass",
    note: "900 lives of a server tried",
  });
}, 60_000);

test("a wrong one fails with its own line, the same way each time", async () => {
  const mutant = "mutants/ends_properly--closed_twice.patch";
  const [first, second] = await Promise.all([graded(mutant, "ends_properly"), graded(mutant, "ends_properly")]);
  expect(first).toMatchObject({ verdict: "wrong" });
  expect(first.look_at).toMatch(/^close_connection \(epoll_echo\.c:\d+\): where was it closed/);
  expect(first.trace).toContainEqual(expect.objectContaining({ who: "client 1", what: "half-closes" }));
  expect(first.trace?.at(-1)).toMatchObject({ who: "server", source: expect.stringContaining("close(c->fd)") });
  expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
}, 60_000);

const DEEPER = "static int deeper(int n) { volatile int room[64] = {n}; return room[0] ^ deeper(n ^ room[0]); }";

/** The reference of 03 with `line` before the read of a connection. */
async function withLine(line: string) {
  const folder = mkdtempSync(join(tmpdir(), "c10kata-simulate-"));
  const file = join(folder, "epoll_echo.c");
  const read = "        ssize_t n = recv(";
  const text = readFileSync(join(solutions, "epoll_echo.c"), "utf8");
  expect(text).toContain(read);
  writeFileSync(
    file,
    text
      .replace(read, () => `        ${line}\n${read}`)
      .replace('#include "epoll_echo.h"', `$&\n#include <stdio.h>\n${DEEPER}`),
  );
  const result = await graded(file, "some_byte_returns");
  rmSync(folder, { recursive: true });
  return result;
}

test("a loop that makes no system call is told where it is", async () => {
  const result = await withLine("for (volatile int on = 1; on;) on = 1;");
  expect(result).toMatchObject({
    verdict: "timeout",
    saw: expect.stringContaining("no system call in 2 s of CPU time"),
  });
  // Which of the loop's instructions the tick meets is chance, and compilers give some of them a neighbour's line.
  expect(result.trace?.at(-1)).toMatchObject({ what: "is here, and goes on", file: "epoll_echo.c", marked: true });
}, 240_000);

test("a stack that overflows is told with the function that recurses", async () => {
  const result = await withLine("if (deeper(1)) break;");
  expect(result).toMatchObject({ verdict: "crash" });
  expect(result.saw).toMatch(/^crash: the stack overflowed in deeper \(epoll_echo\.c:\d+\), after \d+ system calls$/);
  expect(result.look_at).toMatch(/^deeper \(epoll_echo\.c:\d+\): what ends the recursion/);
}, 60_000);

test("a crash in the C library is told with the line that called it", async () => {
  const result = await withLine("if (strlen((const char *)(uintptr_t)c->fd) == 0) break;");
  expect(result).toMatchObject({ verdict: "crash" });
  expect(result.saw).toMatch(/^crash: SIGSEGV in \w+ \(epoll_echo\.c:\d+\), after \d+ system calls$/);
}, 60_000);

test("a program that prints without end is told so, with the call before which it did", async () => {
  const result = await withLine('for (int i = 0; i < 100000; i++) printf("%d: a line\\n", i);');
  expect(result).toMatchObject({
    verdict: "timeout",
    saw: expect.stringMatching(/^the program printed \d+ KiB, \d+ lines, in \d+ system calls of one life$/),
    look_at: expect.stringContaining("which function prints so much?"),
    printed: { lines: expect.arrayContaining(["99999: a line"]) },
  });
}, 60_000);

test("a loop that prints, and makes no system call, is told as a flood", async () => {
  const result = await withLine('for (;;) puts("a line of the server");');
  expect(result).toMatchObject({
    verdict: "timeout",
    saw: expect.stringMatching(
      /^the program printed \d+ KiB, \d+ lines, in 2 s of CPU time in which it made no system call$/,
    ),
    look_at: expect.stringMatching(/^\w+ \(epoll_echo\.c:\d+\): which function prints so much\?$/),
  });
}, 120_000);

test("one that prints a line for each call passes", async () => {
  expect(await withLine('fprintf(stderr, "reads from %d\\n", c->fd);')).toMatchObject({ verdict: "pass" });
}, 60_000);

test("memory misused is AddressSanitizer's to tell", async () => {
  const result = await graded("mutants/memory_clean--used_after_close.patch", "memory_clean");
  expect(result).toMatchObject({ verdict: "memory" });
  expect(result.saw).toContain("in the simulated scenario mixed");
}, 60_000);
