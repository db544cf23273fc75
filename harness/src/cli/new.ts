// SPDX-License-Identifier: MIT
/**
 * `bun kata new NN-slug`: both folders of a kata, as harness/template has them, under its own names. It works, and
 * `bun run verify NN` refuses it for what is still to be written.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { kataIds, KATAS } from "../kata/shelf.ts";

const TEMPLATE = join(ROOT, "harness", "template");
const FORM = /^\d\d(-[a-z][a-z0-9]*)+$/;

/** The paths of the files that were written. Throws Unusable when there can be no such kata, or is one. */
export function newKata(id: string): string[] {
  if (!FORM.test(id))
    throw new Unusable(`'${id}' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter`);
  const taken = kataIds().find((other) => other.slice(0, 2) === id.slice(0, 2));
  if (taken) throw new Unusable(`there is a kata ${id.slice(0, 2)} already: ${taken}`);
  const target = dirname(KATAS);
  const files = readdirSync(TEMPLATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name).slice(TEMPLATE.length + 1);
    return { path: join(target, renamed(path, id)), text: renamed(readFileSync(join(TEMPLATE, path), "utf8"), id) };
  });
  const there = texts.find(({ path }) => existsSync(path));
  if (there) throw new Unusable(`${there.path} is there already`);
  for (const { path, text } of texts) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return texts.map(({ path }) => path);
}

/** The template's kata is 00-thing, its C names begin with thing_, and its title is Thing. */
function renamed(text: string, id: string): string {
  const [number, slug] = [id.slice(0, 2), id.slice(3)];
  const title = slug.replaceAll("-", " ").replace(/^./, (first) => first.toUpperCase());
  const name = slug.replaceAll("-", "_");
  return text
    .replaceAll("00-thing", id)
    .replace(/\b00\b/g, number)
    .replace(/\bThing\b/g, title)
    .replace(/(?<![A-Za-z])thing(?![a-z])/g, name)
    .replace(/(?<![A-Z])THING_H\b/g, `${name.toUpperCase()}_H`);
}
