// SPDX-License-Identifier: MIT
/**
 * Reads a fork's C files as git blobs. Nothing of the fork is checked out, installed or run: its commit is fetched into
 * a new repository of ours, whose configuration is ours, and of that commit exactly the listed paths are read.
 */
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT, withTemporary } from "../base/cache.ts";
import { commandBytes, Unusable } from "../base/command.ts";
import type { SourceFile, Submission } from "../build/submission.ts";
import type { Kata } from "../kata/kata.ts";

/** What a fork has for one kata: the files to grade, or the first reason why they are none. */
export type Collected = { kata: Kata } & ({ submission: Submission } | { refused: string });

export interface Fork {
  /** As it was asked for: an address, or a folder of this machine. */
  source: string;
  /** 40 hexadecimal digits. */
  commit: string;
  katas: Collected[];
}

/** Of one C file. */
const BYTES_MAX = 1 << 20;
/** Of all that a commit holds, packed. */
const PACK_BYTES_MAX = 256 << 20;
const FETCH_S_MAX = 120;

/** Protocols that run a command of the address's choice are left out; objects are checked as they arrive. */
const CONFIGURATION = `
[safe]
  directory = *
[protocol]
  allow = never
[protocol "file"]
  allow = always
[protocol "https"]
  allow = always
[protocol "ssh"]
  allow = always
[core]
  hooksPath = /dev/null
[fetch]
  fsckObjects = true
  recurseSubmodules = false
  unpackLimit = 1
`;

/**
 * Reads the files of `katas` at `commit` (a name or 40 digits; the fork's HEAD without it). Throws Unusable when there
 * is no such repository or commit.
 */
export function collect(source: string, katas: Kata[], commit = "HEAD"): Promise<Fork> {
  return withTemporary(async (folder) => {
    const git = await Repository.fetched(folder, source, commit);
    return { source, commit: git.commit, katas: await Promise.all(katas.map((kata) => git.filesOf(kata))) };
  });
}

/** Throws Unusable for what names no repository, or no commit, whatever is in it. */
export function checkReference(source: string, commit: string): void {
  addressOf(source);
  if (!/^\w[\w./-]*$/.test(commit)) throw new Unusable(`${commit}: neither a commit nor a branch's name`);
}

class Repository {
  private constructor(
    private readonly run: ReturnType<typeof gitIn>,
    readonly commit: string,
  ) {}

  static async fetched(folder: string, source: string, wanted: string): Promise<Repository> {
    checkReference(source, wanted);
    writeFileSync(join(folder, "gitconfig"), CONFIGURATION);
    const git = gitIn(folder);
    await git("init", "--quiet", "--bare");
    const fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--", addressOf(source), wanted];
    const { code, stderr } = await git(...fetch);
    if (code !== 0) throw new Unusable(`${source} at ${wanted} cannot be fetched: ${whyNot(code, stderr)}`);
    const { stdout } = await git("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}");
    const commit = new TextDecoder().decode(stdout).trim();
    if (commit === "") throw new Unusable(`${source}: ${wanted} is no commit`);
    return new Repository(git, commit);
  }

  async filesOf(kata: Kata): Promise<Collected> {
    const files: SourceFile[] = [];
    for (const name of kata.edits) {
      const path = relative(ROOT, join(kata.folder, name));
      const read = await this.#read(path);
      if (typeof read !== "string") files.push({ name, shown: path, text: new TextDecoder().decode(read) });
      else return { kata, refused: `${path} ${read}` };
    }
    const label = files.map(({ name, shown }, at) => (at === 0 ? shown : name)).join(", ");
    return { kata, submission: { label, files } };
  }

  /** A regular file's bytes, if they are text; else what is wrong with it. */
  async #read(path: string): Promise<Uint8Array | string> {
    const { stdout } = await this.run("ls-tree", "-z", "-l", "--full-tree", this.commit, "--", path);
    const [entry = ""] = new TextDecoder().decode(stdout).split("\0");
    const [, mode, , object, size] = /^(\d+) (\w+) (\w+) +(\d+|-)\t/.exec(entry) ?? [];
    if (!mode || !object) return "is not in the commit";
    if (mode !== "100644" && mode !== "100755")
      return `is ${KINDS[mode] ?? `of mode ${mode}`}; it has to be a regular file`;
    if (Number(size) > BYTES_MAX) return "is larger than 1 MiB";
    const blob = await this.run("cat-file", "blob", object);
    return whyNoText(blob.stdout) ?? blob.stdout;
  }
}

const KINDS: Record<string, string> = {
  "040000": "a folder",
  "120000": "a symbolic link",
  "160000": "a submodule",
};

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

function whyNoText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return `is not text: byte ${bytes.indexOf(0)} is NUL`;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "is not text in UTF-8";
  }
  return text.startsWith(LFS_POINTER) ? "is a pointer of Git LFS; the file itself has to be in the commit" : null;
}

/** Git with our configuration alone, and nothing of the environment but the way to an agent with ssh keys. */
function gitIn(folder: string) {
  const { PATH = "", SSH_AUTH_SOCK } = process.env;
  const env = {
    PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: join(folder, "gitconfig"),
    GIT_TERMINAL_PROMPT: "0",
    ...(SSH_AUTH_SOCK && { SSH_AUTH_SOCK, GIT_SSH_COMMAND: "ssh -oBatchMode=yes" }),
  };
  const limits = ["prlimit", `--fsize=${PACK_BYTES_MAX}`, "--core=0", "timeout", String(FETCH_S_MAX)];
  const git = [...limits, "git", "--literal-pathspecs", `--git-dir=${join(folder, "objects.git")}`];
  return (...words: string[]) => commandBytes([...git, ...words], { cwd: folder, env });
}

/** A folder is read through git's own server, which trusts nothing in it, and not opened as ours. */
function addressOf(source: string): string {
  if (existsSync(source)) return `file://${realpathSync(source)}`;
  if (/^(https|ssh|file):\/\//.test(source)) return source;
  throw new Unusable(`${source}: neither a folder here nor an address (https://..., ssh://...)`);
}

function whyNot(code: number, stderr: string): string {
  if (code === 124) return `it took longer than ${FETCH_S_MAX} s`;
  if (/File size limit|SIGXFSZ|signal 25/.test(stderr)) return `it is larger than ${PACK_BYTES_MAX >> 20} MiB`;
  return stderr.trim().replace(/^fatal: /, "");
}
