// SPDX-License-Identifier: MIT
/** `bun kata doctor` on machines that lack one thing each, and what a grading says there. */
import { afterAll, expect, spyOn, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { exitOf, type State } from "../src/cli/doctor/finding.ts";
import { memory } from "../src/cli/doctor/machine.ts";
import { FIXTURES, kata, kataCommand, start } from "./child.ts";

const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "c10kata-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

const shelf = { C10KATA_SHELF: join(ROOT, "katas") };
const compiler = process.env.CC ?? "gcc";
const doctor = (env: Record<string, string> = {}) => kata(["doctor"], { ...shelf, ...env });

/** Everything that is on the PATH, except `missing`. */
function pathWithout(...missing: string[]): string {
  const made = mkdtempSync(join(folder, "path-"));
  for (const place of process.env.PATH!.split(":").reverse()) {
    for (const name of namesIn(place).filter((name) => !missing.includes(name))) {
      rmSync(join(made, name), { force: true });
      symlinkSync(join(place, name), join(made, name));
    }
  }
  return made;
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return []; // a PATH may name folders that are not there
  }
}

/** The PATH with a shell script before everything else, called `name`. */
function pathWith(name: string, script: string): string {
  const made = mkdtempSync(join(folder, "fake-"));
  writeFileSync(join(made, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(made, name), 0o755);
  return `${made}:${process.env.PATH}`;
}

const realCompiler = Bun.which(compiler);
/** A compiler of another version, so that nothing comes from the cache, which says `words` where `when` holds. */
const compilerThat = (when: string, words: string) =>
  pathWith(
    compiler.split("/").at(-1)!,
    `[ "$*" = --version ] && { ${realCompiler} --version | sed '1s/$/ ${Math.random()}/'; exit; }
     linking_with() { case " $2 " in *" -c "*) return 1;; *" -fsanitize=$1"*);; *) return 1;; esac; }
     if ${when}; then echo '${words}' >&2; exit 1; fi
     exec ${realCompiler} "$@"`,
  );
const inPath = { CC: compiler.split("/").at(-1)! };

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    "hyperfine",
    () => ({ PATH: pathWithout("hyperfine") }),
    /^! throughput +hyperfine not found on the PATH\n +throughput of 01, .*\d\d reads "not measurable".*\n +mend it: .*hyperfine$/m,
  ],
  [
    "taskset",
    () => ({ PATH: pathWithout("taskset") }),
    /^! throughput +taskset not found on the PATH\n.*\n +mend it: .*util-linux$/m,
  ],
  [
    "redis-server",
    () => ({ PATH: pathWithout("redis-server") }),
    /^! redis-server +redis-server: not found on the PATH\n.*not measurable\n +mend it: +scripts\/setup --with redis$/m,
  ],
  [
    "curl",
    () => ({ PATH: pathWithout("curl") }),
    /^! clients +curl: not found on the PATH\n.*not measurable\n +mend it: +scripts\/setup --with clients$/m,
  ],
  [
    "wine",
    () => ({ PATH: pathWithout("wine") }),
    /^! wine +wine: not found on the PATH\n +21: .*not measurable\n +mend it: +scripts\/setup --with wine$/m,
  ],
  ["gdb", () => ({ PATH: pathWithout("gdb") }), /^· gdb +not found on the PATH\n.*--gdb.*\n +mend it: .*gdb$/m],
  [
    "the right to trace",
    () => ({ PATH: pathWith("gdb", "echo 'Could not trace the inferior process.' >&2; exit 1") }),
    /^· gdb +cannot run a program: Could not trace the inferior process\.$/m,
  ],
  [
    "bubblewrap",
    () => ({ PATH: pathWithout("bwrap") }),
    /^· box +bubblewrap \(bwrap\) is not on the PATH\n.*strangers.*\n +mend it: .*bubblewrap$/m,
  ],
  [
    "the right to make namespaces",
    () => ({ PATH: pathWith("bwrap", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1") }),
    /^· box +bwrap: No permissions .*\n.*strangers.*\n +mend it: .*(apparmor_parser.*|devcontainer does)$/m,
  ],
  ["rr", () => ({ PATH: pathWithout("rr") }), /^· rr +not found on the PATH\n.*--rr.*\n +mend it: .*rr$/m],
  [
    "hardware counters",
    () => ({ PATH: pathWith("rr", "echo 'Unable to open performance counter' >&2; exit 1") }),
    /^· rr +cannot record: Unable to open performance counter\n.*\n +It counts with .*\n +mend it: .*--gdb$/m,
  ],
  [
    "the right to count",
    () => ({ PATH: pathWith("rr", "echo 'rr needs kernel.perf_event_paranoid <= 1' >&2; exit 1") }),
    /^· rr +cannot record: .*\n.*\n +mend it: .*perf_event_paranoid=1$/m,
  ],
  ["git", () => ({ PATH: pathWithout("git") }), /^· git +not found on the PATH\n.*\n +mend it: .*git$/m],
  ["colours", () => ({ NO_COLOR: "1" }), /^· colours +NO_COLOR is set\n.*\n +mend it: +unset NO_COLOR$/m],
  ["a terminal", () => ({ TERM: "dumb" }), /^· colours +TERM is dumb\n/m],
])(
  "without %s gradings work, and the doctor says what does not",
  async (_, env, finding) => {
    const { code, stdout, stderr } = await doctor(env());
    expect(stdout).toMatch(finding);
    expect(stderr).toBe("");
    expect(code).toBeLessThan(2);
  },
  TIMEOUT_MS,
);

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    "a compiler",
    () => ({ CC: "nonexistent" }),
    /^✗ compiler +no C compiler: nonexistent .*\n.*\n +mend it: +CC=nonexistent/m,
  ],
  [
    "nm and prlimit",
    () => ({ PATH: pathWithout("nm", "prlimit") }),
    /^✗ tools +nm, prlimit: not found on the PATH\n.*\n +mend it: .*binutils util-linux$/m,
  ],
  [
    "ThreadSanitizer",
    () => ({ ...inPath, PATH: compilerThat('linking_with thread "$*"', "cannot find libtsan.so") }),
    /^✗ ThreadSanitizer +the tsan build does not link:\n +cannot find libtsan.so\n +01, .*"harness error"\n +mend it: .*lib(gcc|clang-rt)-\d+-dev$/m,
  ],
  [
    "AddressSanitizer",
    () => ({ ...inPath, PATH: compilerThat('linking_with address "$*"', "cannot find libasan.so") }),
    /^✗ AddressSanitizer +the asan build does not link:\n +cannot find libasan.so\n/m,
  ],
  [
    "SQLite's header",
    () => ({ ...inPath, PATH: compilerThat(`[ "$*" = "-E -x c -" ]`, "sqlite3.h: No such file") }),
    /^✗ libsqlite3 +sqlite3\.h: not found\n +07 cannot be graded\n +mend it: .*libsqlite3-dev$/m,
  ],
])(
  "exit 2 without %s",
  async (_, env, finding) => {
    const { code, stdout, stderr } = await doctor(env());
    expect(stdout).toMatch(finding);
    expect([code, stderr]).toEqual([2, ""]);
    expect(stdout).toEndWith("\nnot ready: what is marked ✗ has to be mended first\n");
  },
  TIMEOUT_MS,
);

