// SPDX-License-Identifier: MIT
/** What the checks in Wine say of evidence written by hand; the simulated kernel says itself what broke. */
import { expect, test } from "bun:test";
import type { Report } from "../../katas/03-epoll-echo/grader/network-evidence.ts";
import { servesInWine, someRealByte, type InWine } from "../../katas/21-iocp-echo/grader/wine.ts";

const [CRASHED, LISTENED, SERVED] = [2, 3, 4];
const [GONE, ASLEEP, BUSY] = [1, 2, 3];
const nobody = { clients: 0, client: 0, at: 0, expected: 0, seen: 0 };
const report = (messages: number): Report => ({
  ...{ clients: messages, messages, bytes: messages, seconds: 1, latency_us: { p50: 1, p99: 1, p999: 1, max: 1 } },
  ...{ wrong: nobody, cut: nobody, unended: nobody, unserved: nobody },
});
const event = (what: number, number = 0, more = 0) => ({ what, number, more });
const right: InWine = {
  events: [event(LISTENED, 0, 4711), event(SERVED), event(SERVED)],
  ...{ waited: 0, exit_code: 0, stops: 2, refused: 0, left: 0 },
  ...{ one: report(0), crowd: report(150), again: report(2) },
};
const judged = (part: Partial<InWine>) =>
  servesInWine.run({ ...right, ...part }, { seed: 1, params: { clients: 150, stream_kib: 64 } });

test("a server that serves", () => expect(judged({})).toEqual({ verdict: "pass", note: "150 clients, 152 bytes" }));

const listened = right.events[0]!;
const cut = { ...report(150), cut: { ...nobody, clients: 50, client: 100, expected: 16 } };
test.each<[string, Partial<InWine>]>([
  [
    "an access violation in @<4096>, in Wine, during echo_serve",
    { events: [listened, event(CRASHED, 0xc0000005, 4096)] },
  ],
  ["exception 0xc0000001, in Wine, during echo_listen", { events: [event(CRASHED, 0xc0000001)] }],
  ['echo_listen("127.0.0.1", 0, 200, ...) answered 10013 (WSAEACCES)', { events: [event(LISTENED, 10013)] }],
  ["echo_serve answered 6 (ERROR_INVALID_HANDLE)", { events: [listened, event(SERVED, 6)], stops: 1 }],
  ["echo_serve returned before its stop", { events: [listened, event(SERVED)], stops: 0 }],
  ["echo_serve left 2 packets in the port", { events: [listened, event(SERVED, 0, 2)], stops: 1 }],
  [
    "the program ended the process (exit code 0), in Wine, during echo_serve, called again,",
    { events: right.events.slice(0, 2), waited: GONE },
  ],
  [
    "the connection of client 100 (and 49 more) ended after 0 of 16 bytes, in Wine, in a crowd",
    { events: [listened], crowd: cut },
  ],
  ["after 152 clients no other could connect, in Wine: ECONNREFUSED", { refused: 111 }],
  ["3 connections were open after echo_serve had returned", { left: 3 }],
  ["does not return, in Wine, and the program runs on", { events: [], waited: BUSY }],
  [
    "echo_serve does not return after its stop, in Wine, and all threads",
    { events: [listened], stops: 1, waited: ASLEEP },
  ],
  ["not every client was served", { again: report(1) }],
])("%s", (words, part) => {
  const judgement = judged(part);
  expect(judgement.verdict).toBe(part.events?.some(({ what }) => what === CRASHED) ? "crash" : "wrong");
  expect("saw" in judgement && judgement.saw).toContain(words);
});

const first = (part: Partial<InWine>) => someRealByte.run({ ...right, ...part }, { seed: 1, params: {} });

test("a byte that came back is enough for the first check", () => {
  expect(first({ events: [listened], one: report(1), stops: 0 }).verdict).toBe("pass");
});

test.each<[string, Partial<InWine>]>([
  ["client 0 got 0 of 1 bytes back", { one: { ...report(0), unserved: { ...nobody, clients: 1, expected: 1 } } }],
  ["no other could connect, in Wine: ECONNREFUSED", { one: report(0), refused: 111 }],
  ["echo_serve answered 87", { events: [listened, event(SERVED, 87)], one: report(0), stops: 0 }],
  ["no client could connect", { one: report(0) }],
])("no byte: %s", (words, part) => expect(first(part)).toMatchObject({ saw: expect.stringContaining(words) }));
