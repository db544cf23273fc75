// SPDX-License-Identifier: MIT
/**
 * One C file and a driver become an artefact, per build kind. Content-addressed: the same text, flags and compiler are
 * never built twice. Compiler text passes through unedited.
 *
 * The learner's file is compiled in a folder that holds nothing but itself and the contract's headers, under the path
 * that messages show, so that diagnostics and debug information carry no path of this machine.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { cached, hashOf, ROOT, withTemporary } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { graderOf, type Build, type Kata } from "../kata/kata.ts";
import type { SourceFile, Submission } from "./submission.ts";
import { toolchain, type Toolchain } from "./toolchain.ts";

const NATIVE = join(ROOT, "native");
const COMMON = ["-std=c11", "-D_GNU_SOURCE", "-g", "-fPIC", "-fno-omit-frame-pointer", "-pthread"];

// object-size would report an overflow before AddressSanitizer does, and say less about it
const ASAN = ["-fsanitize=address,undefined", "-fno-sanitize=object-size", "-fno-sanitize-recover=undefined"];

/** Return addresses name the learner's own lines, and no call is replaced by a checking one that has no model. */
const SIMULATED = ["-O1", "-fno-optimize-sibling-calls", "-U_FORTIFY_SOURCE"];

/** Flags for every file of a build, and for the link. */
const EVERYWHERE: Record<Build, string[]> = {
  plain: ["-O2"],
  stress: ["-O2"],
  bench: ["-O2"],
  asan: ["-O1", ...ASAN],
  tsan: ["-O1", "-fsanitize=thread"],
  // native/explorer/README.md, "Building a subject by hand", says why
  explore: [
    "-O1",
    "-fsanitize=thread",
    "-fno-builtin",
    "-U_FORTIFY_SOURCE",
    "-fno-stack-protector",
    ...(process.arch === "x64" ? ["-mcx16"] : []),
  ],
  simulated: SIMULATED,
  simulated_asan: [...SIMULATED, ...ASAN],
};

/** Flags for the learner's file alone. */
const LEARNER_ONLY: Record<Build, string[]> = {
  plain: ["-Wall", "-Wextra"],
  stress: ["-w", "-include", join(NATIVE, "include", "stall.h"), "-fsanitize-coverage=trace-pc"],
  bench: ["-w"],
  asan: ["-w"],
  tsan: ["-w"],
  explore: ["-w"],
  simulated: ["-w"],
  simulated_asan: ["-w"],
};