test.each([
  [
    "--nofile=256",
    2,
    /^✗ limits +256 open files are the limit here.*\n.*\n +mend it: .*prlimit --pid \$\$ --nofile=20000$/m,
  ],
  [
    "--as=4000000000",
    2,
    /^✗ limits +4000000000 bytes of address space are the limit here.*\n.*\n +mend it: .*--as=unlimited/m,
  ],
  [
    "--nofile=1024",
    1,
    /^! descriptors +1024 in a process at most, 20000 are wanted.*\n +03\b.*: .*\n +mend it: .*prlimit/m,
  ],
])(
  "prlimit %s: exit %d",
  async (limit, worst, finding) => {
    const { code, stdout } = await start(["prlimit", limit, ...kataCommand("doctor")], shelf).outcome;
    expect(stdout).toMatch(finding);
    expect(code).toBe(worst);
  },
  TIMEOUT_MS,
);

const mounting = await start(["unshare", "-m", "true"]).outcome;
const why = mounting.code === 0 ? "" : `, but this machine lets nobody mount one: ${mounting.stderr.trim()}`;

test.skipIf(why !== "").each([
  [
    "a full TMPDIR",
    `mount -t tmpfs -o size=4k tmpfs '${folder}/full'`,
    /^✗ room in \S+full +0 MiB are free\n.*\n +mend it: .*export TMPDIR/m,
  ],
  [
    "a checkout that cannot be written",
    `mount --bind '${ROOT}' '${ROOT}' && mount -o remount,ro,bind '${ROOT}'`,
    /^✗ checkout +cannot be written: .*\n.*no score is kept\n +mend it: +git clone/m,
  ],
])(
  `exit 2: %s${why}`,
  async (_, mount, finding) => {
    mkdirSync(join(folder, "full"), { recursive: true });
    const argv = ["unshare", "-m", "sh", "-c", `${mount} && exec "$@"`, "sh", ...kataCommand("doctor")];
    const { code, stdout, stderr } = await start(argv, { ...shelf, TMPDIR: join(folder, "full") }).outcome;
    expect(stdout).toMatch(finding);
    expect([code, stderr]).toEqual([2, ""]);
  },
  TIMEOUT_MS,
);

