// SPDX-License-Identifier: MIT
/** A submission to a kata, and what is made of it: each thing once, when it is first asked for. */
import { audit, type Audit } from "../build/audit.ts";
import { compileSubmission, type Compiled } from "../build/learner.ts";
import { linkGuest, linkSanitizedLibrary, linkSimulation, linkSubject } from "../build/link.ts";
import { Unusable } from "../base/command.ts";
import type { Build, Kata } from "../kata/kata.ts";
import type { Submission } from "../build/submission.ts";

/** What cannot be made is thrown as Unusable, with the compiler's or the linker's words. */
export class Workpiece {
  #compiled: Promise<Compiled> | undefined;
  #audited: Promise<Audit> | undefined;
  readonly #objects = new Map<Build, Promise<string[]>>();

  constructor(
    readonly kata: Kata,
    readonly submission: Submission,
  ) {}

  /** The plain build as the compiler takes or refuses it: what the audit looks at. */
  compiled(): Promise<Compiled> {
    return (this.#compiled ??= compileSubmission(this.kata, this.submission, "plain", []));
  }

  audited(): Promise<Audit> {
    return (this.#audited ??= this.#audit());
  }

  /** The objects of one build. Names that only the submission itself uses are local to them. */
  objects(build: Build): Promise<string[]> {
    if (!this.#objects.has(build)) this.#objects.set(build, this.#compile(build));
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

  async #audit(): Promise<Audit> {
    const { ok, objects, text } = await this.compiled();
    if (!ok) throw new Unusable(`${this.submission.label} does not compile:\n${text}`);
    return await audit(this.kata, this.submission, objects);
  }

  async #compile(build: Build): Promise<string[]> {
    const { localize } = await this.audited();
    const { ok, objects, text } = await compileSubmission(this.kata, this.submission, build, localize);
    if (!ok) throw new Unusable(`the ${build} build refuses what the plain one accepts:\n${text}`);
    return objects;
  }
}
