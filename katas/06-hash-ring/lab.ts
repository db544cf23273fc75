// SPDX-License-Identifier: MIT
/**
 * `bun katas/06-hash-ring/lab.ts`: how evenly rings share, and what moves when nodes come and go, as plain tables. Every
 * figure comes from the model in ring.ts, on fixed names and keys.
 */
import { fnv1a64, labelOf, ringHash } from "./ring.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const names = (set: number, nodes: number) => Array.from({ length: nodes }, (_, node) => `set-${set}.node-${node}`);

export type Hash = (bytes: Uint8Array) => bigint;

/** Each node's share of the ring, exactly: the arcs that end at its points. Sums to 1. */
export function arcShares(nodes: string[], vnodes: number, hash: Hash): number[] {
  const points = nodes.flatMap((name, node) =>
    Array.from({ length: vnodes }, (_, i) => ({ node, at: hash(bytesOf(labelOf(name, i))) })),
  );
  points.sort((a, b) => (a.at < b.at ? -1 : 1));
  const shares = nodes.map(() => 0);
  points.forEach(({ node, at }, i) => {
    shares[node]! += Number(BigInt.asUintN(64, at - points.at(i - 1)!.at)) / 2 ** 64;
  });
  return shares;
}

export interface Spread {
  /** Standard deviation of the shares, as a part of their mean. */
  deviation: number;
  /** The largest share, as a multiple of the mean: the median ring's, and the worst ring's. */
  largest: number;
  worst: number;
}

/** Over many sets of node names. */
export function spreadOf(sets: number, nodes: number, vnodes: number, hash: Hash): Spread {
  const rings = Array.from({ length: sets }, (_, set) => arcShares(names(set, nodes), vnodes, hash));
  const all = rings.flat();
  const maxima = rings.map((shares) => Math.max(...shares) * nodes).sort((a, b) => a - b);
  return {
    deviation: Math.sqrt(all.reduce((sum, share) => sum + (share * nodes - 1) ** 2, 0) / all.length),
    largest: maxima[maxima.length >> 1]!,
    worst: maxima.at(-1)!,
  };
}

/** Lamping and Veach's jump hash: the bucket of a key among so many, numbered from 0. */
export function jumpHash(key: bigint, buckets: number): number {
  let state = key;
  let [bucket, next] = [-1, 0];
  while (next < buckets) {
    bucket = next;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    next = Math.floor((bucket + 1) * (2 ** 31 / Number((state >> 33n) + 1n)));
  }
  return bucket;
}

/** Who owns which key under three schemes, nodes being those of the list that are still there. */
type Scheme = (key: bigint, nodes: string[]) => string;

const modulo: Scheme = (key, nodes) => nodes[Number(key % BigInt(nodes.length))]!;
const jump: Scheme = (key, nodes) => nodes[jumpHash(key, nodes.length)]!;

/** A ring looked up by halving; remembers the last list of nodes. */
function ringScheme(vnodes: number): Scheme {
  let known: string[] = [];
  let points: { at: bigint; name: string }[] = [];
  return (key, nodes) => {
    if (nodes !== known) {
      known = nodes;
      points = nodes.flatMap((name) =>
        Array.from({ length: vnodes }, (_, i) => ({ at: ringHash(bytesOf(labelOf(name, i))), name })),
      );
      points.sort((a, b) => (a.at < b.at ? -1 : 1));
    }
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle]!.at < key) low = middle + 1;
      else high = middle;
    }
    return points[low % points.length]!.name;
  };
}

/** The part of the keys whose owner differs between two lists of nodes. */
export function moved(scheme: Scheme, keys: bigint[], before: string[], after: string[]): number {
  const owners = keys.map((key) => scheme(key, before));
  return keys.filter((key, i) => scheme(key, after) !== owners[i]).length / keys.length;
}

const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
const times = (factor: number) => `${factor.toFixed(2)}x`;

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ")).join("\n");
}

function sharesTable(): string {
  const line = (name: string, vnodes: number, hash: Hash) => {
    const { deviation, largest, worst } = spreadOf(40, 10, vnodes, hash);
    return [
      name,
      String(vnodes),
      percent(deviation),
      percent(Math.sqrt(9 / (10 * vnodes + 1))),
      times(largest),
      times(worst),
    ];
  };
  return table([
    ["hash of a point", "points per node", "deviation", "random points", "largest share", "worst of 40 rings"],
    line("FNV-1a", 150, fnv1a64),
    ...[1, 10, 40, 150, 600].map((vnodes) => line("FNV-1a, finalizer", vnodes, ringHash)),
  ]);
}

function oneRing(): string {
  const [raw, mixed] = [fnv1a64, ringHash].map((hash) => arcShares(names(0, 10), 150, hash));
  const bar = (share: number) => "#".repeat(Math.round(share * 100));
  return table([
    ["node", "FNV-1a", "", "with finalizer", ""],
    ...raw!.map((share, node) => [
      String(node),
      percent(share),
      bar(share),
      percent(mixed![node]!),
      bar(mixed![node]!),
    ]),
  ]);
}

function movedTable(): string {
  const keys = Array.from({ length: 20_000 }, (_, key) => ringHash(bytesOf(`key-${key}`)));
  const schemes: [string, Scheme][] = [
    ["hash % nodes", modulo],
    ["jump hash", jump],
    ["ring, 150 points", ringScheme(150)],
  ];
  const ten = names(0, 10);
  const changes: [string, string[], number][] = [
    ["an 11th comes", names(0, 11), 1 / 11],
    ["the last of 10 goes", ten.slice(0, 9), 1 / 10],
    ["the 3rd of 10 goes", ten.filter((_, node) => node !== 2), 1 / 10],
    ["5 of 10 go", ten.slice(0, 5), 1 / 2],
  ];
  return table([
    ["keys moved", ...schemes.map(([name]) => name), "least possible"],
    ...changes.map(([name, after, least]) => [
      name,
      ...schemes.map(([, scheme]) => percent(moved(scheme, keys, ten, after))),
      percent(least),
    ]),
  ]);
}

if (import.meta.main) {
  console.log("Shares of 10 nodes, over 40 sets of names\n");
  console.log(`${sharesTable()}\n\nOne ring of 10 nodes, 150 points each\n`);
  console.log(`${oneRing()}\n\nKeys that change their owner, of 20,000 on 10 nodes\n`);
  console.log(movedTable());
}
