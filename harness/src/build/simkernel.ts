// SPDX-License-Identifier: MIT
/** The simulated kernel (native/simkernel/README.md) as objects, and the calls that it answers. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { command } from "../base/command.ts";
import type { Build } from "../kata/kata.ts";
import { headersIn, NATIVE } from "./headers.ts";
import { ourObject } from "./ours.ts";

/** Asked for at every compilation and link, and some sixty files to look at: once per process. */
const kernels = new Map<Build, Promise<string[]>>();

export function simulationObjects(build: Build): Promise<string[]> {
  if (!kernels.has(build)) kernels.set(build, simulationObjectsAnew(build));
  return kernels.get(build)!;
}

function simulationObjectsAnew(build: Build): Promise<string[]> {
  const rooms = [join(NATIVE, "simkernel", "src"), join(NATIVE, "common")];
  const paths = rooms.flatMap((room) => readdirSync(room).map((name) => join(room, name)));
  const sources = paths.filter((path) => path.endsWith(".c")).sort();
  const windows = join(NATIVE, "simkernel", "windows");
  const include = [join(NATIVE, "simkernel", "include"), join(NATIVE, "common"), join(NATIVE, "kqueue", "include")];
  return Promise.all(
    sources.map((path) =>
      ourObject(path, build, include, [...rooms, windows, join(NATIVE, "kqueue", "include", "sys")].flatMap(headersIn)),
    ),
  );
}

/** What the simulated kernel answers: its sim_read stands for read, and so on. */
export function simulatedCalls(build: Build): Promise<string[]> {
  if (!answered.has(build)) answered.set(build, simulatedCallsAnew(build));
  return answered.get(build)!;
}

const answered = new Map<Build, Promise<string[]>>();

async function simulatedCallsAnew(build: Build): Promise<string[]> {
  const { stdout } = await command(["nm", "-g", "--defined-only", ...(await simulationObjects(build))]);
  return [...stdout.matchAll(/ T sim_(\w+)$/gm)].map(([, name]) => name!).sort();
}
