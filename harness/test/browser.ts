// SPDX-License-Identifier: MIT
/** A real browser for the tests of our pages, where there is one. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const executablePath = ["chromium", "google-chrome"].map((name) => Bun.which(name)).find(Boolean);
/** What pages have fetched from elsewhere, or said on the console: a test in which that happens fails. */
const strange: string[] = [];

/** On a busy machine; a test's own limit ends what hangs. */
const NO_LIMIT_MS = 0;

/** For the file that calls it. Without a browser its tests are named as skipped. */
export function startBrowser() {
  const browser = executablePath
    ? chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: NO_LIMIT_MS })
    : undefined;
  if (!browser) console.log("no Chromium here: scripts/setup --with chromium");
  beforeAll(async () => void (await browser), NO_LIMIT_MS); // or its start would count as the first test's time
  afterAll(async () => await (await browser)?.close());
  afterEach(() => expect(strange.splice(0)).toEqual([]));
  return { inBrowser: test.skipIf(!browser), opened: (...how: Opening) => opened(browser!, ...how) };
}

type Opening = [url: string, how?: Parameters<Browser["newPage"]>[0]];

async function opened(browser: Promise<Browser>, url: string, how: Opening[1] = {}): Promise<Page> {
  const page = await (await browser).newPage(how);
  page.setDefaultTimeout(NO_LIMIT_MS);
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url()) && !request.url().startsWith("http://127.0.0.1:"))
      strange.push(request.url());
  });
  page.on("console", (message) => {
    if (!message.text().includes("net::ERR_")) strange.push(message.text()); // the server has gone
  });
  page.on("pageerror", (error) => strange.push(String(error)));
  await page.goto(url);
  await page.waitForSelector("h1");
  return page;
}

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
/** What axe finds against the page as it is now. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe });
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>("axe.run()");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
