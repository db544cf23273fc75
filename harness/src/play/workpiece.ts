// SPDX-License-Identifier: MIT
/** A submission to a kata, and what is made of it: each thing once, when it is first asked for. */
import { audit, type Audit } from "../build/audit.ts";
import { compileStandIn, compileSubmission, type Compiled, type OwnNames } from "../build/learner.ts";
import { linkGuest, linkSanitizedLibrary, linkSimulation, linkSubject } from "../build/link.ts";
import { Unusable } from "../base/command.ts";
import { partOf, whole, type Part } from "../build/part.ts";
import { CompilerText } from "../build/compiler.ts";
import { linkWindows } from "../build/windows.ts";
import type { Build, Kata } from "../kata/kata.ts";
import type { SourceFile, Submission } from "../build/submission.ts";
import { Patience } from "./patience.ts";

/** What cannot be made is thrown as Unusable, with the compiler's or the linker's words. */
export class Workpiece {
  #compiled: Promise<Compiled> | undefined;
  #part: Promise<Part> | undefined;
  #audited: Promise<Audit> | undefined;
  readonly #objects = new Map<Build, Promise<string[]>>();
  readonly #apart = new Map<string, Workpiece>();

  /** `file`: the one that is tried, apart from the others. */
  constructor(
    readonly kata: Kata,
    readonly submission: Submission,
    readonly file?: string,
    /** With its endless loops, whichever file is tried. */
    readonly patience = new Patience(),
  ) {}

  /** One file of it apart; without a name, all of it. */
  of(file: string | undefined): Workpiece {
    if (file === undefined) return this;
    if (!this.#apart.has(file)) this.#apart.set(file, new Workpiece(this.kata, this.submission, file, this.patience));
    return this.#apart.get(file)!;
  }

  /** The plain build of what is tried as the compiler takes or refuses it: what the audit looks at. */
  compiled(): Promise<Compiled> {
    const { files } = this.submission;
    const tried = this.file === undefined ? files : files.filter(({ name }) => name === this.file);
    return (this.#compiled ??= this.#compile(tried, "plain"));
  }

  /** What is linked together, once it is known that what is tried compiles. */
  part(): Promise<Part> {
    const { kata, submission, file } = this;
    return (this.#part ??=
      file === undefined ? Promise.resolve(whole(kata, submission)) : partOf(kata, submission, file));
  }

  audited(): Promise<Audit> {
    return (this.#audited ??= this.#audit());
  }

  /** The objects of one build. Names that only the submission itself uses are local to them. */
  objects(build: Build): Promise<string[]> {
    if (!this.#objects.has(build)) this.#objects.set(build, this.#made(build));
    return this.#objects.get(build)!;
  }

  /** With the kata's drivers and the guest: a library of the plain build, else a program. Its path. */
  async guest(build: Build): Promise<string> {
    return await linkGuest(this.kata, await this.objects(build), build);
  }

  /** With AddressSanitizer, as a library: see linkSanitizedLibrary(). Its path. */
  async sanitizedLibrary(): Promise<string> {
    return await linkSanitizedLibrary(this.kata, await this.objects("asan"));
  }

  /** For the explorer: a library. Its path. */
  async subject(build: "explore" | "explore_unoptimized" = "explore"): Promise<string> {
    return await linkSubject(this.kata, await this.objects(build));
  }

  /** In the simulated kernel: a program. Its path. */
  async simulation(build: "simulated" | "simulated_asan"): Promise<string> {
    return await linkSimulation(this.kata, await this.objects(build), build);
  }

  /** As a Windows program: its path, or what mingw-w64 says against it, which knows no header or call of Linux'. */
  async windowsProgram(): Promise<string | CompilerText> {
    const { own } = await this.audited();
    const { ok, objects, text } = await this.#compile(this.submission.files, "mingw", own);
    return ok ? await linkWindows(this.kata, objects) : new CompilerText(text);
  }

  async #audit(): Promise<Audit> {
    const { ok, text } = await this.compiled();
    if (!ok) throw new Unusable(`${this.file ?? this.submission.label} does not compile:\n${text}`);
    const { files, due } = await this.part();
    const { objects } = await this.#compile(files, "plain");
    return await audit(this.kata, { ...this.submission, files }, objects, due);
  }

  #compile(files: SourceFile[], build: Build, own?: OwnNames): Promise<Compiled> {
    return compileSubmission(this.kata, { ...this.submission, files }, build, own);
  }

  async #made(build: Build): Promise<string[]> {
    const { own } = await this.audited();
    const { files, standIns } = await this.part();
    const { ok, objects, text } = await this.#compile(files, build, own);
    if (!ok) throw new Unusable(`the ${build} build refuses what the plain one accepts:\n${text}`);
    return [...objects, ...(await Promise.all(standIns.map((stub) => compileStandIn(this.kata, stub, build))))];
  }
}
