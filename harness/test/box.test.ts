// SPDX-License-Identifier: MIT
/**
 * What a hostile program gets in a box, within walls and bare, were it to come past the audit. Where this machine has no
 * box, or no walls, their tests are left out, and say why in their names.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BARE, type Box } from "../src/base/box.ts";
import { ROOT, withWorkspace } from "../src/base/cache.ts";
import { command } from "../src/base/command.ts";
import { confinement, walls } from "../src/build/confinement.ts";
import { toolchain } from "../src/build/toolchain.ts";
import { Guest, LIMITS, newNonce } from "../src/guest/guest.ts";
import { pass } from "../src/judge/check.ts";
import { oneRound } from "../src/play/measure.ts";
import { ownProcesses, until } from "./machine.ts";

setDefaultTimeout(60_000);

const box = await confinement();
const within = await walls();
const noWalls = within.walls ? "" : `, but this machine has none: ${within.why}`;
const none = box.made ? "" : `, but this machine has none: ${box.why}`;
const home = join(ROOT, ".cache", `attacks-${process.pid}`);
const [program, hidden, forged] = ["attacks", "hidden", "result.json"].map((name) => join(home, name)) as [
  string,
  string,
  string,
];
const victim = Bun.spawn(["sleep", "600"], { env: { TOKEN: "secret" } });
const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
const abstract = `c10kata-${process.pid}`;
const server = Bun.listen({ unix: `\0${abstract}`, socket: { data() {} } });

beforeAll(async () => {
  mkdirSync(home, { recursive: true });
  writeFileSync(hidden, "secret");
  const { cc } = await toolchain();
  const source = join(ROOT, "harness", "fixtures", "box", "attacks.c");
  expect(await command([cc, "-O1", source, "-o", program])).toMatchObject({ code: 0, stderr: "" });
});

afterAll(async () => {
  listener.stop(true);
  server.stop(true);
  victim.kill();
  await victim.exited;
  rmSync(home, { recursive: true });
});

function attack(inside: Box, words: string[]) {
  const nonce = newNonce();
  const limits = { ...LIMITS, address_bytes: 2 ** 28 };
  const [name, word] = words;
  const argv = [program, name!, ...(word === undefined ? [] : [`@${word}`])];
  return withWorkspace((cwd) => Guest.start(argv, nonce, limits, { box: inside, cwd }).ended);
}

/** What the attack says in a box, and bare; not tried bare where it would do harm, or where rights decide. */
const ATTACKS: [words: () => string[], inBox: RegExp, bare?: RegExp][] = [
  [() => ["read_file", hidden], /^ENOENT$/, /^secret$/],
  [() => ["read_file", join(ROOT, "package.json")], /^ENOENT$/, /^read$/],
  [() => ["read_file", "/etc/passwd"], /^ENOENT$/, /^read$/],
  [() => ["read_file", `/proc/${victim.pid}/environ`], /^ENOENT$/, /^secret$/],
  [() => ["read_file", "/proc/1/environ"], /^EACCES$/],
  [() => ["write_file", forged], /^(EACCES|ENOENT|EROFS)$/, /^written$/],
  [() => ["write_file", "/usr/bin/left_behind"], /^EROFS$/],
  [() => ["write_file", "/dev/left_behind"], /^(EROFS|EACCES)$/],
  [() => ["write_file", "/tmp/left_behind"], /^written$/],
  [() => ["fill_disk", "200"], /^ENOSPC$/],
  [() => ["fill_disk", "8"], /^filled$/, /^filled$/],
  [() => ["fork_bomb", "6000"], /^EAGAIN$/],
  [() => ["fork_bomb", "20"], /^all of them$/, /^all of them$/],
  [() => ["eat_memory", "1000"], /^ENOMEM$/, /^ENOMEM$/],
  [() => ["signal_process", String(victim.pid)], /^ESRCH$/, /^signalled$/],
  [() => ["signal_process", "1"], /^(EPERM|signalled)$/], // native/box, which no signal from inside ends
  [() => ["trace_process", String(victim.pid)], /^EPERM$/],
  [() => ["trace_process", "1"], /^EPERM$/],
  [() => ["connect_tcp", String(listener.port)], /^ECONNREFUSED$/, /^connected$/],
  [() => ["connect_abstract", abstract], /^ECONNREFUSED$/, /^connected$/],
  [() => ["add_key"], /^EPERM$/],
  [() => ["virtual_socket"], /^EAFNOSUPPORT$/],
  [() => ["unshare_user"], /^EPERM$/],
  [() => ["clone_user"], /^EPERM$/],
  [() => ["mount_over", "/tmp"], /^EPERM$/],
  [() => ["ring"], /^EPERM$/],
  [() => ["type_ahead"], /^EPERM$/],
  [() => ["descriptors"], /^0 1 2 3$/, /^0 1 2 3$/],
  [() => ["root"], /^ordinary$/],
];
const named = ATTACKS.map(([words, ...rest]) => [words()[0]!, words, ...rest] as const);