/** In the stress build the learner's allocations go through native/guest/heap.c. */
const HEAP = ["malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "free"];

/** A file may be written against the compiler: 60 s of CPU time, 2 GiB of memory, 256 MiB of output are its share. */
const BOUNDED = ["prlimit", "--cpu=60", `--as=${2 ** 31}`, `--fsize=${2 ** 28}`];

export interface Compiled {
  ok: boolean;
  /** One per edited file, in the kata's order; empty when `ok` is false. */
  objects: string[];
  /** Errors and warnings as the compiler wrote them. */
  text: string;
}

/** Compiles the submission for one build. `localize`: global names that are nobody's business but the file's. */
export async function compileSubmission(
  kata: Kata,
  submission: Submission,
  build: Build,
  localize: string[] = [],
): Promise<Compiled> {
  const results = await Promise.all(
    submission.files.map((file) => compileLearner(kata, submission, file, build, localize)),
  );
  const ok = results.every((result) => result.object);
  return {
    ok,
    objects: ok ? results.map((result) => result.object!) : [],
    text: results.map((result) => result.text).join(""),
  };
}

/**
 * Links the submission with the kata's drivers and the guest: a library for `plain`, else an executable. Its path.
 * `libraries`: what a peer of `bench:peers` needs beside. Throws Unusable with the linker's words: the audit has already seen to what the learner's objects lack.
 */
export async function linkGuest(
  kata: Kata,
  objects: string[],
  build: Build,
  libraries: string[] = [],
): Promise<string> {
  const drivers = await driverObjects(kata, kata.drivers, build);
  return await link([...objects, ...drivers, ...(await guestObjects(build)), ...kata.link, ...libraries], build);
}

/** Links the submission with the kata's exploration driver: a library whose imports the explorer answers. Its path. */
export async function linkSubject(kata: Kata, objects: string[]): Promise<string> {
  return await link([...objects, ...(await driverObjects(kata, kata.explored!.drivers, "explore"))], "explore");
}

/**
 * Links the submission into the simulated kernel, with the kata's simulation driver: a program of its own. Its path.
 * The learner's static variables lie between two objects that mark them, since they are as new in every life.
 */
export async function linkSimulation(kata: Kata, objects: string[], build: Build): Promise<string> {
  const [drivers, kernel] = await Promise.all([
    driverObjects(kata, kata.simulated!.drivers, build),
    simulationObjects(build),
  ]);
  const marker = (name: string) => kernel.filter((path) => basename(path) === name);
  const markers = [marker("statics_first.o"), marker("statics_last.o")] as const;
  const rest = kernel.filter((path) => !markers.flat().includes(path));
  return await link([...markers[0], ...objects, ...markers[1], ...drivers, ...rest], build);
}

const isSimulated = (build: Build) => build === "simulated" || build === "simulated_asan";

/** Asked for at every compilation and link, and some sixty files to look at: once per process. */
const kernels = new Map<Build, Promise<string[]>>();

function simulationObjects(build: Build): Promise<string[]> {
  if (!kernels.has(build)) kernels.set(build, simulationObjectsAnew(build));
  return kernels.get(build)!;
}

function simulationObjectsAnew(build: Build): Promise<string[]> {
  const folder = join(NATIVE, "simkernel", "src");
  const own = readdirSync(folder).filter((name) => name.endsWith(".c"));
  const borrowed = ["json.c", "source.c"].map((name) => join(NATIVE, "explorer", "src", name));
  const paths = [...own.sort().map((name) => join(folder, name)), ...borrowed];
  const include = [join(NATIVE, "simkernel", "include")];
  return Promise.all(paths.map((path) => ourObject(path, build, include, headersIn(folder))));
}

/** What the simulated kernel answers: its sim_read stands for read, and so on. */
function simulatedCalls(build: Build): Promise<string[]> {
  if (!answered.has(build)) answered.set(build, simulatedCallsAnew(build));
  return answered.get(build)!;
}

const answered = new Map<Build, Promise<string[]>>();

async function simulatedCallsAnew(build: Build): Promise<string[]> {
  const { stdout } = await command(["nm", "-g", "--defined-only", ...(await simulationObjects(build))]);
  return [...stdout.matchAll(/ T sim_(\w+)$/gm)].map(([, name]) => name!).sort();
}

/** The schedule explorer, compiled once. Its path. */
export async function explorerProgram(): Promise<string> {
  const tools = await toolchain();
  const folder = join(NATIVE, "explorer");
  const parts = ["src", "include"].flatMap((part) =>
    readdirSync(join(folder, part)).map((name) => join(folder, part, name)),
  );
  const key = hashOf(
    "explorer",
    tools.version,
    ...[...parts.sort(), join(folder, "build.sh")].map((path) => readFileSync(path, "utf8")),
  );
  const made = await cached(key, async (out) => {
    const { code, stderr } = await command(["env", `CC=${tools.cc}`, `OUT=${out}`, join(folder, "build.sh")]);
    if (code !== 0) throw new Unusable(`native/explorer does not compile:\n${stderr}`);
  });
  return join(made, "explorer");
}

/** Links one file of ours into a program of its own, as the sanitizers' canaries are. */
export async function linkProgram(source: string, build: Build): Promise<string> {
  return await link([await ourObject(source, build, [], [])], build);
}

/** Compiles and links files of the caller's own, into a subject. Throws Unusable with the compiler's text. */
export async function buildSubject(path: string, files: string[]): Promise<void> {
  const { cc } = await toolchain();
  const folders = [...new Set(files.map((file) => dirname(file))), join(NATIVE, "explorer", "include")];
  const flags = ["-std=gnu11", "-D_GNU_SOURCE", "-g", "-fPIC", "-w", ...EVERYWHERE.explore];
  const { flags: shape, libraries } = SHAPES.explore!;
  const include = folders.map((folder) => `-I${folder}`);
  const { code, stderr } = await command([cc, ...flags, ...include, ...files, ...shape, ...libraries, "-o", path]);
  if (code !== 0) throw new Unusable(stderr.trim());
}

interface Shape {
  name: string;
  flags: string[];
  libraries: string[];
}

/** What a build is linked into; an executable where nothing is said. */
const PROGRAM: Shape = { name: "guest", flags: ["-pthread"], libraries: ["-lm"] };
const SHAPES: Partial<Record<Build, Shape>> = {
  plain: { name: "guest.so", flags: ["-shared", "-Wl,-z,defs", "-pthread"], libraries: ["-lm"] },
  explore: {
    name: "subject.so",
    flags: ["-shared", "-nostdlib", "-Wl,-Bsymbolic,-z,norelro,-z,lazy"],
    libraries: ["-lgcc"],
  },
  simulated: { ...PROGRAM, name: "simulation", flags: ["-pie"] },
  simulated_asan: { ...PROGRAM, name: "simulation", flags: ["-pie"] },
};

async function link(objects: string[], build: Build): Promise<string> {
  const tools = await toolchain();
  const { name, flags, libraries } = SHAPES[build] ?? PROGRAM;
  const all = build === "explore" ? flags : [...EVERYWHERE[build], ...flags];
  try {
    const folder = await cached(hashOf("link", tools.version, ...all, ...objects), async (made) => {
      await compilerRun([tools.cc, ...all, "-o", join(made, name), ...objects, ...libraries]);
    });
    return join(folder, name);
  } catch (error) {
    if (error instanceof CompilerText) throw new Unusable(`the ${build} build does not link:\n${error.message}`);
    throw error;
  }
}

const GAVE_UP = /File size limit exceeded|CPU time limit exceeded|out of memory|std::bad_alloc/;
const TOO_MUCH = "The compiler gave up at 60 s of CPU time, 2 GiB of memory or 256 MiB of output.\n";
const DISK_FULL = /No space left on device|Disk quota exceeded/;

/** What the compiler or linker said when it refused. */
class CompilerText extends Error {}

async function compilerRun(argv: string[], cwd?: string): Promise<string> {
  const { code, stderr } = await command(argv, { cwd });
  if (code !== 0) throw new CompilerText(stderr);
  return stderr;
}

async function compileLearner(
  kata: Kata,
  submission: Submission,
  file: SourceFile,
  build: Build,
  localize: string[],
): Promise<{ object?: string; text: string }> {
  const tools = await toolchain();
  const headers = [...headersOf(kata.folder), ...(submission.headers ?? [])];
  const flags = [...COMMON, ...EVERYWHERE[build], ...LEARNER_ONLY[build]];
  const renamed = await renamedIn(kata, build);
  const key = hashOf(
    ...["learner", tools.version, file.shown, file.text, ...headers.flatMap((h) => [h.name, h.text])],
    ...[...flags, ...localize, ...renamed, build === "stress" ? NATIVE_HEADERS() : ""],
  );
  try {
    const folder = await cached(key, async (made) => {
      const stage = stageFile(made, file, headers);
      const argv = [
        ...BOUNDED,
        tools.cc,
        ...flags,
        `-ffile-prefix-map=${stage}=.`,
        "-x",
        "c",
        "-c",
        file.shown,
        "-o",
        join(made, "learner.o"),
      ];
      writeFileSync(join(made, "text"), await compilerRun(argv, stage));
      await renameSymbols(join(made, "learner.o"), renamed, localize);
    });
    return { object: join(folder, "learner.o"), text: readFileSync(join(folder, "text"), "utf8") };
  } catch (error) {
    if (!(error instanceof CompilerText)) throw error;
    if (GAVE_UP.test(error.message)) return { text: TOO_MUCH };
    if (DISK_FULL.test(error.message)) throw new Unusable(`no room to compile in:\n${error.message}`);
    return { text: error.message };
  }
}

/** The preprocessed text of a submitted file as one build would see it, with line markers: what the audit reads. */
export async function preprocess(kata: Kata, file: SourceFile, build: Build): Promise<string> {
  const tools = await toolchain();
  return await withTemporary(async (made) => {
    const stage = stageFile(made, file, headersOf(kata.folder));
    return (
      await command(
        [...BOUNDED, tools.cc, ...COMMON, ...EVERYWHERE[build], ...LEARNER_ONLY[build], "-E", "-x", "c", file.shown],
        { cwd: stage },
      )
    ).stdout;
  });
}

function stageFile(made: string, file: SourceFile, headers: Header[]): string {
  const stage = join(made, "stage");
  const folder = join(stage, dirname(file.shown));
  mkdirSync(folder, { recursive: true });
  for (const header of headers) writeFileSync(join(folder, header.name), header.text);
  writeFileSync(join(stage, file.shown), file.text);
  return stage;
}

/** Calls of the learner's that go elsewhere in this build, as "name=other". */
async function renamedIn(kata: Kata, build: Build): Promise<string[]> {
  if (build === "stress")
    return [...HEAP.map((name) => `${name}=heap_${name}`), ...kata.intercepted.map((name) => `${name}=kernel_${name}`)];
  return isSimulated(build) ? (await simulatedCalls(build)).map((name) => `${name}=sim_${name}`) : [];
}

async function renameSymbols(object: string, renamed: string[], localize: string[]): Promise<void> {
  const calls = renamed.map((pair) => `--redefine-sym=${pair}`);
  const hidden = localize.map((name) => `--localize-symbol=${name}`);
  const changes = [...calls, ...hidden];
  if (changes.length === 0) return;
  const { code, stderr } = await command(["objcopy", ...changes, object]);
  if (code !== 0) throw new Unusable(`objcopy failed: ${stderr.trim()}`);
}

interface Header {
  name: string;
  text: string;
}

function headersOf(folder: string): Header[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".h"));
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

