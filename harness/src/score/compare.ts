// SPDX-License-Identifier: MIT
/** Reads what a cohort has submitted, once for each text, and says whose programs are alike. */
import { Glob } from "bun";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../base/cache.ts";
import { stubsOf, type Submission } from "../build/submission.ts";
import type { Similar, Standing } from "../judge/cohort.ts";
import type { Kata } from "../kata/kata.ts";
import { collect } from "./collect.ts";
import { digestOf } from "./digest.ts";
import type { Ledger } from "./ledger.ts";
import { similarPairs, type Text } from "./similar.ts";

type Scored = Pick<Standing, "name" | "source" | "commit">;
export type SimilarIn = { kata: string } & Similar;

export class Comparison {
  /** By what was compared. */
  readonly #known = new Map<string, Similar[]>();

  constructor(
    readonly katas: Kata[],
    readonly ledger: Ledger,
  ) {}

  /** Fetches what the ledger does not hold, fork by fork; what cannot be fetched is not compared. */
  async read(standings: Scored[]): Promise<void> {
    for (const { source, commit } of this.missing(standings)) {
      const fork = await collect(source, this.katas, commit).catch(() => null);
      for (const one of fork?.katas ?? [])
        if ("submission" in one) this.ledger.keepText(one.kata.id, digestOf(one.submission), textOf(one.submission));
    }
  }

  /** Those of whom a text is still to be read. */
  missing = (standings: Scored[]): Scored[] =>
    standings.filter(({ source, commit }) =>
      this.ledger.bundlesOf(source, commit).some(({ kata, bundle }) => this.ledger.textOf(kata, bundle) === null),
    );

  pairs(standings: Scored[]): SimilarIn[] {
    const texts = standings.flatMap(({ name, source, commit }) =>
      this.ledger.bundlesOf(source, commit).map(({ kata, bundle }) => ({ name, kata, bundle })),
    );
    return this.katas.flatMap((kata) => {
      const own = texts.filter((one) => one.kata === kata.id);
      const key = hashOf(kata.id, ...own.flatMap(({ name, bundle }) => [name, bundle, this.#textOf(kata, bundle)]));
      const pairs =
        this.#known.get(key) ??
        similarPairs(
          own.map((one): Text => ({ name: one.name, text: this.#textOf(kata, one.bundle) })),
          handedOut(kata),
        );
      this.#known.set(key, pairs);
      return pairs.map((pair) => ({ kata: kata.id, ...pair }));
    });
  }

  #textOf = ({ id }: Kata, bundle: string): string => this.ledger.textOf(id, bundle) ?? "";
}

const textOf = ({ files }: Submission) => files.map(({ text }) => text).join("\n");

/** The stubs, and what lies beside them: the header, the baseline. */
function handedOut(kata: Kata): string[] {
  const beside = [...new Glob("*.{c,h}").scanSync(kata.folder)].filter((name) => !kata.edits.includes(name));
  const paths = [
    ...kata.edits.map((name) => join(stubsOf(kata), name)),
    ...beside.map((name) => join(kata.folder, name)),
  ];
  return paths.filter((path) => existsSync(path)).map((path) => readFileSync(path, "utf8"));
}
