// SPDX-License-Identifier: MIT
/** Programs that do in Wine what no program should: each is told as what it is, and nothing of it is left. */
import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findKata } from "../../harness/src/kata/shelf.ts";
import { WinePlayer, whyNoWine } from "../../harness/src/play/wine.ts";
import { Workpiece } from "../../harness/src/play/workpiece.ts";
import { halfMade, ownProcesses } from "../../harness/test/machine.ts";

const TIMEOUT_MS = 240_000;
const kata = await findKata("21");
const [scenario] = kata.scenarios;
const reference = readFileSync(join(import.meta.dir, "iocp_echo.c"), "utf8");

afterEach(() => {
  expect(ownProcesses()).toEqual([]);
  expect(halfMade(process.pid)).toEqual([]);
});

async function judged(text: string) {
  const file = { name: "iocp_echo.c", shown: "katas/21-iocp-echo/iocp_echo.c", text };
  const workpiece = new Workpiece(kata, { label: file.name, files: [file] });
  const judgements = await new WinePlayer(workpiece, scenario!, 1).play(scenario!.checks);
  return judgements.get("some_real_byte")!;
}

/** The reference, which does `what` as soon as it is to listen, or when bytes have come. */
const INCLUDED = "#include <stdio.h>\n#include <string.h>\n";
const listening = (what: string) => begun("    struct sockaddr_in address = {.sin_family", what);
const served = (what: string) =>
  begun("    DWORD status = (DWORD)packet->Internal;", `if (packet->dwNumberOfBytesTransferred > 0) ${what}`);
function begun(where: string, what: string): string {
  expect(reference).toContain(where);
  return `${INCLUDED}${reference.replace(where, `${what}\n${where}`)}`;
}

const RECURSION = `static int deeper(volatile char *above) {
    volatile char here[4096];
    here[0] = above[0];
    return deeper(here) + here[0];
}
`;

const missing = whyNoWine();
const title = missing ? `(${missing})` : "";

test.skipIf(missing !== undefined).each([
  ["a store to nowhere", served("*(volatile int *)8 = 1;"), "crash", "an access violation in take (iocp_echo.c:"],
  ["one by a library", served("memset((void *)8, 1, 100);"), "crash", "an access violation in take (iocp_echo.c:"],
  [
    "a recursion",
    served("deeper((char *)s);").replace("static void take", `${RECURSION}static void take`),
    "crash",
    "a stack overflow in deeper (iocp_echo.c:",
  ],
  [
    "an end before it begins",
    `${reference}__attribute__((constructor)) static void early(void) { _Exit(0); }\n`,
    "wrong",
    "the program did not begin in Wine",
  ],
  ["exit(0)", served("exit(0);"), "wrong", "the program ended the process (exit code 0), in Wine, during echo_serve"],
  ["silence", served("return;"), "wrong", "client 0 got 0 of 1 bytes back, in Wine, with no other client"],
  ["a loop", served("for (volatile int i = 0;; i++);"), "wrong", "client 0 got 0 of 1 bytes back, in Wine"],
  ["a flood", listening('for (;;) puts("again");'), "wrong", "does not return, in Wine, and the program runs on"],
  ["another program on Windows", `${reference}#ifdef _WIN32\n#endif\n`, "forbidden", "has #ifdef _WIN32"],
  ["a call of Linux'", served("explicit_bzero(s, 0);"), "build_error", "mingw-w64 does not make a Windows program"],
])(
  `%s ${title}`,
  async (_, text, verdict, words) => {
    const judgement = await judged(text);
    expect(judgement).toMatchObject({ verdict, saw: expect.stringContaining(words) });
  },
  TIMEOUT_MS,
);