const headersIn = (folder: string) => headersOf(folder).map((header) => header.text);

const NATIVE_HEADERS = () =>
  ["include", "guest", "explorer/include", "simkernel/include"]
    .flatMap((folder) => headersOf(join(NATIVE, folder)).map((header) => header.text))
    .join("\0");

function driverObjects(kata: Kata, drivers: string[], build: Build): Promise<string[]> {
  const engine = build === "explore" ? ["explorer"] : isSimulated(build) ? ["simkernel"] : [];
  const folders = [kata.folder, graderOf(kata), ...engine.map((name) => join(NATIVE, name, "include"))];
  return Promise.all(
    drivers.map((name) => {
      const headers = [...headersOf(kata.folder), ...headersOf(graderOf(kata))].map((header) => header.text);
      return ourObject(join(graderOf(kata), name), build, folders, headers);
    }),
  );
}

function guestObjects(build: Build): Promise<string[]> {
  const folder = join(NATIVE, "guest");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".c"));
  return Promise.all(sources.sort().map((name) => ourObject(join(folder, name), build, [], [])));
}

/** Compiles a file of ours; it must compile, whatever the learner wrote. Throws Unusable with the compiler's text. */
async function ourObject(path: string, build: Build, folders: string[], headers: string[]): Promise<string> {
  const tools: Toolchain = await toolchain();
  const flags = [...COMMON, ...EVERYWHERE[build], "-Wall", "-Wextra"];
  const include = [join(NATIVE, "include"), ...folders].map((folder) => `-I${relative(ROOT, folder) || "."}`);
  const shown = relative(ROOT, path);
  const text = readFileSync(path, "utf8");
  const key = hashOf("ours", tools.version, shown, text, ...flags, ...include, ...headers, NATIVE_HEADERS());
  const object = basename(path).replace(/\.c$/, ".o");
  try {
    const folder = await cached(key, async (made) => {
      const argv = [tools.cc, ...flags, ...include, `-ffile-prefix-map=${ROOT}=.`, "-c", shown];
      await compilerRun([...argv, "-o", join(made, object)], ROOT);
    });
    return join(folder, object);
  } catch (error) {
    if (error instanceof CompilerText) throw new Unusable(`${shown} does not compile:\n${error.message}`);
    throw error;
  }
}
