// SPDX-License-Identifier: MIT
/**
 * `bun run bench:peers [NN...]`: every kata's reference beside well-known libraries, all in the same interleaved rounds. A
 * peer is a C or C++ file in `solutions/NN-slug/peers/` that implements as much of the kata's contract with the library as
 * the benchmark calls, so that the same driver drives both. Its first lines say what it is:
 *
 *     peer: its name            package: what Debian calls it
 *     libraries, flags, pkg-config: what it is built with
 *     metrics: the ids of those it can be measured by; without it, by the one that is graded. `comparison`: the kata's
 *              lab measures it (`comparison` of lab.ts)
 *     answers: its own (why)    it may answer otherwise than the contract says
 *
 * What is not installed is skipped by name. A kata that shares another's drivers on real sockets has its peers too, which
 * include what both implement; without a throughput of its own it is measured as the other is.
 * Exit 1: a run did not end, or not as it should, which is told in its place.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { linkGuest } from "../harness/src/build/link.ts";
import { cached, hashOf, ROOT } from "../harness/src/base/cache.ts";
import { pass } from "../harness/src/judge/check.ts";
import { command, Unusable } from "../harness/src/base/command.ts";
import { driverFolders } from "../harness/src/kata/drivers.ts";
import type { Kata, Throughput } from "../harness/src/kata/kata.ts";
import { BadSample, NotMeasurable, oneRound, STRANGER_CPU_MAX } from "../harness/src/play/measure.ts";
import { findKata, kataIds } from "../harness/src/kata/shelf.ts";
import { median, ratioOfMedians, seededRandom, shuffled } from "../harness/src/base/statistics.ts";
import { readSource, readSubmission } from "../harness/src/build/submission.ts";
import { toolchain } from "../harness/src/build/toolchain.ts";
import { runComparison } from "../harness/src/play/lab.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { table } from "./verify/report.ts";

const ROUNDS = 7;
const BUSY_ROUNDS_MAX = 7;

interface Peer {
  name: string;
  path: string;
  package: string;
  flags: string[];
  libraries: string[];
  metrics: string[];
  ownAnswers: boolean;
}

interface Contender {
  name: string;
  guest: string;
}

type Metric = Throughput["metrics"][number];

/** Reads a peer's first lines. Throws Unusable when they do not say what it is. */
async function readPeer(throughput: Throughput, path: string): Promise<Peer> {
  const text = readFileSync(path, "utf8");
  const field = (name: string) => new RegExp(`^[ /]\\* ${name}: (.*?)(?: \\*/)?$`, "m").exec(text)?.[1]?.trim();
  const words = (name: string) => field(name)?.split(" ") ?? [];
  const [name, from] = [field("peer"), field("package")];
  if (!name || !from) throw new Unusable(`${relative(ROOT, path)}: its first lines name no peer and no package`);
  const gate = throughput.metrics.find(({ tiers }) => tiers)!;
  const metrics = field("metrics") ? words("metrics") : [gate.id];
  const known = [...throughput.metrics.map(({ id }) => id), "comparison"];
  const strange = metrics.find((one) => !known.includes(one));
  if (strange) throw new Unusable(`${relative(ROOT, path)}: the kata has no metric '${strange}'`);
  return {
    name,
    path,
    package: from,
    flags: [...words("flags"), ...(await packageConfig("--cflags", words("pkg-config")))],
    libraries: [...words("libraries"), ...(await packageConfig("--libs", words("pkg-config")))],
    metrics,
    ownAnswers: field("answers")?.startsWith("its own") ?? false,
  };
}

/** What pkg-config knows; nothing when it knows nothing, and the compiler will then say what is missing. */
async function packageConfig(what: string, packages: string[]): Promise<string[]> {
  if (packages.length === 0) return [];
  const { stdout } = await command(["pkg-config", what, ...packages]);
  return stdout.split(/\s+/).filter((word) => word !== "");
}

/** A peer implements what the benchmark calls. Whatever else the driver's other scenarios name ends the run. */
async function standIns(kata: Kata, object: string): Promise<string[]> {
  const { stdout } = await command(["nm", "--defined-only", "--format=posix", object]);
  const defined = new Set(stdout.split("\n").map((line) => line.split(" ")[0]));
  return kata.exports.filter((name) => !defined.has(name)).map((name) => `-Wl,--defsym=${name}=evidence_end`);
}

