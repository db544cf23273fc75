// SPDX-License-Identifier: MIT
/**
 * The repository's texts as pages of the site. Sources stay where they are: each is copied with its links turned to where
 * pages lie, and a source file that a text links to becomes a page of its own. What is not there is an error.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, normalize, relative } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { KATAS, kataIds, findKata } from "../harness/src/kata/shelf.ts";

export interface Page {
  /** Where it lies on the site, with `.md`. */
  path: string;
  title: string;
  text: string;
}

/** Of source files that are shown as they are. */
const LANGUAGES: Record<string, string> = { ".c": "c", ".h": "c", ".ts": "ts" };

/** All texts that the site shows, by their paths in the repository. */
const TEXTS = texts();

function texts(): string[] {
  const curriculum = readdirSync(join(ROOT, "curriculum"))
    .filter((name) => name.endsWith(".md"))
    .sort();
  return [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    ...readdirSync(join(ROOT, "docs"))
      .sort()
      .map((name) => `docs/${name}`),
    ...curriculum.map((name) => `curriculum/${name}`),
    ...kataIds().map((id) => `katas/${id}/README.md`),
    "native/explorer/README.md",
    "native/simkernel/README.md",
    "native/kqueue/README.md",
  ];
}

/** What belongs to each lesson: the contract, the stub and the baseline. */
export async function sourcesOf(id: string): Promise<string[]> {
  const { edits, baseline } = await findKata(id);
  const headers = readdirSync(join(KATAS, id)).filter((name) => name.endsWith(".h"));
  return [...headers, ...edits, baseline].filter((name) => name !== undefined).map((name) => `katas/${id}/${name}`);
}

/** Throws one error that names every dead link. */
export async function pages(): Promise<Page[]> {
  const sources = new Set((await Promise.all(kataIds().map(sourcesOf))).flat());
  const dead: string[] = [];
  const shown = TEXTS.map((path) => {
    const text = withLinks(path, readFileSync(join(ROOT, path), "utf8"), sources, dead);
    return { path: placeOf(path), title: titleOf(path, text), text };
  });
  if (dead.length > 0) throw new Error(`dead links:\n  ${dead.join("\n  ")}`);
  return [...shown, ...[...sources].map(sourcePage)];
}

/** A folder's README is its page; the repository's own is the overview, since the site has a first page of its own. */
function placeOf(path: string): string {
  if (path === "README.md") return "overview.md";
  return path.endsWith(".md") ? path.replace(/README\.md$/, "index.md") : `${path}.md`;
}

/** A concept's has its number, like a kata's. */
function titleOf(path: string, text: string): string {
  const number = /^curriculum\/(\d\d)-/.exec(path)?.[1];
  const heading = path === "README.md" ? "Overview" : (/^# (.*)$/m.exec(text)?.[1] ?? "");
  return number === undefined ? heading : `${number} ${heading}`;
}

function sourcePage(path: string): Page {
  const text = readFileSync(join(ROOT, path), "utf8");
  const fence = "`".repeat(4);
  const body = `# ${basename(path)}\n\n\`${path}\`\n\n${fence}${LANGUAGES[extname(path)]}\n${text}${fence}\n`;
  return { path: placeOf(path), title: basename(path), text: `---\noutline: false\n---\n\n${body}` };
}

/** The text with each link turned to its page. Source files that it links to join `sources`; what is not there, `dead`. */
function withLinks(path: string, text: string, sources: Set<string>, dead: string[]): string {
  const link = /(?<!!)\[([^\]]+)\]\(([^)\s]+)\)/g;
  return outsideOfCode(text, (prose) =>
    prose.replace(link, (whole, label: string, target: string) => {
      if (/^(https?:|#)/.test(target)) return whole;
      const [file = "", anchor] = target.split("#");
      const there = normalize(join(dirname(path), file)).replace(/\/$/, "");
      if (!existsSync(join(ROOT, there))) dead.push(`${path}: ${target}`);
      const page = pageOf(there, sources);
      if (page === null) return label;
      const way = relative(dirname(placeOf(path)), page);
      return `[${label}](${way.startsWith(".") ? way : `./${way}`}${anchor ? `#${anchor}` : ""})`;
    }),
  );
}

/** Null for what is no page: a folder without a README, a licence, data. */
function pageOf(path: string, sources: Set<string>): string | null {
  const within = `${path}/README.md`;
  if (TEXTS.includes(path)) return placeOf(path);
  if (TEXTS.includes(within)) return placeOf(within);
  if (LANGUAGES[extname(path)] === undefined || !statSync(join(ROOT, path), { throwIfNoEntry: false })?.isFile())
    return null;
  sources.add(path);
  return placeOf(path);
}

/** Fenced blocks and code within a line stay as they are. */
function outsideOfCode(text: string, change: (prose: string) => string): string {
  const code = /^(```|~~~)[^]*?^\1.*$|`[^`\n]*`/gm;
  let at = 0;
  let made = "";
  for (const match of text.matchAll(code)) {
    made += change(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return made + change(text.slice(at));
}
