// SPDX-License-Identifier: MIT
/**
 * `bun run bench:peers [NN...]`: every kata's reference beside well-known libraries, in one run. A peer is a file in
 * `solutions/NN-slug/peers/` that implements the kata's contract with the library, so that the same driver drives both.
 * Its first lines name the peer, the Debian package and the libraries to link. What is not installed is skipped by name.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compileSubmission, linkGuest } from "../harness/src/build.ts";
import { ROOT } from "../harness/src/cache.ts";
import { Unusable } from "../harness/src/command.ts";
import type { Kata } from "../harness/src/kata.ts";
import { BadSample, measure, NotMeasurable, type Metric } from "../harness/src/measure.ts";
import { findKata, kataIds } from "../harness/src/shelf.ts";
import { readSource, readSubmission, type SourceFile } from "../harness/src/submission.ts";
import { table } from "./report.ts";

interface Peer {
  name: string;
  package: string;
  libraries: string[];
  files: SourceFile[];
}

function readPeer(kata: Kata, path: string): Peer {
  const files =
    kata.edits.length === 1
      ? [readSource(kata.edits[0]!, path)]
      : kata.edits.map((name) => readSource(name, join(path, name)));
  const field = (name: string) => new RegExp(`${name}: (.*?)(?: \\*/)?$`, "m").exec(files[0]!.text)?.[1]?.trim();
  const name = field("peer");
  const from = field("package");
  if (!name || !from) throw new Unusable(`${path}: its first lines name no peer and no package`);
  return { name, package: from, libraries: field("libraries")?.split(" ") ?? [], files };
}

async function benchGuest(kata: Kata, files: SourceFile[], libraries: string[] = []): Promise<string> {
  const compiled = await compileSubmission(kata, { label: "peer", files }, "bench");
  if (!compiled.ok) throw new Unusable(compiled.text.split("\n")[0] ?? "it does not compile");
  return await linkGuest(kata, compiled.objects, "bench", libraries);
}

const shown = ({ vs_baseline, vs_reference }: Metric) => [
  vs_baseline.ratio.toFixed(2),
  vs_reference
    ? `${vs_reference.ratio.toFixed(2)} (${vs_reference.low.toFixed(2)} to ${vs_reference.high.toFixed(2)})`
    : "-",
];

async function benchKata(kata: Kata): Promise<void> {
  const throughput = kata.throughput;
  const solutions = join(ROOT, "solutions", kata.id);
  const place = join(solutions, "peers");
  if (!throughput || !existsSync(place)) return console.log(`\n${kata.id}: no peers`);
  const gate = throughput.metrics.find(({ tiers }) => tiers)!;
  const unjudged = { ...gate, tiers: { pass: 1e-6, silver: 1e6, gold: 2e6 } };
  const baseline = await benchGuest(kata, [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))]);
  const reference = await benchGuest(kata, readSubmission(kata, solutions).files);
  const rows = [["peer", "x baseline", "x reference (90 %)"]];
  for (const path of readdirSync(place)
    .sort()
    .map((name) => join(place, name))) {
    const peer = readPeer(kata, path);
    try {
      const learner = await benchGuest(kata, peer.files, peer.libraries);
      rows.push([
        peer.name,
        ...shown(await measure(throughput, unjudged, { learner, baseline, reference }, { seed: 1 })),
      ]);
    } catch (error) {
      if (!(error instanceof Unusable || error instanceof NotMeasurable || error instanceof BadSample)) throw error;
      const advice = error instanceof Unusable ? ` (apt-get install ${peer.package}?)` : "";
      rows.push([peer.name, "skipped", `${error.message.split("\n")[0]}${advice}`]);
    }
  }
  console.log(`\n${kata.id}: ${gate.title}\n${table(rows)}`);
}

const wanted = process.argv.slice(2);
for (const id of kataIds()) {
  if (wanted.length === 0 || wanted.includes(id.slice(0, 2))) await benchKata(await findKata(id));
}
process.exit(0);
