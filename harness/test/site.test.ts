// SPDX-License-Identifier: MIT
/** The static site, built from the texts as they are, and looked at in a real browser. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Glob } from "bun";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { DIST, serveSite } from "../../site/serve.ts";
import { ROOT } from "../src/base/cache.ts";
import { kataIds } from "../src/kata/shelf.ts";
import { start } from "./child.ts";

/** The whole site is built before: on a busy machine that takes minutes. */
const TIMEOUT_MS = 600_000;
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

/** A copy of the repository, of which one text is to have a line more. */
function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "c10kata-site-"));
  const { stdout } = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const name of stdout
    .toString()
    .trim()
    .split("\n")
    .filter((one) => existsSync(join(ROOT, one))))
    cpSync(join(ROOT, name), join(copy, name));
  const packages = ["", "harness/", "site/", ...kataIds().map((id) => `katas/${id}/grader/`)];
  for (const name of packages.map((folder) => `${folder}node_modules`)) symlinkSync(join(ROOT, name), join(copy, name));
  return copy;
}

test(
  "the build refuses links to pages and headings that are not there",
  async () => {
    const copy = copyOfRepository();
    const text = readFileSync(join(ROOT, "curriculum/weekend.md"), "utf8");
    const refused = async (link: string) => {
      writeFileSync(join(copy, "curriculum/weekend.md"), `${text}\n[gone](${link})\n`);
      const shelf = { C10KATA_SHELF: join(copy, "katas") };
      const { code, stderr } = await start([process.execPath, join(copy, "site", "build.ts")], shelf).outcome;
      expect(code).toBe(1);
      return /dead links:\n {2}(.*)\n {6}at/.exec(stderr)?.[1];
    };
    expect(await refused("no-such-page.md")).toBe("curriculum/weekend.md: no-such-page.md");
    expect(await refused("glossary.md#nothing")).toBe("curriculum/weekend.md: ./glossary.md#nothing");
    expect(await refused("#nothing")).toBe("curriculum/weekend.md: #nothing");
    rmSync(copy, { recursive: true });
  },
  TIMEOUT_MS,
);

test("the first page leads to both plans", () => {
  const main = htmlOf("index.html").replace(/^[^]*class="vp-doc/, "");
  for (const plan of ["six-weeks", "weekend"])
    expect(main).toMatch(new RegExp(`href="[./]*/curriculum/${plan}\\.html"`));
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

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

/** VitePress's own: its label leaves out the keys that it shows. */
const isSearchButton = (id: string, html: string) =>
  id === "label-content-name-mismatch" && /^<button [^>]*class="DocSearch DocSearch-Button"/.test(html);

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
    const { violations } = await page.evaluate<{ violations: Violation[] }>("axe.run()");
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const found = serious.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html] as const));
    expect(found.filter(([id, html]) => !isSearchButton(id, html))).toEqual([]);
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
