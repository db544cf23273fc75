// SPDX-License-Identifier: MIT
/** How the end of a run is judged, from facts alone. */
import { expect, test } from "bun:test";
import type { Ended } from "../src/kata/run.ts";
import { type Explained, fail, judgeEnd, nearerCause, pass, withPrinted } from "../src/judge/check.ts";

const collected: Ended["collected"] = { evidence: {}, answers: [], stacks: [], ended: true, hello: true };
const well: Ended = {
  by: "itself",
  code: 0,
  signal: null,
  output: "",
  collected,
  seconds: 0.1,
  sinceProgress: { cpu_s: 0, wall_s: 0.1, running: false, starved: false },
  resident_peak_bytes: 0,
  survivors: 0,
};
const limits = { deadline_ms: 2000, resident_bytes: 1 << 30 };

function judged(ended: Partial<Ended>, more: Partial<Explained> = {}) {
  return judgeEnd({ ended: { ...well, ...ended }, where: "in scenario crowd", limits, stacks: [], ...more });
}

const without = (change: Partial<Ended["collected"]>) => ({ collected: { ...collected, ...change } });
const silent = without({ ended: false });
const stuck = { by: "deadline", signal: "SIGKILL", code: null, ...silent } as const;

test("a run that ended well is not judged here, whatever it printed", () => {
  expect(judged({})).toBeNull();
  expect(judged({ output: "ERROR: AddressSanitizer: heap-use-after-free" })).toBeNull();
});

test.each<[string, Partial<Ended>, Partial<Explained>, string, string]>([
  ["no last frame", silent, {}, "wrong", "the program ended the process in scenario crowd (exit code 0)"],
  [
    "a last frame, then another exit code",
    { code: 3 },
    {},
    "wrong",
    "the program ended the process in scenario crowd (exit code 3)",
  ],
  [
    "98 of its own",
    { code: 98, ...silent },
    {},
    "wrong",
    "the program ended the process in scenario crowd (exit code 98)",
  ],
  [
    "127 of its own",
    { code: 127, ...silent },
    {},
    "wrong",
    "the program ended the process in scenario crowd (exit code 127)",
  ],
  ["97", { code: 97, ...silent }, {}, "wrong", "the program closed a descriptor of the grader in scenario crowd"],
  [
    "98 with our words",
    { code: 98, output: "guest: no parameter 'n'\n" },
    {},
    "harness_error",
    "the guest could not run: guest: no parameter 'n'",
  ],
  [
    "127 before hello",
    { code: 127, output: "setarch: not found", ...without({ hello: false }) },
    {},
    "harness_error",
    "the guest could not run: setarch: not found",
  ],
  [
    "a crash",
    { code: null, signal: "SIGSEGV", ...silent },
    { crash: { signal: "SIGSEGV", frames: ["pop (q.c:4)", "take (q.c:9)"] } },
    "crash",
    "SIGSEGV in pop (q.c:4), in scenario crowd",
  ],
  ["a crash nobody saw", { code: null, signal: "SIGSEGV", ...silent }, {}, "crash", "SIGSEGV, in scenario crowd"],
  [
    "a crash caught by the program",
    silent,
    { crash: { signal: "SIGBUS", frames: [] } },
    "crash",
    "SIGBUS, in scenario crowd",
  ],
  [
    "an assertion",
    {
      signal: "SIGABRT",
      code: null,
      ...without({ ended: false, printed: { lines: 1, text: "q.c:4: pop: Assertion `n > 0' failed.\n" } }),
    },
    { crash: { signal: "SIGABRT", frames: ["pop (q.c:4)"] } },
    "crash",
    "SIGABRT (Assertion `n > 0' failed) in pop (q.c:4), in scenario crowd",
  ],
  [
    "asleep",
    { ...stuck, sinceProgress: { cpu_s: 0.1, wall_s: 2, running: false, starved: false } },
    {},
    "deadlock",
    "every thread is asleep: no progress for 2.0 s in scenario crowd",
  ],
  [
    "busy",
    { ...stuck, sinceProgress: { cpu_s: 1.9, wall_s: 2, running: true, starved: false } },
    {},
    "timeout",
    "the run had not ended after 2.0 s (1.9 s of CPU time) in scenario crowd",
  ],
  [
    "kept from a busy CPU",
    { ...stuck, sinceProgress: { cpu_s: 0.01, wall_s: 2, running: true, starved: false } },
    {},
    "timeout",
    "the run had not ended after 2.0 s (0.0 s of CPU time) in scenario crowd",
  ],
  [
    "starved",
    { ...stuck, sinceProgress: { cpu_s: 0.01, wall_s: 6, running: true, starved: true } },
    {},
    "not_measurable",
    "0.0 s of CPU time within 6.0 s in scenario crowd",
  ],
  [
    "too much memory",
    { by: "resident", signal: "SIGKILL", resident_peak_bytes: 1100 << 20 },
    {},
    "memory",
    "the program used 1100 MiB of memory in scenario crowd",
  ],
  [
    "forged frames",
    { by: "forgery", signal: "SIGKILL", ...without({ malformed: "a frame of 9 bytes" }) },
    {},
    "wrong",
    "the program wrote to the grader's descriptor in scenario crowd: a frame of 9 bytes",
  ],
  [
    "forged frames, then a fine end",
    without({ malformed: "'n' twice" }),
    {},
    "wrong",
    "the program wrote to the grader's descriptor in scenario crowd: 'n' twice",
  ],
  ["a child left behind", { survivors: 1 }, {}, "wrong", "the program left 1 process running in scenario crowd"],
  ["children left behind", { survivors: 2 }, {}, "wrong", "the program left 2 processes running in scenario crowd"],
])("%s", (_, ended, more, verdict, saw) => expect(judged(ended, more)).toMatchObject({ verdict, saw } as object));

