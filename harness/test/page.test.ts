// SPDX-License-Identifier: MIT
/** The page in a real browser: what it shows, keys, light and dark, phone and desk, and that it fetches nothing. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveWeb } from "../src/cli/web.ts";
import type { TraceStep } from "../src/kata/kata.ts";
import type { KataData, LabData, PageData } from "../src/page/data.ts";
import { pageHtml } from "../src/page/html.ts";
import { startBrowser, violationsOn } from "./browser.ts";
import { checkOf, everyVerdict, resultOf } from "./example.ts";

const TIMEOUT_MS = 60_000;
const { inBrowser, opened } = startBrowser();
const folder = mkdtempSync(join(tmpdir(), "c10kata-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EVIL = '</script><img src=x onerror="document.title=1"><!-- ';

const step = (thread: number, line: number, what: string, after: number[], marked = false): TraceStep => ({
  thread,
  who: `T${thread} ${thread === 0 ? "consumer" : "producer"}`,
  function: "mpsc_push",
  file: "katas/02-mpsc-queue/mpsc_queue.c",
  line,
  source: `atomic_store_explicit(&prev->next, node, memory_order_release); ${EVIL}`,
  what,
  note: "0",
  times: 1,
  marked,
  after,
});
/** T0's load has seen the store; nothing orders what follows. */
const trace = [
  step(1, 31, "stores", []),
  step(0, 40, "loads", [0]),
  step(1, 32, "writes", [], true),
  step(0, 41, "reads", [0], true),
];
const traced = { ...checkOf("race", 7, "every_schedule"), trace, saw: `a race ${EVIL}` };
/** A run that failed before its first step. */
const noStep = { ...checkOf("wrong", 7, "listens"), trace: [] };
const result = { ...resultOf([traced, noStep, ...everyVerdict()]), first: traced.id };
const kept = (score: number): KataData["history"][number] => ({
  at: `2026-11-29T10:${score}:00.000Z`,
  seed: "0000002a",
  passed: score === 59,
  tier: score === 59 ? "gold" : null,
  score,
  score_max: 100,
  ratio: 1.5,
  failed: "every_schedule",
  saw: "a race",
  parts: null,
});
const labOf = (what: string, says: string): LabData => ({
  command: `bun kata lab ${what}`,
  at: "2026-11-29T10:00:00.000Z",
  machine: "2 CPUs, Linux 6.1, gcc",
  says,
  plots: [{ title: `time by ${what}`, svg: '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="300"/>' }],
});
const history = [kept(10), kept(59), kept(40)];
const data: PageData = {
  made: "2026-11-29T10:00:00.000Z",
  belt: "yellow",
  katas: [
    { id: "01-thread-pool", title: "Thread pool", idea: "an idea", history: [], best: null, result: null, lab: null },
    {
      id: "02-mpsc-queue",
      title: "MPSC queue",
      idea: "another",
      history,
      best: history[1]!,
      result,
      lab: labOf("02", ""),
    },
  ],
  labs: [labOf("mux", "poll grows with the idle descriptors, epoll does not.")],
};