test(
  "a machine on which others are busy is told so",
  async () => {
    const rival = Bun.spawn(["prlimit", "--cpu=60", "sh", "-c", "while :; do :; done"]);
    const { stdout } = await doctor();
    rival.kill();
    expect(stdout).toMatch(/^· quiet +other programs use \d+\.\d of the CPUs now.*\n.*throughput/m);
  },
  TIMEOUT_MS,
);

test("memory counts, not what is free of it but what can be had", () => {
  const available = spyOn(process, "availableMemory");
  expect(available.mockReturnValue(600 << 20) && memory()).toMatchObject({ state: "fine", says: "600 MiB are free" });
  expect(available.mockReturnValue(100 << 20) && memory()).toMatchObject({
    state: "stops",
    says: "100 MiB are free, 512 are needed",
  });
  available.mockRestore();
});

test("the exit code is that of the worst finding", () => {
  const exit = (...states: State[]) => exitOf(states.map((state) => ({ what: "it", state, says: "so" })));
  expect([exit("fine", "known"), exit("less", "fine"), exit("less", "stops")]).toEqual([0, 1, 2]);
});

test(
  "a machine that lacks a header accuses nobody",
  async () => {
    const PATH = compilerThat(`case " $* " in *" -c "*);; *) false;; esac`, "sqlite3.h: No such file or directory");
    const from = join(FIXTURES, "01-answer", "submissions", "passes.c");
    const { code, stdout } = await kata(["grade", "01", "--from", from], { ...inPath, PATH });
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^ {2}saw {7}baseline\.c, which is right, does not compile here either:\n +sqlite3\.h: No such/m,
    );
    expect(stdout).not.toMatch(/FAIL|stuck\?/);
  },
  TIMEOUT_MS,
);

test.each<[string, () => Record<string, string>, RegExp]>([
  [
    "without Wine",
    () => ({ PATH: pathWithout("wine") }),
    /: wine: not found on the PATH: run scripts\/setup --with wine$/m,
  ],
  [
    "without a box",
    () => ({ C10KATA_BOX: "no" }),
    /: (Wine is run in a box only: left out on request|.*wine.*: not found.*)$/m,
  ],
])(
  "%s a Windows program is not measurable, and the simulated kernel judges as ever",
  async (_, env, said) => {
    const from = join(ROOT, "solutions", "21-iocp-echo", "iocp_echo.c");
    const words = ["grade", "21", "--check", "not_inherited", "--from", from];
    const { code, stdout } = await kata(words, { ...shelf, ...env() });
    expect(stdout).toMatch(/^ +\S not_inherited +3\/3/m);
    expect(stdout).toMatch(/^ +\S some_real_byte .*not measurable/m);
    expect(stdout).toMatch(said);
    expect(code).toBe(0);
  },
  TIMEOUT_MS,
);
