// SPDX-License-Identifier: MIT
/** The katas that are there, by number. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { BrokenKata } from "./define.ts";
import type { Kata } from "./kata.ts";

/** C10KATA_SHELF names another folder of katas: that of the harness's own fixtures. */
export const KATAS = process.env.C10KATA_SHELF ?? join(ROOT, "katas");

/** Folder names in order: 02-mpsc-queue, ... */
export function kataIds(folder = KATAS): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name) && existsSync(join(folder, name, "grader", "kata.ts")))
    .sort();
}

function idOf(wanted: string, folder: string): string | undefined {
  const asked = basename(wanted);
  return kataIds(folder).find((name) => [name, name.slice(0, 2), name.slice(3)].includes(asked.padStart(2, "0")));
}

/** Is that the number or the name of one? */
export const isKata = (wanted: string, folder = KATAS) => idOf(wanted, folder) !== undefined;

/** Finds a kata by its two digits or its folder's name. Throws Unusable, BrokenKata. */
export async function findKata(wanted: string, folder = KATAS): Promise<Kata> {
  const id = idOf(wanted, folder);
  if (!id) throw new Unusable(`no kata '${wanted}'; there are: ${kataIds(folder).join(", ")}`);
  return await loadKata(join(folder, id));
}

/** All that can be loaded; a broken one is told when it is asked for. */
export async function soundKatas(): Promise<Kata[]> {
  const found = await Promise.allSettled(kataIds().map((id) => findKata(id)));
  return found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
}

/** Loads the definition in a kata's folder. Throws BrokenKata when it is not one. */
export async function loadKata(folder: string): Promise<Kata> {
  try {
    return ((await import(join(folder, "grader", "kata.ts"))) as { default: Kata }).default;
  } catch (error) {
    if (error instanceof BrokenKata) throw error;
    throw new BrokenKata(`${folder.split("/").slice(-2).join("/")}/grader/kata.ts cannot be loaded\n${whyNot(error)}`);
  }
}

/** With file and line: of each mistake that bun's compiler found, or of the place where the error was thrown. */
function whyNot(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(whyNot).join("\n");
  const { message = String(error), position, stack = "" } = error as Error & { position?: BuildMessage["position"] };
  const [, file, line] = /\(?(\/[^\s():]+):(\d+):\d+\)?$/m.exec(stack) ?? [];
  const place = position ? `${position.file}:${position.line}` : file && `${file}:${line}`;
  return [place, message].filter(Boolean).join(": ").replaceAll(`${ROOT}/`, "");
}
