// SPDX-License-Identifier: MIT
/** The server as a Windows program in Wine, with real clients: what wine_clients.c tells of it, and the checks. */
import { clean } from "@c10kata/03-epoll-echo/checks.ts";
import { report } from "@c10kata/03-epoll-echo/network-evidence.ts";
import { codeAt, fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { constants } from "node:os";
import { z } from "zod";

/** wine_server.h and native/include/wine.h have the same numbers. */
const CRASHED = 2;
const SERVED = 4;
const WAITS = { came: 0, gone: 1, asleep: 2, busy: 3 };
const LIVES = 2;

export const wineEvidence = z.strictObject({
  events: rows("what", "number", "more"),
  waited: count,
  exit_code: count.transform((value) => Number(BigInt.asIntN(32, BigInt(value)))),
  /** How often the driver has asked for a stop. */
  stops: count,
  refused: count,
  left: count,
  one: report,
  crowd: report,
  again: report,
});
export type InWine = z.output<typeof wineEvidence>;

/** As Windows' headers call them. */
const NAMES: Record<number, string> = {
  6: "ERROR_INVALID_HANDLE",
  87: "ERROR_INVALID_PARAMETER",
  10013: "WSAEACCES",
  10014: "WSAEFAULT",
  10022: "WSAEINVAL",
  10038: "WSAENOTSOCK",
  10048: "WSAEADDRINUSE",
  0x80000003: "a breakpoint",
  0xc0000005: "an access violation",
  0xc000001d: "an illegal instruction",
  0xc0000094: "a division by zero",
  0xc00000fd: "a stack overflow",
  0xc0000374: "a broken heap",
};
const errorName = (number: number) => (NAMES[number] ? `${number} (${NAMES[number]})` : String(number));
const exceptionName = (code: number) => NAMES[code] ?? `exception 0x${code.toString(16)}`;

const LISTEN = 'echo_listen("127.0.0.1", 0, 200, ...)';
/** The contract's calls in their order. */
const CALLS = [LISTEN, "echo_serve", "echo_serve, called again,"];

function crash({ events }: InWine): Judgement | null {
  const crashed = events.find(({ what }) => what === CRASHED);
  if (!crashed) return null;
  const place = crashed.more === 0 ? "" : ` in ${codeAt(crashed.more)}`;
  return {
    verdict: "crash",
    saw: `${exceptionName(crashed.number)}${place}, in Wine, during ${callAt(events.length - 1)}`,
    expected: "the call returns",
    lookAt: "which memory does that line reach: who has freed it, or has it never been there?",
  };
}

/** After so many that went well. */
const callAt = (events: number) => CALLS[Math.min(events, LIVES)]!;

function answers({ events, stops }: InWine): Judgement | null {
  const served = events.filter(({ what }) => what === SERVED);
  const bad = events.find(({ number }) => number !== 0);
  if (bad)
    return fail({
      saw: `${callAt(events.indexOf(bad))} answered ${errorName(bad.number)}, in Wine`,
      expected: "0",
      lookAt: "which call failed on Windows, and what had it been given?",
    });
  if (served.length > stops)
    return fail({
      saw: `${callAt(served.length)} returned before its stop, in Wine`,
      expected: "it serves until a packet with the key ECHO_STOP comes",
      lookAt: "which packet was taken for the stop?",
    });
  const leaves = served.findIndex(({ more }) => more > 0);
  if (leaves < 0) return null;
  return fail({
    saw: `${callAt(leaves + 1)} left ${served[leaves]!.more} packets in the port, in Wine`,
    expected: "every packet has been taken when it returns",
    lookAt: "how does the server know at the stop what is still under way?",
  });
}

function ended({ events, waited, exit_code }: InWine): Judgement | null {
  if (waited !== WAITS.gone) return null;
  const code = exit_code < 0 ? "" : ` (exit code ${exit_code})`;
  return fail({
    saw: `the program ended the process${code}, in Wine, during ${callAt(events.length)}`,
    expected: "every call returns to its caller",
  });
}

function silent({ events, waited }: InWine): Judgement | null {
  if (waited !== WAITS.asleep && waited !== WAITS.busy) return null;
  const how = waited === WAITS.asleep ? "and all threads of the program sleep" : "and the program runs on";
  return fail({
    saw: `${callAt(events.length)} does not return${events.length === 0 ? "" : " after its stop"}, in Wine, ${how}`,
    expected: events.length === 0 ? "it returns" : "it returns after a packet with the key ECHO_STOP",
    lookAt: "which request's packet is still waited for, and has it been asked for?",
  });
}

function clientsSaw({ one, crowd, again, refused, left }: InWine): Judgement | null {
  const bad =
    clean(one, "in Wine, with no other client") ??
    clean(crowd, "in Wine, in a crowd") ??
    clean(again, "in Wine, when echo_serve is called again");
  if (bad) return bad;
  if (refused !== 0) {
    const name = Object.entries(constants.errno).find(([, value]) => value === refused)?.[0] ?? `errno ${refused}`;
    return fail({
      saw: `after ${english(one.clients + crowd.clients + again.clients)} clients no other could connect, in Wine: ${name}`,
      expected: "the listener stays open until its owner closes it",
      lookAt: "what is done to the listener when a client or the stop comes?",
    });
  }
  if (left === 0) return null;
  return fail({
    saw: `${english(left)} connections were open after echo_serve had returned, in Wine`,
    expected: "at the stop every connection is closed",
    lookAt: "the stop: how does the server find all connections that are open then?",
  });
}

const inOrder = (...judgements: (Judgement | null)[]) => judgements.find((judgement) => judgement !== null) ?? null;

/** What the simulated kernel alone has seen earns nothing: a program may know that kernel. So these points come before all others. */
export const someRealByte: Check<InWine> = {
  id: "some_real_byte",
  points: 5,
  needs: "some_byte_returns",
  run(evidence) {
    const { one } = evidence;
    const seen = clean(one, "in Wine, with no other client");
    if (!seen && one.messages === 1) return pass();
    return (
      inOrder(crash(evidence), answers(evidence), ended(evidence), seen, silent(evidence), clientsSaw(evidence)) ??
      fail({ saw: "no client could connect, in Wine", expected: "one, and its byte back" })
    );
  },
};

/** Real clients, of whom the simulated kernel has fewer, and the stop. */
export const servesInWine: Check<InWine> = {
  id: "serves_in_wine",
  points: 4,
  needs: someRealByte.id,
  run(evidence, { params }) {
    const { events, crowd, again } = evidence;
    const bad = inOrder(crash(evidence), answers(evidence), ended(evidence), clientsSaw(evidence), silent(evidence));
    if (bad) return bad;
    if (events.length !== 1 + LIVES || crowd.messages === 0 || again.messages !== 2)
      return fail({ saw: "not every client was served, in Wine", expected: "all of them" });
    const bytes = crowd.bytes + again.bytes;
    return pass(`${english(params.clients!)} clients, ${english(bytes)} bytes`);
  },
};