/** Compiles a peer as the bench build compiles the learner's file. Throws Unusable with the compiler's first error. */
async function peerGuest(kata: Kata, peer: Peer): Promise<string> {
  const { cc, version } = await toolchain();
  const plus = peer.path.endsWith(".cc");
  const compiler = plus ? cc.replace(/gcc/, "g++").replace(/clang(?!\+)/, "clang++") : cc;
  const flags = [plus ? "-std=c++17" : "-std=gnu11", "-O2", "-g", "-fPIC", "-fno-omit-frame-pointer", "-pthread", "-w"];
  const headers = [kata.folder, ...driverFolders(kata)].map((folder) => `-I${folder}`);
  const argv = [compiler, ...flags, "-D_GNU_SOURCE", ...headers, ...peer.flags, "-c", peer.path];
  const beside = readdirSync(join(peer.path, "..")).map((name) => readFileSync(join(peer.path, "..", name), "utf8"));
  const made = await cached(hashOf("peer", version, ...argv, ...beside), async (folder) => {
    const { code, stderr } = await command([...argv, "-o", join(folder, "peer.o")]);
    if (code !== 0) throw new Unusable(stderr);
  });
  const object = join(made, "peer.o");
  return await linkGuest(kata, [object], "bench", [...peer.libraries, ...(await standIns(kata, object))]);
}

async function ourGuest(kata: Kata, path: string): Promise<string> {
  const whole = existsSync(join(path, kata.edits[0]!));
  const submission = whole
    ? readSubmission(kata, path)
    : { label: path, files: [readSource(kata.edits[0]!, path)] }; /* a baseline is one file for all */
  return await new Workpiece(kata, submission).guest("bench");
}

interface Times {
  passed: number[];
  cpu: number[];
}

/** Seconds of every contender in every round; rounds in which strangers used the CPU do not count. */
async function playRounds(
  throughput: Throughput,
  metric: Metric,
  contenders: Contender[],
  rings: boolean,
): Promise<Times[]> {
  const random = seededRandom(1);
  const lenient = { ...throughput, sample: () => pass() }; // every peer's answers have been judged before
  const times = contenders.map((): Times => ({ passed: [], cpu: [] }));
  for (let round = 0, busy = 0; round < ROUNDS; ) {
    const order = shuffled(contenders, random).map(({ name, guest }): [string, string] => [name, guest]);
    const { seconds, cpu_seconds, stranger_cpu } = await oneRound(lenient, metric.params, order, round, rings);
    if (stranger_cpu > STRANGER_CPU_MAX && ++busy <= BUSY_ROUNDS_MAX) continue;
    contenders.forEach(({ name }, at) => {
      times[at]!.passed.push(seconds[name]!);
      times[at]!.cpu.push(cpu_seconds[name]!);
    });
    round++;
  }
  return times;
}

/** Of one that is there, or of ours. */
let allMeasured = true;
const isBadRun = (error: unknown) => error instanceof BadSample || error instanceof NotMeasurable;

/** The peers that are there and do what the metric asks; the others as sentences that say why not. */
async function admitted(kata: Kata, throughput: Throughput, metric: Metric, peers: Peer[]) {
  const contenders: Contender[] = [];
  const skipped: string[] = [];
  for (const peer of peers.filter(({ metrics }) => metrics.includes(metric.id))) {
    try {
      const guest = await peerGuest(kata, peer);
      const judged = peer.ownAnswers ? { ...throughput, sample: () => pass() } : throughput;
      await oneRound(judged, metric.params, [["peer", guest]], 1, kata.rings);
      contenders.push({ name: peer.name, guest });
    } catch (error) {
      if (!(error instanceof Unusable || isBadRun(error))) throw error;
      const advice = error instanceof Unusable ? `; apt-get install ${peer.package}?` : "";
      if (!advice) allMeasured = false;
      const lines = error.message.trim().split("\n");
      const reason = lines.find((line) => /error|cannot find/.test(line)) ?? lines.at(-1)!;
      skipped.push(`${peer.name}: skipped: ${reason.replaceAll(`${ROOT}/`, "")}${advice}`);
    }
  }
  return { contenders, skipped };
}