test.skipIf(!box.made).each(named)(`in a box%p${none}`.replace("%p", ": %s"), async (_, words, inBox) => {
  const { output, survivors } = await attack(box, words());
  expect(output.trim().split("\n")[0]).toMatch(inBox);
  expect(survivors > 0).toBe(words()[0] === "fork_bomb");
  expect([existsSync(forged), existsSync("/tmp/left_behind")]).toEqual([false, false]);
});

/** Within walls nearly all is refused: not the network, nor much of its own; and root stays root, without its rights. */
const REFUSED = /^(EACCES|EPERM|ENOMEM|EAFNOSUPPORT)$/;
const ALLOWED: Record<string, RegExp> = {
  fill_disk: /^filled$/,
  fork_bomb: /^all of them$/,
  connect_tcp: /^connected$/,
  descriptors: /^0 1 2 3$/,
  root: /^(root|ordinary)$/,
};

test.skipIf(!within.walls).each(named.filter(([, words]) => words()[1] !== "6000"))(
  `within walls%p${noWalls}`.replace("%p", ": %s"),
  async (name, words) => {
    const { output, survivors } = await attack(within, words());
    expect(output.trim().split("\n")[0]).toMatch(ALLOWED[name] ?? REFUSED);
    expect(survivors > 0).toBe(name === "fork_bomb");
    expect([existsSync(forged), existsSync("/tmp/left_behind")]).toEqual([false, false]);
  },
);

test.each(named.filter(([, , , bare]) => bare))("bare: %s", async (_, words, __, bare) => {
  expect((await attack(BARE, words())).output.trim().split("\n")[0]).toMatch(bare!);
  rmSync(forged, { force: true });
});

for (const [name, inside] of [
  ["in a box", box],
  ["bare", BARE],
] as const) {
  test.skipIf(name !== "bare" && !box.made)(`${name}: what hides from its group ends with the run${none}`, async () => {
    const before = ownProcesses().length;
    const { code, output, survivors } = await attack(inside, ["outlive"]);
    expect([code, output, survivors > 0]).toEqual([0, "left\n", true]);
    await until(() => ownProcesses().length === before, "nothing of it is left");
  });
}

test.skipIf(!box.made)(`a box that cannot be made is our trouble, in words${none}`, async () => {
  const broken = { ...box, made: { ...box.made!, init: hidden } };
  expect(attack(broken, ["root"])).rejects.toThrow("no box could be made");
});

test.skipIf(!box.made)(`the end of a program in a box is its own${none}`, async () => {
  const ended = async (script: string) => {
    const options = { box, cwd: "/tmp" };
    const { code, signal } = await Guest.start(["/bin/sh", "-c", script], newNonce(), LIMITS, options).ended;
    return [code, signal];
  };
  expect(await ended("exit 137")).toEqual([137, null]);
  expect(await ended("kill -SEGV $$")).toEqual([null, "SIGSEGV"]);
  expect(await ended("kill -KILL -1; kill -KILL 0; exit 3")).toEqual([null, "SIGKILL"]); // all but native/box
  expect(await ended("printf 'exit 0 0\\n' >&4; exit 5")).toEqual([5, null]);
});

/** One sample, which is no kata's: it ends well and leaves no evidence, or what it reached is told by its exit code. */
const sample = (driver: string) => {
  const throughput = { driver, evidence: z.unknown(), sample: pass };
  return oneRound(throughput, {}, [["learner", program]], 1);
};

test.skipIf(!box.made || !within.walls)(`what is timed does not reach the timer${none || noWalls}`, async () => {
  await expect(sample("reach_timer")).rejects.toThrow("the learner's run did not come to its end");
});

test.skipIf(!box.made)(`what is timed leaves nothing running${none}`, async () => {
  await expect(sample("stay")).rejects.toThrow("a process was left running");
});