test("recursion is shown once, long chains are cut", () => {
  const frames = (calls: string[]) => judged({ signal: "SIGSEGV" }, { crash: { signal: "SIGSEGV", frames: calls } });
  expect(frames(["a", "b", "b", "b", "c"])).toMatchObject({
    lookAt: "the calls that led there: a < b, over and over < c",
  });
  expect(frames(["b", "b", "b"])).toMatchObject({ lookAt: "b, over and over: what ends it?" });
  const chain = Array.from({ length: 30 }, (_, at) => `f${at}`);
  expect(frames(chain)).toMatchObject({
    lookAt: "the calls that led there: f0 < f1 < f2 < f3 < f4 < f5 < f6 < f7 < ...",
  });
});

test("what the program printed is told with a failure, and bun's words are not its own", () => {
  const failure = { verdict: "wrong", saw: "7", expected: "3" } as const;
  const ended = (output: string, text = "") => ({
    ...well,
    output,
    ...without(text ? { printed: { text, lines: 9 } } : {}),
  });
  expect(withPrinted(failure, ended(""))).toBe(failure);
  expect(withPrinted(pass(), ended("", "said\n"))).toEqual(pass());
  expect(withPrinted(failure, ended("", "said\n"))).toEqual({ ...failure, printed: { text: "said\n", lines: 9 } });
  expect(
    withPrinted(failure, ended("mine\n============\nBun v1.4.5 (a7733435c) Linux x64\npanic: gone\n", "said")),
  ).toEqual({
    ...failure,
    printed: { text: "said\nmine\n", lines: 10 },
  });
  expect(withPrinted(failure, ended("oh no: Bun has crashed.\nhttps://bun.report/1"))).toBe(failure);
  expect(withPrinted(failure, ended("ERROR: AddressSanitizer: ..."), true)).toBe(failure);
});

test("threads at the deadline, by number", () => {
  const stacks = [1, 2].map((thread) => ({ thread, frames: [`lock (q.c:${thread})`, "push (q.c:9)"] }));
  const raw = stacks.map(({ thread }) => ({ signal: 0, thread, offsets: [] }));
  expect(judged({ ...stuck, ...without({ ended: false, stacks: raw }) }, { stacks })).toMatchObject({
    lookAt: "lock (q.c:1): what must happen for it to go on?",
    detail: "thread 1: lock (q.c:1) < push (q.c:9)\nthread 2: lock (q.c:2) < push (q.c:9)",
  });
});

test("what AddressSanitizer says of a crash counts where it says more than the crash", () => {
  const crash = { verdict: "crash", saw: "SIGABRT, during pop(q)", expected: "the call returns" } as const;
  const memory = (saw: string) => ({ verdict: "memory", saw, expected: "every access inside live memory" }) as const;
  const overflow = memory("heap-buffer-overflow: write in push (queue.c:9), during push(q, a)");
  expect(nearerCause(crash, overflow)).toBe(overflow);
  for (const other of [
    null,
    pass(),
    memory("store to null pointer of type 'int', in push (queue.c:9), during push(q, a)"),
    memory("division by zero, in push (queue.c:9), during push(q, a)"),
    fail({ saw: "another answer", expected: "this one" }),
    { ...crash, saw: "SEGV in push (queue.c:9)" },
  ])
    expect(nearerCause(crash, other)).toBe(crash);
});

test.each([
  ["SIGSEGV", "pop (q.c:4): which pointer does that line follow, and what was it set to last?"],
  ["SIGFPE", "pop (q.c:4): what does that line divide, and by what?"],
  ["SIGABRT", "pop (q.c:4): why does the program, or the C library, give up there?"],
])("%s at one place: a question about that line", (signal, lookAt) => {
  expect(judged({ signal, ...silent }, { crash: { signal, frames: ["pop (q.c:4)"] } })).toMatchObject({ lookAt });
});

test("a crash after an allocation that was refused says which", () => {
  const crash = { signal: "SIGSEGV", frames: ["pool_new (thread_pool.c:79)"] };
  const judgement = judged({ signal: "SIGSEGV", ...silent }, { crash, refused: "pool_new (thread_pool.c:75)" });
  expect(judgement).toMatchObject({
    saw: "SIGSEGV in pool_new (thread_pool.c:79), in scenario crowd, after the allocation in pool_new (thread_pool.c:75) was refused",
    lookAt: "pool_new (thread_pool.c:79): what does it do once an allocation has answered NULL?",
  });
});
