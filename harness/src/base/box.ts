// SPDX-License-Identifier: MIT
/**
 * Command lines that run in a box: bubblewrap makes it (namespaces, a read-only system, private folders in memory), and
 * native/box, the first process in it, sets limits, takes rights away and says how the program ended.
 */
import { chownSync, existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import type { BoxTier } from "./box-tier.ts";
import { isWorkspace, ROOT } from "./cache.ts";

export interface Box {
  tier: BoxTier;
  /** Why it is not a better one. */
  why?: string;
  /** The programs that make the box, and where a compiler lies that is not of the system; tier B. */
  made?: { bwrap: string; init: string; compiler: string[] };
  /** The same without a box; tier C. */
  walls?: { init: string; compiler: string[] };
}

export const BARE: Box = { tier: "D", why: "left out on request" };

export interface Confined {
  /** Everything that it has of an environment. */
  env: Record<string, string>;
  /** Its own, in memory, empty, and gone with the box; unless it is among `shares`. */
  cwd: string;
  /** Files and folders that it may read, beside those that words of the command line and of the environment are. */
  sees?: string[];
  /** Files and folders that it may write; they outlast the box. */
  shares?: string[];
  /** null: no limit, since sanitizers reserve terabytes. */
  address_bytes: number | null;
  cpu_s?: number;
  /** Of each folder in memory; 128 MiB unless told. */
  room_bytes?: number;
  /** May threads stop one another, as LeakSanitizer's do? */
  traces?: boolean;
  /** May programs use io_uring? */
  rings?: boolean;
  /** The descriptor on which native/box says how it went. */
  status?: number;
}

/** Processes and threads in one box: a server with a thread for each of its clients is a right program. */
const PROCESSES_MAX = 4_096;
const FILE_BYTES_MAX = 2 ** 28;
const ROOM_BYTES = 2 ** 27;
const NAMESPACES = ["ipc", "pid", "net", "uts", "cgroup-try"].map((name) => `--unshare-${name}`);
const SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
/** Without these the system's programs do not find their libraries, or one another. */
const SETTINGS = ["/etc/ld.so.cache", "/etc/alternatives"];

/** The command line that runs `argv` in a box. Its environment is to be empty, since bubblewrap's is read from inside. */
export function boxed({ bwrap, init }: NonNullable<Box["made"]>, argv: string[], how: Confined): string[] {
  const { env, cwd, shares = [], status, room_bytes = ROOM_BYTES } = how;
  const sees = seen(argv, how);
  const asRoot = process.getuid!() === 0;
  const bounds = {
    ...(asRoot && { uid: lent(shares) }),
    ...boundsOf(how),
    ...(status && { status }),
    ...(countsPerBox(asRoot) && { processes: PROCESSES_MAX }),
  };
  return [
    ...[bwrap, ...NAMESPACES, ...(asRoot ? ROOT_UNTIL_DROPPED : ["--unshare-user"])],
    ...["--die-with-parent", "--as-pid-1", ...system(), "--proc", "/proc", "--dev", "/dev"],
    ...[...new Set(["/tmp", "/dev/shm", cwd])].flatMap((path) => inMemory(path, room_bytes)),
    ...bound("--ro-bind", [init, ...sees]),
    ...bound("--bind", shares),
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--", init, ...named(bounds), "--", cwd, ...named(env), ...argv],
  ];
}

/**
 * The command line that runs `argv` within walls (native/box/walls.c): it reads what a box would show, and writes what it
 * shares and in its own folder. No bound on the folder, and the network is everybody's.
 */
export function walled({ init }: NonNullable<Box["walls"]>, argv: string[], how: Confined): string[] {
  const { env, cwd, shares = [] } = how;
  const visible = seen(argv, how);
  const reads = [...SYSTEM, ...SETTINGS, ...FACTS].filter((path) => existsSync(path)).concat(init, visible);
  const folders = visible.map((path) => dirname(path)); // bun reads them
  const writes = [...DEVICES, ...shares, ...(isWorkspace(cwd) ? [cwd] : [])];
  const words = Object.entries({ list: folders, read: reads, write: writes }).flatMap(([name, paths]) =>
    [...new Set(paths)].map((path) => `${name}=${path}`),
  );
  return [init, ...named(boundsOf(how)), ...words, "--", cwd, ...named(env), ...argv];
}

/** What a program asks of the kernel about itself and the machine. */
const FACTS = ["/proc/self", "/proc/meminfo", "/proc/stat", "/proc/cpuinfo", "/proc/sys/vm", "/sys/devices/system/cpu"];
const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/** What it may read that the system does not have: words of the command line and of the environment, and what `how` says. */
function seen(argv: string[], { env, sees = [], shares = [] }: Confined): string[] {
  const words = [...argv, ...Object.values(env)].filter((word) => word.startsWith("/") && existsSync(word));
  return [...words, ...sees].filter((path) => isOutside(path) && !shares.includes(path));
}

function boundsOf({ address_bytes, cpu_s, traces, rings }: Confined): Record<string, number> {
  return {
    ...(address_bytes && { address: address_bytes }),
    ...(cpu_s && { cpu: cpu_s }),
    ...(traces && { traces: 1 }),
    ...(rings && { rings: 1 }),
    file: FILE_BYTES_MAX,
  };
}

const named = (values: Record<string, string | number>) =>
  Object.entries(values).map(([name, value]) => `${name}=${value}`);

const inMemory = (path: string, bytes: number) => ["--perms", "0777", "--size", String(bytes), "--tmpfs", path];

/** bubblewrap alone would make their folders for the box's maker only. */
function bound(how: string, paths: string[]): string[] {
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  return [
    ...folders.flatMap((folder) => ["--perms", "0755", "--dir", folder]),
    ...paths.flatMap((path) => [how, path, path]),
  ];
}

/** Where root has no user namespace, native/box becomes another user: it needs these rights until then. */
const ROOT_UNTIL_DROPPED = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];

/** The kernel counts a user's processes in each user namespace since 5.14; root's box has a user of its own. */
const countsPerBox = (asRoot: boolean) => {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return asRoot || major > 5 || (major === 5 && minor >= 14);
};

let systemOnce: string[] | undefined;

/** A checkout that lies in it is hidden. */
function system(): string[] {
  return (systemOnce ??= [
    ...["--perms", "0755", "--dir", "/etc"],
    ...[...SYSTEM, ...SETTINGS].filter((path) => existsSync(path)).flatMap(sameInside),
    ...(isOutside(ROOT) ? [] : ["--tmpfs", ROOT]),
  ]);
}

const sameInside = (path: string) =>
  lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];

/** Not of the system, which is there; what is below the checkout always is. */
export const isOutside = (path: string) =>
  path.startsWith(`${ROOT}/`) || !["/usr/", "/dev/null"].some((place) => realpathSync(path).startsWith(place));

/** Numbers that no distribution gives to a user (systemd's own list, "unused"). */
const UIDS = { first: 60_578, count: 606 };
let uids = process.pid;

/**
 * The user of a box that root makes: a new one, to whom its shares now belong, or the one whom they belong to already,
 * so that several boxes can share a folder.
 */
function lent(shares: string[]): number {
  const owner = shares
    .map((path) => statSync(path).uid)
    .find((uid) => uid >= UIDS.first && uid < UIDS.first + UIDS.count);
  const uid = owner ?? UIDS.first + (uids++ % UIDS.count);
  for (const path of shares.flatMap(withEntries)) chownSync(path, uid, uid);
  return uid;
}

const withEntries = (path: string) =>
  statSync(path).isDirectory() ? [path, ...readdirSync(path).map((name) => join(path, name))] : [path];
