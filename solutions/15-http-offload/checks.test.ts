// SPDX-License-Identifier: MIT
/** The checks of 15-http-offload on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import { ambiguous, bodies, fields, requestLines, sizes } from "../../katas/15-http-offload/grader/cases.ts";
import { everyAnswer, raceFree, type CrowdEvidence } from "../../katas/15-http-offload/grader/checks.ts";
import { realClients, type ClientRun } from "../../katas/15-http-offload/grader/witness.ts";
import { cases, nothingShared, refusesNonsense, someAnswer } from "../../katas/15-http-offload/grader/scripts.ts";

const request = { seed: 1, params: { clients: 4, rounds: 30, pipelined: 3 } };
const good: CrowdEvidence = {
  ...{ right: 312, left: 16, begun: 340, released: 340, served: 0, second_served: 0 },
  descriptors: [9, 9],
};

describe.each([everyAnswer, raceFree])("%#: two servers and a crowd", ({ run }) => {
  test("all answers, and all given back", () => {
    expect(run(good, request)).toEqual({ verdict: "pass", note: "312 answers" });
  });

  test.each<[string, Partial<CrowdEvidence>, string]>([
    ["an answer too few", { right: 311 }, "311 right answers to 312 requests"],
    ["a body too few", { released: 339 }, "340 handlers ran, and 339 bodies were released"],
    ["a body too many", { released: 341 }, "341 bodies"],
    ["a descriptor left", { descriptors: [9, 10] }, "1 descriptors left open"],
    ["a descriptor too many closed", { descriptors: [9, 8] }, "1 descriptors too many closed"],
    ["an error", { served: 12 }, "-ENOMEM"],
    ["an error of the second", { second_served: 24 }, "-EMFILE"],
  ])("%s", (_, part, saw) => {
    expect(run({ ...good, ...part }, request)).toMatchObject({ verdict: "wrong", saw: expect.stringContaining(saw) });
  });
});

describe("curl and wrk", () => {
  const asked: ClientRun = { words: ["http://h/a"], said: "GET /a", expected: "GET /a", code: 0 };
  const wrk = "  548 requests in 1.00s, 57.79KB read\nRequests/sec:    547.12\n";
  const judged = (part: Partial<ClientRun>, said: string | undefined = wrk) =>
    realClients.run({ curl: [{ ...asked, ...part }], ...(said !== undefined && { wrk: said }) }, request);

  test("both are content", () => {
    expect(judged({})).toEqual({ verdict: "pass", note: "curl, and 548 requests of wrk" });
    expect(judged({}, `${wrk}  Socket errors: connect 0, read 0, write 0, timeout 3\n`).verdict).toBe("pass");
  });

  test.each<[string, Partial<ClientRun>, string | undefined, string]>([
    ["another answer", { said: "GET /b" }, wrk, '-> "GET /b"'],
    ["no connection", { said: "curl: (52) Empty reply", code: 52 }, wrk, "(exit code 52)"],
    ["no answer, and another server has one", { late: "alone" }, wrk, "had not ended after 60 s"],
    ["refusals", {}, `${wrk}  Non-2xx or 3xx responses: 12\n`, "Non-2xx or 3xx responses: 12"],
    ["broken connections", {}, `${wrk}  Socket errors: connect 0, read 4, write 0, timeout 0\n`, "read 4"],
  ])("%s", (_, part, said, saw) => {
    expect(judged(part, said)).toMatchObject({ verdict: "wrong", saw: expect.stringContaining(saw) });
  });

  test("a machine without them, or without time, cannot tell", () => {
    expect(realClients.run({ curl: [] }, request).verdict).toBe("not_measurable");
    expect(realClients.run({ curl: [asked] }, request).verdict).toBe("not_measurable");
    expect(judged({ late: "perhaps busy" }).verdict).toBe("not_measurable");
    expect(judged({}, "  0 requests in 1.00s, 0.00B read\n").verdict).toBe("not_measurable");
  });
});

describe("the cases", () => {
  const all = [requestLines, fields, bodies, ambiguous, sizes].flat();

  test("are more than 150, each another one, each with its section", () => {
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(150);
    for (const { section } of all) expect(section).toMatch(/^(9110|9112|9113|3986|5789|6585) \d+(\.\d+)*$/);
  });

  test("are each sent whole and, if short, byte by byte, with a request behind them", () => {
    for (const { always, plan } of cases) {
      const [whole, byByte] = always!.map((sent) => plan(sent).filter((step) => "call" in step));
      expect(whole!.length).toBeGreaterThanOrEqual(byByte!.length);
      expect(byByte!.length).toBeGreaterThan(5);
    }
    for (const { bytes } of all) expect(bytes).toEndWith("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  });

  test("a refusal is the last answer, and a request that is answered is not", () => {
    for (const { answers } of all) {
      const last = answers.at(-1)!;
      expect(last === "200 <GET /next>" || last.endsWith(" close")).toBe(true);
    }
    expect(someAnswer.plan([])).toContainEqual(
      expect.objectContaining({ expect: { text: "200 <GET />, 200 <GET /next>, end" } }),
    );
  });

  test("limits that make no sense are -EINVAL, seven of them", () => {
    const steps = refusesNonsense.plan([]);
    expect(steps).toHaveLength(7);
    for (const step of steps) expect(step).toMatchObject({ call: "script_refused", expect: -22n });
  });

  test("a full server's neighbour answers", () => {
    expect(nothingShared.plan([])).toMatchObject([{ call: "script_neighbours" }]);
  });
});
