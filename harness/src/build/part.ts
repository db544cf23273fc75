// SPDX-License-Identifier: MIT
/** One of a kata's files, apart from the others: what it is linked with, so that it is judged whatever they are. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { graderOf, type Kata } from "../kata/kata.ts";
import { isReserved, libraryNames, symbolsOf } from "./audit.ts";
import { compileSubmission } from "./learner.ts";
import { readSource, stubsOf, type SourceFile, type Submission } from "./submission.ts";

export interface Part {
  /** The file, and those of the others whose names it uses. */
  files: SourceFile[];
  /** In the places of the others: stubs, or right ones where the grader lends them. */
  standIns: SourceFile[];
  /** The contract's functions that these files have to define. */
  due: string[];
  /** A file that does not compile, where the part uses a name that nobody else defines: nothing can be said without it. */
  waitsFor?: string;
  /** A function of another file's contract, which that file defines, too. */
  twice?: { name: string; file: string };
}

/** A file with the names that its object defines and uses; none where it does not compile. */
interface Named {
  file: SourceFile;
  compiles: boolean;
  defined: Set<string>;
  used: Set<string>;
}

/** All of a submission: no file of it is tried apart. */
export const whole = (kata: Kata, { files }: Submission): Part => ({ files, standIns: [], due: kata.exports });

/** The part of `submission` that the file called `name` makes up; the file itself compiles. */
export async function partOf(kata: Kata, submission: Submission, name: string): Promise<Part> {
  const stubs = kata.edits.map((edited) => readSource(edited, lent(kata, edited) ?? join(stubsOf(kata), edited)));
  const both = [submission.files, stubs].map((files) =>
    Promise.all(files.map((file) => named(kata, submission, file))),
  );
  const [own, standing] = (await Promise.all(both)) as [Named[], Named[]];
  const contractOf = (edited: string) => {
    const { defined } = standing.find(({ file }) => file.name === edited)!;
    return kata.exports.filter((exported) => defined.has(exported));
  };
  const due = contractOf(name);
  const tried = own.find(({ file }) => file.name === name)!;
  const others = own.filter((one) => one !== tried);
  const borrowed = kata.edits.filter((edited) => edited !== name && lent(kata, edited)).flatMap(contractOf);
  const { taken, unknown } = await closure(kata, tried, others, due, borrowed);
  const broken = others.find(({ compiles }) => !compiles);
  const twice = others.flatMap(({ file, defined }) =>
    contractOf(file.name)
      .filter((one) => defined.has(one) && tried.defined.has(one))
      .map((one) => ({ name: one, file: file.name })),
  )[0];
  return {
    files: taken.map(({ file }) => file),
    standIns: stubs.filter((stub) => !taken.some(({ file }) => file.name === stub.name)),
    due,
    ...(broken && unknown && { waitsFor: broken.file.name }),
    ...(twice && { twice }),
  };
}

/**
 * A right program of the grader's for a file whose contract another one builds on, as a condition variable does on a
 * mutex: it stands in for that file, so that the one is not blamed for the other.
 */
function lent(kata: Kata, file: string): string | undefined {
  const path = join(graderOf(kata), "stand_in", file);
  return existsSync(path) ? path : undefined;
}

/** The file and those whose names it uses; is there a name that none of them defines? Nobody defines the library's. */
async function closure(kata: Kata, tried: Named, others: Named[], due: string[], borrowed: string[]) {
  const library = await libraryNames();
  const taken = [tried];
  const missing = () => {
    const wanted = [...due, ...taken.flatMap(({ used }) => [...used])].filter((one) => !isReserved(one, library));
    return wanted.filter((one) => !borrowed.includes(one) && !taken.some(({ defined }) => defined.has(one)));
  };
  const next = () => others.find((one) => !taken.includes(one) && missing().some((name) => one.defined.has(name)));
  for (let more = next(); more; more = next()) taken.push(more);
  const known = new Set([...kata.exports, ...kata.imports, ...Object.values(kata.imports_of).flat()]);
  return { taken, unknown: missing().some((name) => !known.has(name)) };
}

async function named(kata: Kata, submission: Submission, file: SourceFile): Promise<Named> {
  const { objects } = await compileSubmission(kata, { ...submission, files: [file] }, "plain");
  const symbols = objects[0] === undefined ? [] : await symbolsOf(objects[0]);
  const names = (defined: boolean) => symbols.filter((one) => one.defined === defined).map((one) => one.name);
  return { file, compiles: objects.length > 0, defined: new Set(names(true)), used: new Set(names(false)) };
}
