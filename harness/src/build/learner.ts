// SPDX-License-Identifier: MIT
/**
 * A submission's files become objects, per build. Content-addressed: the same text, flags and compiler are never
 * compiled twice.
 *
 * A file is compiled in a folder that holds nothing but itself and the contract's headers, under the path that messages
 * show, so that diagnostics and debug information carry no path of this machine.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, hashOf } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { calls } from "../kata/calls.ts";
import type { Build, Kata } from "../kata/kata.ts";
import { CompilerText, textOf } from "./compiler.ts";
import { confinement } from "./confinement.ts";
import { heldCompiler } from "./held-compiler.ts";
import { examine } from "./examine.ts";
import { COMMON, EVERYWHERE, isSimulated, LEARNER_ONLY, WINDOWS } from "./flags.ts";
import { headersOf, NATIVE_HEADERS, sharedHeaders, type Header } from "./headers.ts";
import { simulatedCalls } from "./simkernel.ts";
import { watchedCalls } from "./ours.ts";
import type { SourceFile, Submission } from "./submission.ts";
import { toolchain } from "./toolchain.ts";
import { MINGW_CC, mingwTool, mingwVersion } from "./windows.ts";

/** In the stress build the learner's allocations go through native/guest/heap.c. */
const HEAP = calls("memory");

/** Where programs run on the machine, native/guest/pages.c answers these; of the plain build the audit reads the names. */
const PAGES = ["mmap", "mprotect", "munmap"];

/** The schedule explorer tells threads of the submission's from the driver's, which only the driver may end. */
const THREADS = ["pthread_create", "pthread_exit"];

/** In the stress build native/stress answers these, where no driver of the kata's does: clang calls them so by itself. */
const BULK = ["memcpy", "memmove", "memset"];

/** Global names of a submission's own, beyond the contract: harmless, and hidden from everybody else by the build. */
export interface OwnNames {
  /** Of one file alone. */
  local: string[];
  /** Of several: they get a name that no C file can write. */
  shared: string[];
}

const NONE: OwnNames = { local: [], shared: [] };

export interface Compiled {
  ok: boolean;
  /** One per edited file, in the kata's order; empty when `ok` is false. */
  objects: string[];
  /** Errors and warnings as the compiler wrote them. */
  text: string;
}

/** Compiles the submission for one build. */
export async function compileSubmission(
  kata: Kata,
  submission: Submission,
  build: Build,
  own = NONE,
): Promise<Compiled> {
  const results = await Promise.all(submission.files.map((file) => compileLearner(kata, submission, file, build, own)));
  const ok = results.every((result) => result.object);
  return {
    ok,
    objects: ok ? results.map((result) => result.object!) : [],
    text: results.map((result) => result.text).join(""),
  };
}

/**
 * Compiles a stub for one build, as what stands in for a file that is not tried now: what other files define goes before
 * what it defines. Throws Unusable when it does not compile.
 */
export async function compileStandIn(kata: Kata, stub: SourceFile, build: Build): Promise<string> {
  const { object, text } = await compileLearner(kata, { label: stub.shown, files: [stub] }, stub, build, NONE);
  if (!object) throw new Unusable(`${stub.shown} does not compile:\n${text}`);
  const folder = await cached(hashOf("weak", object), async (made) => {
    await changed(["--weaken", object, join(made, "stub.o")], made);
  });
  return join(folder, "stub.o");
}

const GAVE_UP = /File size limit exceeded|CPU time limit exceeded|out of memory|std::bad_alloc/;
const TOO_MUCH = "The compiler gave up at 60 s of CPU time, 2 GiB of memory or 256 MiB of output.\n";
const DISK_FULL = /No space left on device|Disk quota exceeded/;

async function compileLearner(
  kata: Kata,
  submission: Submission,
  file: SourceFile,
  build: Build,
  own: OwnNames,
): Promise<{ object?: string; text: string }> {
  const headers = headersFor(kata, submission, file);
  const flags = flagsOf(build);
  const renamed = [...(await renamedIn(kata, build)), ...own.shared.map((name) => `${name}=own.${name}`)];
  const natives = build === "stress" ? NATIVE_HEADERS() : "";
  const windows = build === "mingw";
  const key = hashOf(
    "learner",
    ...(await seenOf(file, headers)),
    ...flags,
    ...own.local,
    ...renamed,
    natives,
    windows ? await mingwVersion() : "",
  );
  try {
    const folder = await cached(key, async (made) => {
      const stage = stageFile(made, file, headers);
      const words = [...flags, `-ffile-prefix-map=${stage}=.`, "-x", "c", "-c", file.shown];
      const object = join(made, "learner.o");
      writeFileSync(
        join(made, "text"),
        textOf(await heldCompiler(words, stage, object, windows ? MINGW_CC : undefined)),
      );
      await renameSymbols(object, renamed, own.local, windows ? mingwTool("objcopy") : "objcopy");
    });
    return { object: join(folder, "learner.o"), text: readFileSync(join(folder, "text"), "utf8") };
  } catch (error) {
    if (!(error instanceof CompilerText)) throw error;
    if (GAVE_UP.test(error.message)) return { text: TOO_MUCH };
    if (DISK_FULL.test(error.message)) throw new Unusable(`no room to compile in:\n${error.message}`);
    return { text: error.message };
  }
}

