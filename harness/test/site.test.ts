// SPDX-License-Identifier: MIT
/** The static site, built from the texts as they are, and looked at in a real browser. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { DIST, serveSite } from "../../site/serve.ts";
import { ROOT } from "../src/base/cache.ts";
import { kataIds } from "../src/kata/shelf.ts";
import { start } from "./child.ts";

const TIMEOUT_MS = 120_000;
const executablePath = ["chromium", "google-chrome"].map((name) => Bun.which(name)).find(Boolean);
let browser: Browser;
let site: ReturnType<typeof serveSite>;
/** Without a browser its tests are named as skipped. */
const inBrowser = test.skipIf(!executablePath);

beforeAll(async () => {
  // In a process of its own: the bundler leaves a child running until its caller ends.
  const shelf = { C10KATA_SHELF: join(ROOT, "katas") };
  const { code, stderr } = await start([process.execPath, join(ROOT, "site", "build.ts")], shelf).outcome;
  if (code !== 0) throw new Error(stderr);
  site = serveSite();
  if (executablePath) browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}, TIMEOUT_MS);
afterAll(async () => {
  await browser?.close();
  await site?.stop(true);
});

const files = () => [...new Glob("**/*.html").scanSync(DIST)];
const htmlOf = (path: string) => readFileSync(join(DIST, path), "utf8");

test("every concept and every kata has its page, and each menu names all of them", () => {
  const concepts = [...new Glob("[0-9]*.md").scanSync(join(import.meta.dir, "../../curriculum"))];
  expect(concepts.length).toBeGreaterThanOrEqual(10);
  const pages = [
    ...concepts.map((name) => `curriculum/${name.replace(/md$/, "html")}`),
    ...kataIds().map((id) => `katas/${id}/`),
  ];
  for (const page of ["index.html", "curriculum/01-threading-models.html", "katas/01-thread-pool/index.html"])
    for (const link of pages) expect(htmlOf(page)).toContain(`href="/${link}"`);
});

test("every link within the site leads to a page, and to a heading that is there", () => {
  const ids = new Map(
    files().map((path) => [path, new Set([...htmlOf(path).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))]),
  );
  let tried = 0;
  for (const path of files().filter((one) => one !== "404.html")) {
    for (const [, href] of htmlOf(path).matchAll(/<a [^>]*?href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href!)) continue;
      const [file = "", anchor] = href!.split("#");
      const there =
        file === ""
          ? path
          : posix
              .join(posix.dirname(path), file)
              .replace(/^.*$/, (one) => (file.startsWith("/") ? file.slice(1) : one));
      const page = there === "" || there.endsWith("/") ? `${there}index.html` : there;
      expect([path, href, ids.has(page)]).toEqual([path, href, true]);
      if (anchor) expect([path, href, ids.get(page)!.has(decodeURIComponent(anchor))]).toEqual([path, href, true]);
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(500);
});

/** A page of the site in a new window, and what it asked other hosts for. */
async function opened(
  path: string,
  scheme: "light" | "dark",
  width: number,
): Promise<{ page: Page; strangers: string[] }> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 844 } });
  const page = await context.newPage();
  const strangers: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(String(site.url))) strangers.push(request.url());
  });
  await page.goto(`${site.url}${path}`, { waitUntil: "networkidle" });
  return { page, strangers };
}

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

inBrowser.each([
  ["index.html", "light", 1280],
  ["index.html", "dark", 390],
  ["curriculum/02-synchronization.html", "light", 390],
  ["curriculum/02-synchronization.html", "dark", 1280],
  ["curriculum/glossary.html", "light", 390],
  ["katas/02-mpsc-queue/index.html", "dark", 390],
  ["katas/02-mpsc-queue/mpsc_queue.h.html", "light", 390],
] as const)(
  "%s, %s, %d wide: nothing hangs over the edge, no other host is asked, axe finds nothing serious",
  async (path, scheme, width) => {
    const { page, strangers } = await opened(path, scheme, width);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await page.addScriptTag({ content: axe });
    const { violations } = await page.evaluate<{
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    }>("axe.run({ exclude: ['.DocSearch-Button'] })"); // VitePress's own: its label leaves out the keys that it shows
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(serious.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([]);
    expect(strangers).toEqual([]);
    await page.context().close();
  },
  TIMEOUT_MS,
);

inBrowser(
  "an answer is folded away until it is asked for; search finds a word and leads to its page",
  async () => {
    const { page } = await opened("curriculum/02-synchronization.html", "light", 1280);
    const answer = page.locator("details").first();
    const hidden = answer.locator("summary ~ *").first();
    expect(await hidden.isVisible()).toBe(false);
    await answer.locator("summary").click();
    expect(await hidden.isVisible()).toBe(true);
    await page.keyboard.press("Control+k");
    await page.locator("#localsearch-input").fill("stampede");
    const found = page.locator("#localsearch-list a", { hasText: /stampede/i }).first();
    await found.click();
    await page.waitForURL(/stampede|xfetch/);
    await page.locator("main", { hasText: /stampede/i }).waitFor();
    await page.context().close();
  },
  TIMEOUT_MS,
);
