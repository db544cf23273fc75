// SPDX-License-Identifier: MIT
/**
 * The simulated kernel's own proof: `bun native/simkernel/proof/proof.ts [--script readiness|completions|kqueue|ports|connect] [--first N] [--scripts N] [--cc gcc]`.
 *
 * Random scripts of a server's calls and its clients' actions are played on the simulated kernel and on loopback
 * sockets of the real one; what the calls answer must be the same, line by line.
 */
import { $ } from "bun";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { inWine, MINGW } from "./wine.ts";

const option = (name: string, otherwise: string) => {
  const at = Bun.argv.indexOf(name);
  return at < 0 ? otherwise : Bun.argv[at + 1]!;
};
const cc = option("--cc", "gcc");
const SCRIPTS: Record<string, string[]> = {
  readiness: ["script.c", "asks.c"],
  completions: ["script_uring.c"],
  kqueue: ["script_kqueue.c"],
  ports: ["script_iocp.c"],
  connect: ["script_connect.c"],
};
const topic = option("--script", "readiness");
const first = Number(option("--first", "1"));
const scripts = Number(option("--scripts", "300"));
const SETTLE_US = topic === "ports" ? 2000 : 200;
/** Of a difference, how many lines of either kernel are shown. */
const LINES_AFTER = 4;
/** For a script that differed: on a busy machine a byte may have come late. */
const SETTLE_US_PATIENT = 20_000;

const root = join(import.meta.dir, "../../..");
const sources = ["simkernel/src", "common"].map((room) => join(root, "native", room));
const folder = mkdtempSync(join(tmpdir(), "simkernel-"));

async function compile(path: string): Promise<string> {
  const object = join(folder, basename(path).replace(/\.c$/, ".o"));
  const include = ["simkernel/include", "common", "include", "kqueue/include", "simkernel/windows"].map(
    (room) => `-I${root}/native/${room}`,
  );
  await $`${cc} -std=c11 -D_GNU_SOURCE -g -O1 -U_FORTIFY_SOURCE ${include} -c ${path} -o ${object}`.quiet();
  return object;
}

/** What makes the calls, on either kernel. */
const SCRIPT = SCRIPTS[topic]!.map((name) => join(import.meta.dir, name));

/** The real kernel has no kqueue: native/kqueue answers there, which is under proof as well. */
const KQUEUE = join(root, "native", "kqueue");
const KEVENT = readdirSync(KQUEUE)
  .filter((name) => name.endsWith(".c"))
  .map((name) => join(KQUEUE, name));

/** The script with its calls renamed, and the kernel that answers them. */
async function buildSimulated(): Promise<string> {
  const all = sources.flatMap((room) => readdirSync(room).map((name) => join(room, name)));
  const kernel = all.filter((path) => path.endsWith(".c") && basename(path) !== "main.c");
  const paths = [...kernel, join(import.meta.dir, "simulated.c")];
  const objects = await Promise.all(paths.map(compile));
  const script = await Promise.all(SCRIPT.map(compile));
  const calls = [...(await $`nm -g --defined-only ${objects}`.text()).matchAll(/ T sim_(\w+)$/gm)];
  for (const path of script) await $`objcopy ${calls.map(([, name]) => `--redefine-sym=${name}=sim_${name}`)} ${path}`;
  const marker = (name: string) => objects.find((path) => basename(path) === name)!;
  const [first, last] = [marker("statics_first.o"), marker("statics_last.o")];
  const rest = objects.filter((path) => path !== first && path !== last);
  const program = join(folder, "simulated");
  await $`${cc} -pie -o ${program} ${first} ${script} ${last} ${rest}`.quiet();
  return program;
}

/** Where Windows is, Wine answers. */
async function buildForWine(): Promise<string> {
  const program = join(folder, "script.exe");
  const paths = [...SCRIPT, join(import.meta.dir, "wine.c")];
  const flags = ["-std=gnu11", "-O1", "-D_WIN32_WINNT=0x0602", `-I${root}/native/include`];
  await $`${MINGW} ${flags} -o ${program} ${paths} -lws2_32 -lmswsock`.quiet();
  return program;
}

async function buildReal(): Promise<string> {
  if (topic === "ports") return await buildForWine();
  const program = join(folder, "real");
  const paths = [...SCRIPT, join(import.meta.dir, "real.c"), ...(topic === "kqueue" ? KEVENT : [])];
  const include = ["include", "kqueue/include"].map((room) => `-I${root}/native/${room}`);
  const more = { completions: ["-luring"], kqueue: ["-Wl,--wrap=close"] }[topic] ?? [];
  await $`${cc} -std=c11 -D_GNU_SOURCE -O1 ${include} -o ${program} ${paths} ${more}`.quiet();
  return program;
}

/** One transcript per script. */
async function play(program: string, first: number, count: number, settle_us: number): Promise<string[]> {
  const words = [String(first), String(count), String(settle_us)];
  const text = program.endsWith(".exe") ? await inWine(program, words) : await $`${program} ${words}`.text();
  return text.replaceAll("\r", "").split(/^(?=script )/m);
}

function difference(real: string, simulated: string): string {
  const [a, b] = [real.split("\n"), simulated.split("\n")];
  const at = a.findIndex((line, index) => line !== b[index]);
  const told = (who: string, lines: string[]) => lines.slice(at, at + LINES_AFTER).map((line) => `${who} ${line}`);
  return [...a.slice(0, at), ...told("real:     ", a), ...told("simulated:", b)].join("\n  ");
}

async function prove(): Promise<number> {
  const missing = topic === "ports" ? [MINGW, "wine"].filter((name) => !Bun.which(name)) : [];
  if (missing.length > 0) {
    console.log(
      `simkernel: ${topic} not compared: there is no ${missing.join(", no ")} here; scripts/setup --with wine`,
    );
    return 0;
  }
  const [simulated, real] = await Promise.all([buildSimulated(), buildReal()]);
  const expected = await play(simulated, first, scripts, 0);
  const again = await play(simulated, first, scripts, 0);
  const seen = await play(real, first, scripts, SETTLE_US);
  const refused = /^ring: -(\d+)/m.exec(seen[0]!)?.[1];
  if (refused) {
    console.log(`simkernel: ${topic} not compared: this machine refuses io_uring (errno ${refused})`);
    return 0;
  }
  if (!Bun.deepEquals(expected, again)) throw new Error("the simulation does not repeat itself");
  let wrong = 0;
  for (const [at, text] of expected.entries()) {
    if (text === seen[at]) continue;
    const patient = (await play(real, first + at, 1, SETTLE_US_PATIENT))[0]!;
    if (text === patient) continue;
    wrong++;
    console.log(`FAIL  the kernels differ\n  ${difference(patient, text)}`);
  }
  const lines = expected.join("").split("\n").length;
  console.log(
    `simkernel: ${scripts - wrong} of ${scripts} scripts, ${lines} lines, as on the real kernel (${topic}, ${cc})`,
  );
  return wrong;
}

try {
  process.exitCode = (await prove()) === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
