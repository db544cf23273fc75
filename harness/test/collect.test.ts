// SPDX-License-Identifier: MIT
/** A fork's files come out of a commit as data: exactly the listed ones, and nothing that lies beside them is used. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Unusable } from "../src/base/command.ts";
import type { Kata } from "../src/kata/kata.ts";
import { collect, type Collected } from "../src/score/collect.ts";
import { git, newFork } from "./fork.ts";
import fixture from "../fixtures/01-answer/grader/kata.ts";

const TIMEOUT_MS = 60_000;
const PATH = "harness/fixtures/01-answer/answer.c";
const SOURCE = "int answer(int q) { return 2 * q; }\n";
const folder = mkdtempSync(join(tmpdir(), "c10kata-collect-"));
afterAll(() => rmSync(folder, { recursive: true }));

const forkOf = (where: string, fill: (file: string, fork: string) => void) => newFork(join(folder, where), PATH, fill);

async function onlyKata(fork: string, katas: Kata[] = [fixture]): Promise<Collected> {
  const { katas: collected } = await collect(fork, katas);
  expect(collected).toHaveLength(1);
  return collected[0]!;
}

async function refusal(fork: string): Promise<string> {
  const collected = await onlyKata(fork);
  return "refused" in collected ? collected.refused : "it was taken";
}

let honest = "";
beforeAll(() => {
  honest = forkOf("honest", (file) => writeFileSync(file, SOURCE));
});

test(
  "the listed file, as it is in the commit and not as it lies in the folder",
  async () => {
    writeFileSync(join(honest, PATH), "int changed;\n");
    const { commit, katas } = await collect(honest, [fixture]);
    expect(commit).toBe(git(honest, "rev-parse", "HEAD"));
    expect(katas).toEqual([
      { kata: fixture, submission: { label: PATH, files: [{ name: "answer.c", shown: PATH, text: SOURCE }] } },
    ]);
  },
  TIMEOUT_MS,
);

test(
  "a commit or a branch can be named; an earlier one too",
  async () => {
    const fork = forkOf("two-commits", (file) => writeFileSync(file, SOURCE));
    const first = git(fork, "rev-parse", "HEAD");
    git(fork, "branch", "earlier");
    git(fork, "rm", "--quiet", PATH);
    git(fork, "commit", "--quiet", "--message", "gone");
    expect(await refusal(fork)).toBe(`${PATH} is not in the commit`);
    for (const named of [first, "earlier"]) {
      const { commit, katas } = await collect(fork, [fixture], named);
      expect([commit, "submission" in katas[0]!]).toEqual([first, true]);
    }
  },
  TIMEOUT_MS,
);

const REFUSED: [string, (file: string) => void, string][] = [
  ["missing", () => {}, "is not in the commit"],
  ["symlink", (file) => symlinkSync("/etc/hostname", file), "is a symbolic link; it has to be a regular file"],
  [
    "a folder",
    (file) => {
      mkdirSync(file);
      writeFileSync(join(file, "x.c"), SOURCE);
    },
    "is a folder; it has to be a regular file",
  ],
  ["huge", (file) => writeFileSync(file, "/".repeat((1 << 20) + 1)), "is larger than 1 MiB"],
  ["NUL", (file) => writeFileSync(file, "int x;\0"), "is not text: byte 6 is NUL"],
  ["latin-1", (file) => writeFileSync(file, Buffer.from("// caf\xe9\n", "latin1")), "is not text in UTF-8"],
  [
    "LFS",
    (file) => writeFileSync(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    "is a pointer of Git LFS; the file itself has to be in the commit",
  ],
];
for (const [name, fill, expected] of REFUSED) {
  test(
    `refused: ${name}`,
    async () => expect(await refusal(forkOf(name, fill))).toBe(`${PATH} ${expected}`),
    TIMEOUT_MS,
  );
}

test(
  "refused: a submodule in the file's place; a folder above it that is a symbolic link",
  async () => {
    const within = forkOf("submodule", (_, fork) => {
      git(fork, "update-index", "--add", "--cacheinfo", `160000,${git(honest, "rev-parse", "HEAD")},${PATH}`);
      rmSync(join(fork, "harness"), { recursive: true });
      mkdirSync(join(fork, PATH), { recursive: true });
      git(join(fork, PATH), "init", "--quiet");
      git(join(fork, PATH), "commit", "--quiet", "--allow-empty", "--message", "x");
    });
    expect(await refusal(within)).toBe(`${PATH} is a submodule; it has to be a regular file`);
    const linked = forkOf("linked", (file, fork) => {
      rmSync(join(fork, "harness"), { recursive: true });
      symlinkSync(join(honest, "harness"), join(fork, "harness"));
      expect(existsSync(file)).toBe(true);
    });
    expect(await refusal(linked)).toBe(`${PATH} is not in the commit`);
  },
  TIMEOUT_MS,
);

test(
  "nothing of the fork runs: hooks, filters, a file system monitor, an upload hook",
  async () => {
    const ran = join(folder, "ran");
    const fork = forkOf("hostile", (file) => {
      writeFileSync(file, SOURCE);
      writeFileSync(join(dirname(file), ".gitattributes"), "*.c filter=steal diff=steal\n");
    });
    const script = join(fork, "steal.sh");
    writeFileSync(script, `#!/bin/sh\ntouch ${ran}\ncat\n`);
    chmodSync(script, 0o755);
    for (const hook of ["post-checkout", "post-update", "pre-auto-gc", "reference-transaction", "post-index-change"]) {
      mkdirSync(join(fork, ".git/hooks"), { recursive: true });
      symlinkSync(script, join(fork, ".git/hooks", hook));
    }
    for (const key of [
      "filter.steal.smudge",
      "core.fsmonitor",
      "uploadpack.packObjectsHook",
      "core.pager",
      "core.sshCommand",
    ])
      git(fork, "config", key, script);
    expect("submission" in (await onlyKata(fork))).toBe(true);
    expect(existsSync(ran)).toBe(false);
  },
  TIMEOUT_MS,
);

test(
  "no such fork, no such commit, a protocol that runs commands: one sentence",
  async () => {
    const saying = (source: string, commit?: string) =>
      collect(source, [fixture], commit).then(
        () => "it was taken",
        (error) => (error instanceof Unusable ? error.message : String(error)),
      );
    expect(await saying(join(folder, "nowhere"))).toContain("neither a folder here nor an address");
    expect(await saying(`ext::sh -c touch% ${folder}/ran`)).toContain("neither a folder here nor an address");
    expect(await saying(folder)).toContain("does not appear to be a git repository");
    expect(await saying(honest, "nothing")).toContain("couldn't find remote ref nothing");
    expect(await saying(honest, "0".repeat(40))).toContain(`at ${"0".repeat(40)} cannot be fetched`);
    expect(await saying(honest, "--upload-pack=touch")).toBe(
      "--upload-pack=touch: neither a commit nor a branch's name",
    );
    expect(existsSync(join(folder, "ran"))).toBe(false);
  },
  TIMEOUT_MS,
);
