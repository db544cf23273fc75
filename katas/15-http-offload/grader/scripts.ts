// SPDX-License-Identifier: MIT
/** The cases, sent in one piece, byte by byte, or cut anywhere. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once, Texts } from "@c10kata/harness/script";
import fc from "fast-check";
import { ambiguous, bodies, fields, requestLines, sizes, type Case } from "./cases.ts";

/** `piece`: so many bytes at a time; 0: all at once. */
interface Sent {
  of: Case;
  piece: number;
}

/** What a report shows of long requests. */
const SHOWN = 160;
/** Byte by byte, only those that are not longer. */
const SHORT = 400;

const shown = (bytes: string) => {
  const text = JSON.stringify(bytes);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}... (${bytes.length} bytes)` : text;
};

const rfc = (section: string) => `RFC ${section.replace(" ", ", ")}`;

function exchange({ of, piece }: Sent, texts: Texts): Step {
  const first = Number(/\d{3}/.exec(of.answers.at(-1)!)![0]);
  const { ref } = texts.bytes(Buffer.from(of.bytes, "latin1"));
  const cut = piece ? `, ${piece} at a time` : "";
  return {
    call: "script_exchange",
    args: [{ ref }, of.bytes.length, piece, of.waitAt ?? 0, of.heads ?? 0, first, of.other ?? 0],
    expect: { text: [...of.answers, "end"].join(", ") },
    show: `${of.title} (${rfc(of.section)}): ${shown(of.bytes)}${cut}`,
  };
}

function plan(sent: Sent[]): Step[] {
  const texts = new Texts();
  const steps = sent.map((one) => exchange(one, texts));
  return [...texts.steps, ...steps];
}

const someSent = (cases: Case[]): fc.Arbitrary<Sent[]> =>
  fc.array(fc.record({ of: fc.constantFrom(...cases), piece: fc.integer({ min: 1, max: 200 }) }), {
    minLength: 1,
    maxLength: 4,
  });

function tries(id: string, points: number, cases: Case[], lookAt: string): ScriptCheck<Sent> {
  const whole = cases.map((of) => ({ of, piece: 0 }));
  const byByte = cases.filter(({ bytes }) => bytes.length <= SHORT).map((of) => ({ of, piece: 1 }));
  const commands = someSent(cases);
  return { id, points, needs: "some_answer", runs: 10, commands, always: [whole, byByte], plan, lookAt };
}

export const someAnswer: ScriptCheck = {
  id: "some_answer",
  points: 2,
  ...once,
  plan: () => plan([{ of: requestLines[0]!, piece: 0 }]),
  lookAt: "http_serve: which events does it wait for first, and what does it do with each?",
};

const refusal = (...args: (number | boolean)[]): Step => ({
  call: "script_refused",
  args: args.map(Number),
  expect: -22n,
  show: `http_serve({workers ${args[0]}, queue_max ${args[1]}, header_max ${args[2]}, .., idle ${args[3]}, request ${args[4]}}, ${args[5] ? "handler" : "NULL"})`,
});

/** -EINVAL, and no server. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  points: 1,
  needs: "some_answer",
  ...once,
  plan: () => [
    refusal(0, 1, 64, 1, 1, true),
    refusal(1, 0, 64, 1, 1, true),
    refusal(1, 1, 63, 1, 1, true),
    refusal(1, 1, 2 ** 20 + 1, 1, 1, true),
    refusal(1, 1, 64, 0, 1, true),
    refusal(1, 1, 64, 1, 0, true),
    refusal(1, 1, 64, 1, 1, false),
  ],
  lookAt: "http_serve: which limits does the header name, and with which answer?",
};

/** Two servers at once, one of them full. */
export const nothingShared: ScriptCheck = {
  id: "nothing_shared",
  points: 1,
  needs: "some_answer",
  ...once,
  plan: () => [
    {
      call: "script_neighbours",
      args: [],
      expect: { text: "full: 503, the other server: 200, at last: 200 200" },
      show: "two servers with one worker and queue_max 1 each: three requests for the first, one for the other",
    },
  ],
  lookAt: "what do two calls of http_serve have in common?",
};

const WHICH = "which rule of RFC 9112 says so, and at which byte is it known?";

export const cases: ScriptCheck<Sent>[] = [
  tries("request_lines", 5, requestLines, `the request line: ${WHICH}`),
  tries("fields", 5, fields, `a field line: ${WHICH}`),
  tries("bodies", 6, bodies, "the body: where does it end, and where does the next request begin?"),
  tries("no_two_readings", 8, ambiguous, "in which two ways could two servers read this?"),
  tries("sizes", 4, sizes, "which length is known at this byte, and what may it be at most?"),
];