async function benchMetric(kata: Kata, throughput: Throughput, metric: Metric, peers: Peer[]): Promise<void> {
  const solutions = join(ROOT, "solutions", kata.id);
  const { contenders, skipped } = await admitted(kata, throughput, metric, peers);
  const ours = [
    { name: "the reference", guest: await ourGuest(kata, solutions) },
    { name: "baseline.c", guest: await ourGuest(kata, join(kata.folder, kata.baseline)) },
  ];
  const all = [...ours, ...contenders];
  const times = await playRounds(throughput, metric, all, kata.rings);
  const random = seededRandom(2);
  const rows = all.map(({ name }, at) => {
    const faster = (than: number, by: keyof Times) => ratioOfMedians(times[than]![by], times[at]![by], random);
    const columns = (["passed", "cpu"] as const).flatMap((by) => {
      const [vsBaseline, vsReference] = [faster(1, by), faster(0, by)];
      const range = `${vsReference.low.toFixed(2)} to ${vsReference.high.toFixed(2)}`;
      const ms = (median(times[at]![by]) * 1000).toFixed(0);
      return [ms, vsBaseline.ratio.toFixed(2), vsReference.ratio.toFixed(2), at === 0 ? "" : range];
    });
    return [name, ...columns];
  });
  const ratios = ["x baseline", "x reference", "90 % interval"];
  const head = ["", "ms", ...ratios, "CPU ms", ...ratios];
  console.log(`\n${kata.id}: ${metric.title}\n${[table([head, ...rows]), ...skipped].join("\n")}`);
}

/** The kata whose drivers on real sockets this one shares, if there is one. */
async function kin(kata: Kata): Promise<Kata | undefined> {
  const grader = kata.scenarios.length > 0 && kata.drivers.find((folder) => folder.startsWith("katas/"));
  return grader ? await findKata(dirname(grader)) : undefined;
}

/** A comparison of the lab's, as numbers and, behind each, how many times the first one's it is. */
async function benchComparison(kata: Kata): Promise<void> {
  for (const { title, x, y, series } of await runComparison(kata, join(ROOT, "solutions", kata.id))) {
    const first = series[0]!.points;
    const head = [x.title, ...first.map(([at]) => String(at))];
    const rows = series.map(({ name, points }) => [
      name,
      ...points.map(([, value], at) => `${value.toFixed(1)} (x ${(value / first[at]![1]).toFixed(2)})`),
    ]);
    console.log(`\n${kata.id}: ${title}, ${y.title}\n${table([head, ...rows])}`);
  }
}

async function benchKata(kata: Kata): Promise<void> {
  const like = await kin(kata);
  const throughput = kata.throughput ?? like?.throughput;
  const files = [kata, like].flatMap((of) => (of ? peersOf(of) : []));
  if (!throughput || files.length === 0) return console.log(`\n${kata.id}: no peers`);
  const peers = await Promise.all(files.map((path) => readPeer(throughput, path)));
  const wanted = throughput.metrics.filter(({ id }) => peers.some(({ metrics }) => metrics.includes(id)));
  for (const metric of wanted) {
    await benchMetric(kata, throughput, metric, peers).catch((error: unknown) => {
      if (!isBadRun(error)) throw error;
      allMeasured = false;
      console.log(`\n${kata.id}: ${metric.title}: not measured: ${(error as Error).message}`);
    });
  }
  if (peers.some(({ metrics }) => metrics.includes("comparison"))) await benchComparison(kata);
}

function peersOf(kata: Kata): string[] {
  const place = join(ROOT, "solutions", kata.id, "peers");
  const names = existsSync(place) ? readdirSync(place).filter((name) => /\.(c|cc)$/.test(name)) : [];
  return names.sort().map((name) => join(place, name));
}

const wanted = process.argv.slice(2);
for (const id of kataIds()) {
  if (wanted.length === 0 || wanted.includes(id.slice(0, 2))) await benchKata(await findKata(id));
}
process.exit(allMeasured ? 0 : 1);
