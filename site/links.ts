// SPDX-License-Identifier: MIT
/** Links within the site that lead to no page, or to no heading of it: looked for before anything is built. */
import { posix } from "node:path";
import { createMarkdownRenderer, disposeMdItInstance } from "vitepress";
import { markdown } from "./markdown.ts";
import type { Page } from "./pages.ts";

/** What leads nowhere, each as "curriculum/glossary.md: ./02-synchronization.md#no-such-heading". */
export async function deadLinks(pages: Page[]): Promise<string[]> {
  // As the site does, but code has no colours: they take most of the time.
  const renderer = await createMarkdownRenderer("", { ...markdown, highlight: (code) => code });
  const html = new Map<string, string>();
  for (const { path, text } of pages) html.set(path, await renderer.render(text, { path, relativePath: path }));
  disposeMdItInstance(); // VitePress would build with this one
  const headings = new Map([...html].map(([path, page]) => [path, idsIn(page)]));
  return [...html].flatMap(([path, page]) =>
    linksIn(page)
      .filter((href) => !leadsSomewhere(path, href, headings))
      .map((href) => `${path}: ${href.replace(/\.html(?=#|$)/, ".md")}`),
  );
}

const idsIn = (html: string) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!));

/** Those that stay within the site. */
const linksIn = (html: string) =>
  [...html.matchAll(/<a [^>]*?href="([^"]+)"/g)].map(([, href]) => href!).filter((href) => !/^[a-z]+:/.test(href));

function leadsSomewhere(from: string, href: string, headings: Map<string, Set<string>>): boolean {
  const [file = "", anchor] = href.split("#");
  const place = file.startsWith("/") ? file.slice(1) : posix.join(posix.dirname(from), file);
  const page = file === "" ? from : place.replace(/(^|\/)$/, "$1index").replace(/(\.html)?$/, ".md");
  const ids = headings.get(page);
  return ids !== undefined && (!anchor || ids.has(decodeURIComponent(anchor)));
}
