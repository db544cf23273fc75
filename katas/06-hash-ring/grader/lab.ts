// SPDX-License-Identifier: MIT
/**
 * How evenly rings share, and what moves when nodes come and go. Every figure comes from the model in ring.ts, on fixed
 * names and keys.
 */
import type { Plot } from "@c10kata/harness/plot";
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

const VNODES = [1, 10, 40, 150, 600];
const SETS = 40;

/** One ring of 10 nodes, with the raw hash and with the finalizer. */
function sharesPlot(): Plot {
  const nodes = names(0, 10);
  const shares = (hash: Hash) =>
    arcShares(nodes, 150, hash).map((share, node): [number, number] => [node, 100 * share]);
  return {
    title: "Shares of 10 nodes, 150 points each",
    kind: "bars",
    x: { title: "node", labels: nodes.map((_, node) => String(node)) },
    y: { title: "share of the ring (%)" },
    series: [
      { name: "FNV-1a", points: shares(fnv1a64) },
      { name: "FNV-1a, finalizer", points: shares(ringHash) },
    ],
  };
}

function spreadPlots(): Plot[] {
  const x = { title: "points per node", scale: "log" } as const;
  const spreads = (hash: Hash) => VNODES.map((vnodes) => ({ vnodes, ...spreadOf(SETS, 10, vnodes, hash) }));
  const [raw, mixed] = [spreads(fnv1a64), spreads(ringHash)];
  const of = (name: string, from: typeof raw, value: (spread: (typeof raw)[number]) => number) => ({
    name,
    points: from.map((spread): [number, number] => [spread.vnodes, value(spread)]),
  });
  const deviation = (spread: { deviation: number }) => 100 * spread.deviation;
  return [
    {
      title: `Deviation of shares, 10 nodes, ${SETS} sets of names`,
      x,
      y: { title: "standard deviation (% of the mean share)" },
      series: [
        of("FNV-1a", raw, deviation),
        of("FNV-1a, finalizer", mixed, deviation),
        of("random points", mixed, ({ vnodes }) => 100 * Math.sqrt(9 / (10 * vnodes + 1))),
      ],
    },
    {
      title: `The largest share of 10 nodes, ${SETS} sets of names`,
      x,
      y: { title: "largest share (multiple of the mean)" },
      series: [
        of("FNV-1a, worst ring", raw, ({ worst }) => worst),
        of("FNV-1a, median ring", raw, ({ largest }) => largest),
        of("finalizer, worst ring", mixed, ({ worst }) => worst),
        of("finalizer, median ring", mixed, ({ largest }) => largest),
      ],
    },
  ];
}

function movedPlot(): Plot {
  const keys = Array.from({ length: 20_000 }, (_, key) => ringHash(bytesOf(`key-${key}`)));
  const ten = names(0, 10);
  const changes: { name: string; after: string[]; least: number }[] = [
    { name: "an 11th comes", after: names(0, 11), least: 1 / 11 },
    { name: "the last of 10 goes", after: ten.slice(0, 9), least: 1 / 10 },
    { name: "the 3rd of 10 goes", after: ten.filter((_, node) => node !== 2), least: 1 / 10 },
    { name: "the last 5 of 10 go", after: ten.slice(0, 5), least: 1 / 2 },
  ];
  const of = (name: string, part: (change: (typeof changes)[number]) => number) => ({
    name,
    points: changes.map((change, at): [number, number] => [at, 100 * part(change)]),
  });
  const scheme = (name: string, owner: Scheme) => of(name, ({ after }) => moved(owner, keys, ten, after));
  return {
    title: "Keys that change their owner, of 20,000 on 10 nodes",
    kind: "bars",
    x: { title: "what happens", labels: changes.map(({ name }) => name) },
    y: { title: "keys moved (%)" },
    series: [
      scheme("hash % nodes", modulo),
      scheme("jump hash", jump),
      scheme("ring, 150 points", ringScheme(150)),
      of("least possible", ({ least }) => least),
    ],
  };
}

export async function lab(): Promise<Plot[]> {
  return [sharesPlot(), ...spreadPlots(), movedPlot()];
}