const place = join(folder, "page.html");
writeFileSync(place, await pageHtml(data));
inBrowser(
  "the kata that was graded last, its nearest failure, every check, and nothing that a program wrote is run",
  async () => {
    const page = await opened(`file://${place}`);
    expect(await page.textContent("h1")).toBe("02 MPSC queue");
    expect(await page.textContent(".nearest")).toContain(`a race ${EVIL}`);
    expect(await page.locator(".checks > li").count()).toBe(result.checks.length);
    expect(await page.title()).toBe("c10kata");
    await page.getByRole("link", { name: "01-thread-pool" }).click();
    await page.waitForSelector("text=Not graded yet");
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "a trace is walked through with the arrow keys; the marked steps are joined",
  async () => {
    const page = await opened(`file://${place}`);
    const chosen = () => page.textContent(".nearest .chosen-step b");
    expect(await chosen()).toBe("step 3 of 4, T1 producer"); // the first that is marked
    await page.locator(".nearest .step.chosen").focus();
    await page.keyboard.press("ArrowDown");
    expect(await chosen()).toBe("step 4 of 4, T0 consumer");
    await page.keyboard.press("ArrowLeft");
    expect(await chosen()).toBe("step 2 of 4, T0 consumer");
    await page.keyboard.press("Home");
    expect(await chosen()).toBe("step 1 of 4, T1 producer");
    expect(await page.locator(".nearest .join line").count()).toBe(1);
    expect(await page.evaluate("document.activeElement.textContent")).toStartWith("step 1 of 4, T1");
    await page.locator(".nearest").getByRole("button", { name: "step 4, T0 consumer", exact: true }).click();
    expect(await chosen()).toBe("step 4 of 4, T0 consumer");
    expect(await page.evaluate("document.activeElement.textContent")).toStartWith("step 4 of 4, T0");
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "what happens before the chosen step, and what nothing orders with it, has a sign, a colour and words",
  async () => {
    const page = await opened(`file://${place}`);
    const told = () => page.locator(".nearest .order").allTextContents();
    const signs = () => page.locator(".nearest .step").evaluateAll((steps) => steps.map(({ className }) => className));
    expect(await told()).toEqual([
      "↑ Of other threads happens before it: nothing.",
      "∥ Nothing orders it with T0 consumer: steps 2 to 4.",
    ]);
    expect(await signs()).toEqual(["step before", "step concurrent", "step  marked chosen", "step concurrent marked"]);
    await page.locator(".nearest .step").nth(0).hover(); // where a pointer comes in, it has not moved yet
    await page.locator(".nearest .step").nth(3).hover();
    await page.waitForSelector(".nearest .order:has-text('before it: T1 producer up to step 1.')");
    expect(await page.locator(".nearest .step .sign").allTextContents()).toEqual(["↑", "↑", "∥"]);
    await page.mouse.move(0, 0);
    await page.waitForSelector(".nearest .order:has-text('before it: nothing.')");
    expect(await page.locator(".nearest .legend").textContent()).toContain("nothing orders the two: 2");
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "latency: percentiles in a table, and a curve that is told in words, too",
  async () => {
    const page = await opened(`file://${place}`);
    const rows = await page.getByRole("group", { name: "latency, 4 producers" }).getByRole("row").allTextContents();
    expect(rows).toEqual([
      "latencyp50p99p99.9maxoperations",
      "this file42.5 µs850 µs4.2 ms12.6 ms1,000",
      "baseline72.3 µs1.45 ms7.14 ms21.4 ms1,000",
      "reference38.3 µs765 µs3.78 ms11.3 ms1,000",
    ]);
    const curve = page.getByRole("img", { name: "this file: half within 42.5 µs, 99 of 100 within 850 µs; baseline:" });
    expect(decodeURIComponent((await curve.getAttribute("src"))!)).toContain("latency (µs)");
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "labs: each with the command, the machine, what it shows and its picture",
  async () => {
    const page = await opened(`file://${place}`, { viewport: { width: 390, height: 844 }, bypassCSP: true });
    expect(await page.textContent("main")).toContain("bun kata lab 02");
    await page.getByRole("link", { name: "labs", exact: true }).click();
    await page.waitForSelector("h1:text('Labs')");
    expect(await page.textContent("main")).toContain("bun kata lab mux");
    expect(await page.textContent("main")).toContain("2 CPUs, Linux 6.1, gcc");
    expect(await page.textContent("main")).toContain("epoll does not.");
    expect(await page.getByRole("img", { name: "time by mux" }).count()).toBe(1);
    expect(await violationsOn(page)).toEqual([]);
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser.each([
  [1280, 800, "light"],
  [1280, 800, "dark"],
  [390, 844, "light"],
  [390, 844, "dark"],
] as const)(
  "%d x %d, %s: nothing hangs over the edge, and axe finds nothing",
  async (width, height, colorScheme) => {
    const page = await opened(`file://${place}`, { viewport: { width, height }, colorScheme, bypassCSP: true });
    for (const summary of await page.locator("details > summary").all()) await summary.click();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(await violationsOn(page)).toEqual([]);
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "on a phone the shelf is a line, and the chosen kata is in sight there",
  async () => {
    const katas = "abcdefgh".split("").map((letter, at) => ({ ...data.katas[0]!, id: `0${at}-kata-${letter}` }));
    const wide = join(folder, "wide.html");
    writeFileSync(wide, await pageHtml({ ...data, katas: [...katas, data.katas[1]!] }));
    const page = await opened(`file://${wide}`, { viewport: { width: 390, height: 844 }, bypassCSP: true });
    const box = (await page.getByRole("link", { name: "02-mpsc-queue" }).boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    expect((await page.locator("h1").boundingBox())!.y).toBeLessThan(300);
    expect(await violationsOn(page)).toEqual([]);
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "served: the data comes anew, and when the server has gone the page says so",
  async () => {
    let shown = data;
    const web = serveWeb(async () => shown);
    const page = await opened(web.url);
    await page.waitForSelector("text=live: graded again at every save");
    shown = { ...data, belt: "black" };
    await web.update();
    await page.waitForSelector("text=black belt");
    web.stop();
    await page.waitForSelector("text=the watch has ended");
    await page.close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "a new trace that is shorter than the old one begins at its own marked step",
  async () => {
    let shown = data;
    const web = serveWeb(async () => shown);
    const page = await opened(web.url);
    await page.locator(".nearest .step").last().click();
    const mended = { ...result, checks: [{ ...traced, saw: "another race", trace: trace.slice(2) }] };
    shown = { ...data, katas: [{ ...data.katas[1]!, result: mended }] };
    await web.update();
    await page.waitForSelector(".nearest:has-text('another race')");
    expect(await page.textContent(".nearest .chosen-step b")).toBe("step 1 of 2, T1 producer");
    shown = { ...data, katas: [{ ...data.katas[1]!, result: resultOf([checkOf("pass", 10, traced.id)]) }] };
    await web.update();
    await page.waitForSelector(".trace", { state: "detached" });
    web.stop();
    await page.close();
  },
  TIMEOUT_MS,
);

test("the server answers on its own address and token only", async () => {
  const web = serveWeb(async () => data);
  const { origin, host } = new URL(web.url);
  try {
    expect((await fetch(web.url)).headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${origin}/${crypto.randomUUID()}/`)).status).toBe(404);
    const rebound = host.replace("127.0.0.1", "attacker.example");
    expect((await fetch(web.url, { headers: { host: rebound } })).status).toBe(404);
  } finally {
    web.stop();
  }
});
