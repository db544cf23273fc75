// SPDX-License-Identifier: MIT
/** Objects become what a build runs: a library, a program, a subject of the explorer. */
import { basename, join } from "node:path";
import { cached, hashOf } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import type { Build, Kata } from "../kata/kata.ts";
import { CompilerText, textOf } from "./compiler.ts";
import { examine } from "./examine.ts";
import { EVERYWHERE } from "./flags.ts";
import { NATIVE } from "./headers.ts";
import { driverObjects, guestObjects, ourObject } from "./ours.ts";
import { simulationObjects } from "./simkernel.ts";
import { toolchain } from "./toolchain.ts";

/**
 * Links the submission with the kata's drivers and the guest: a library for `plain`, else an executable. Its path.
 * In the stress build the learner's static variables lie between two objects that mark them (native/stress/trespass.h).
 * `libraries`: what a peer of `bench:peers` needs beside. Throws Unusable with the linker's words: the audit has already seen to what the learner's objects lack.
 */
export async function linkGuest(
  kata: Kata,
  objects: string[],
  build: Build,
  libraries: string[] = [],
): Promise<string> {
  const [drivers, guest] = await Promise.all([driverObjects(kata, "scenarios", build), guestObjects(build)]);
  const named = (name: string) => guest.filter((path) => basename(path) === name);
  const [first, last] = [named("learners_first.o"), named("learners_last.o")];
  const rest = guest.filter((path) => !first.includes(path) && !last.includes(path));
  return await link([...first, ...objects, ...last, ...drivers, ...rest, ...kata.link, ...libraries], build);
}

/**
 * The asan build as a library. Who loads it has to preload sanitizerRuntime(). Its path. Throws Unusable as linkGuest() does.
 */
export async function linkSanitizedLibrary(kata: Kata, objects: string[]): Promise<string> {
  const drivers = await driverObjects(kata, "scenarios", "asan");
  const shared = (await toolchain()).family === "clang" ? ["-shared-libasan"] : [];
  const shape = { name: "guest.so", flags: ["-shared", "-pthread", ...shared], libraries: ["-lm"] };
  return await link([...objects, ...drivers, ...(await guestObjects("asan")), ...kata.link], "asan", shape);
}

/** Links the kata's drivers that run a Windows program: a program of their own, without the submission. Its path. */
export async function linkWine(kata: Kata): Promise<string> {
  return await link([...(await driverObjects(kata, "wine", "mingw")), ...(await guestObjects("mingw"))], "mingw");
}

/** Links the submission with the kata's exploration driver: a library whose imports the explorer answers. Its path. */
export async function linkSubject(kata: Kata, objects: string[]): Promise<string> {
  return await link([...objects, ...(await driverObjects(kata, "explored", "explore"))], "explore");
}

/**
 * Links the submission into the simulated kernel, with the kata's simulation driver: a program of its own. Its path.
 * The learner's static variables lie between two objects that mark them, since they are as new in every life.
 */
export async function linkSimulation(kata: Kata, objects: string[], build: Build): Promise<string> {
  const [drivers, kernel] = await Promise.all([driverObjects(kata, "simulated", build), simulationObjects(build)]);
  const marker = (name: string) => kernel.filter((path) => basename(path) === name);
  const markers = [marker("statics_first.o"), marker("statics_last.o")] as const;
  const rest = kernel.filter((path) => !markers.flat().includes(path));
  return await link([...markers[0], ...objects, ...markers[1], ...drivers, ...rest], build);
}

/** Links one file of ours into a program of its own, as the sanitizers' canaries are. */
export async function linkProgram(source: string, build: Build): Promise<string> {
  return await link([await ourObject(source, build, [], [])], build);
}

/** What a run's own Redis is started with, so that the grader sets its clock. Its path. */
export async function linkRedisClock(): Promise<string> {
  const shape = { name: "clock.so", flags: ["-shared"], libraries: [] };
  return await link([await ourObject(join(NATIVE, "redis", "clock.c"), "plain", [], [])], "plain", shape);
}

export interface Shape {
  name: string;
  flags: string[];
  libraries: string[];
}

/** What a build is linked into; an executable where nothing is said. */
const PROGRAM: Shape = { name: "guest", flags: ["-pthread"], libraries: ["-lm"] };
/** native/guest/threads.c has every thread say where its stack overflowed. */
const TELLING = ["-pthread", "-Wl,--wrap=pthread_create"];
export const SHAPES: Partial<Record<Build, Shape>> = {
  plain: { name: "guest.so", flags: ["-shared", "-Wl,-z,defs", ...TELLING], libraries: ["-lm"] },
  stress: { ...PROGRAM, flags: TELLING },
  explore: {
    name: "subject.so",
    flags: ["-shared", "-nostdlib", "-Wl,-Bsymbolic,-z,norelro,-z,lazy"],
    libraries: ["-lgcc"],
  },
  simulated: { ...PROGRAM, name: "simulation", flags: ["-pie"] },
  simulated_asan: { ...PROGRAM, name: "simulation", flags: ["-pie"] },
};

/** What leads to the C library's functions is filled in when the program is loaded, and can be written by nobody after. */
const SEALED = ["-Wl,-z,relro,-z,now"];

async function link(objects: string[], build: Build, shape = SHAPES[build] ?? PROGRAM): Promise<string> {
  const tools = await toolchain();
  const { name, flags, libraries } = shape;
  const all = build === "explore" ? flags : [...EVERYWHERE[build], ...SEALED, ...flags];
  try {
    const folder = await cached(hashOf("link", tools.version, ...all, ...objects), async (made) => {
      textOf(await examine([tools.cc, ...all, "-o", join(made, name), ...objects, ...libraries], made));
    });
    return join(folder, name);
  } catch (error) {
    if (error instanceof CompilerText) throw new Unusable(`the ${build} build does not link:\n${error.message}`);
    throw error;
  }
}