/**
 * The preprocessed text of a submitted file as one build would see it, with line markers: what the audit reads. As
 * objects are, it is made once; of a file that is refused, what came before is answered, and not kept.
 */
export async function preprocess(kata: Kata, submission: Submission, file: SourceFile, build: Build): Promise<string> {
  const headers = headersFor(kata, submission, file);
  const words = [...flagsOf(build), "-E", "-x", "c", file.shown];
  try {
    const folder = await cached(hashOf("preprocessed", ...(await seenOf(file, headers)), ...words), async (made) => {
      const { code, stdout } = await heldCompiler(words, stageFile(made, file, headers));
      if (code !== 0) throw new CompilerText(stdout);
      writeFileSync(join(made, "text"), Bun.zstdCompressSync(stdout));
    });
    return Bun.zstdDecompressSync(readFileSync(join(folder, "text"))).toString();
  } catch (error) {
    if (!(error instanceof CompilerText)) throw error;
    return error.message;
  }
}

const flagsOf = (build: Build) =>
  build === "mingw"
    ? [...WINDOWS, ...LEARNER_ONLY[build]] // Windows' headers are the compiler's own
    : [...COMMON, ...EVERYWHERE[build], ...LEARNER_ONLY[build], "-isystem", SHARED];

/** What decides what the compiler finds in a stage. */
async function seenOf(file: SourceFile, headers: Header[]): Promise<string[]> {
  const { version } = await toolchain();
  const { tier } = await confinement();
  const texts = headers.flatMap(({ name, text }) => [name, text]);
  return [version, file.shown, withFeatures(file.text), ...texts, tier === "D" ? "bare" : "held"]; // bare, it may have found what is hidden here
}

/** Of the stage's folders: headers that are included with <>. */
const SHARED = "include";

/** By their paths in the stage. */
function headersFor(kata: Kata, { headers = [] }: Submission, file: SourceFile): Header[] {
  const placed = (folder: string) => (header: Header) => ({ ...header, name: join(folder, header.name) });
  const beside = [...headersOf(kata.folder), ...headers].map(placed(dirname(file.shown)));
  return [...beside, ...sharedHeaders(kata).map(placed(SHARED))];
}

function stageFile(made: string, file: SourceFile, headers: Header[]): string {
  const stage = join(made, "stage");
  const place = (name: string, text: string) => {
    mkdirSync(dirname(join(stage, name)), { recursive: true });
    writeFileSync(join(stage, name), text);
  };
  for (const header of headers) place(header.name, header.text);
  place(file.shown, withFeatures(file.text));
  return stage;
}

/** The builds define this already; a file that defines it again, as nothing, would get a warning. */
function withFeatures(text: string): string {
  return text.replace(/^([ \t]*#[ \t]*define[ \t]+_GNU_SOURCE)(?=[ \t]*(?:\/[/*].*)?\r?$)/gm, "$1 1");
}

/** Calls of the learner's that go elsewhere in this build, as "name=other". */
async function renamedIn(kata: Kata, build: Build): Promise<string[]> {
  const to = (prefix: string) => (name: string) => `${name}=${prefix}_${name}`;
  if (isSimulated(build)) return (await simulatedCalls(build)).map(to("sim"));
  if (build === "plain" || build === "mingw") return [];
  if (build.startsWith("explore")) return THREADS.map(to("learners"));
  const pages = PAGES.map(to("pages"));
  if (build !== "stress") return pages;
  const others = BULK.filter((name) => !kata.intercepted.includes(name));
  const watched = (await watchedCalls()).filter((name) => !kata.intercepted.includes(name)).map(to("watched"));
  const elsewhere = [...kata.intercepted.map(to("kernel")), ...others.map(to("__tsan"))];
  return [...HEAP.map(to("heap")), ...elsewhere, ...watched, ...pages];
}

async function renameSymbols(object: string, renamed: string[], local: string[], objcopy: string): Promise<void> {
  const calls = renamed.map((pair) => `--redefine-sym=${pair}`);
  const hidden = local.map((name) => `--localize-symbol=${name}`);
  const changes = [...calls, ...hidden];
  if (changes.length === 0) return;
  await changed([...changes, object], dirname(object), objcopy);
}

async function changed(words: string[], folder: string, objcopy = "objcopy"): Promise<void> {
  const { code, stderr } = await examine([objcopy, ...words], folder);
  if (code !== 0) throw new Unusable(`${objcopy} failed: ${stderr.trim()}`);
}
