// SPDX-License-Identifier: MIT

/**
 * Which outcomes the axioms of C11 allow, for programs of a few atomic operations: RC11 (Lahav et al., PLDI 2017), whose
 * seq_cst is that of C++20, with the release sequences of C11. The explorer is operational; this is the other way to
 * say the same, and shares no line with it.
 *
 * A candidate is a choice of the write each read reads (rf) and of an order of the writes to each location (mo). It is
 * allowed when it is coherent, its updates are atomic, its seq_cst accesses are orderable, and nothing is read out of
 * thin air.
 */
export type Order = "relaxed" | "acquire" | "release" | "acq_rel" | "seq_cst";
export type Operation =
  | { kind: "load"; at: number; order: Order }
  | { kind: "store"; at: number; value: number; order: Order }
  | { kind: "exchange"; at: number; value: number; order: Order }
  | { kind: "fence"; order: Order };
export type Program = { locations: number; threads: Operation[][] };

type Event = {
  id: number;
  thread: number;
  at: number;
  value: number;
  reads: boolean;
  writes: boolean;
  fence: boolean;
  order: Order;
};

/** relation[i] is the set of events after i, as bits. */
type Relation = number[];

const union = (...relations: Relation[]): Relation =>
  relations[0]!.map((_, i) => relations.reduce((set, r) => set | r[i]!, 0));
const restrict = (r: Relation, keep: (i: number, j: number) => boolean): Relation =>
  r.map((set, i) => r.reduce((kept, _, j) => ((set >> j) & 1 && keep(i, j) ? kept | (1 << j) : kept), 0));

function compose(first: Relation, second: Relation): Relation {
  return first.map((set) => second.reduce((reached, next, j) => ((set >> j) & 1 ? reached | next : reached), 0));
}

function closure(r: Relation): Relation {
  const all = [...r];
  for (let k = 0; k < all.length; k++) {
    for (let i = 0; i < all.length; i++) if ((all[i]! >> k) & 1) all[i]! |= all[k]!;
  }
  return all;
}

const reflexive = (r: Relation): Relation => r.map((set, i) => set | (1 << i));
const irreflexive = (r: Relation): boolean => r.every((set, i) => !((set >> i) & 1));
const acyclic = (r: Relation): boolean => irreflexive(closure(r));

const acquires = (order: Order) => order === "acquire" || order === "acq_rel" || order === "seq_cst";
const releases = (order: Order) => order === "release" || order === "acq_rel" || order === "seq_cst";

function eventsOf({ locations, threads }: Program): Event[] {
  const events: Event[] = [];
  const initial = { thread: -1, value: 0, reads: false, writes: true, fence: false, order: "relaxed" as Order };
  for (let at = 0; at < locations; at++) events.push({ ...initial, id: events.length, at });
  threads.forEach((operations, thread) => {
    for (const operation of operations) {
      const { kind, order } = operation;
      events.push({
        id: events.length,
        thread,
        at: kind === "fence" ? -1 : operation.at,
        value: kind === "store" || kind === "exchange" ? operation.value : -1,
        reads: kind === "load" || kind === "exchange",
        writes: kind === "store" || kind === "exchange",
        fence: kind === "fence",
        order,
      });
    }
  });
  return events;
}

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

function product<T>(choices: T[][]): T[][] {
  return choices.reduce<T[][]>((all, choice) => all.flatMap((before) => choice.map((one) => [...before, one])), [[]]);
}

/** The release sequence headed by each write: contiguous in mo, writes of the same thread or updates. */
function releaseSequences(events: Event[], orders: number[][]): Relation {
  const sequences: Relation = events.map(() => 0);
  for (const order of orders) {
    order.forEach((head, position) => {
      for (let i = position; i < order.length; i++) {
        const member = events[order[i]!]!;
        if (i > position && !member.reads && member.thread !== events[head]!.thread) break;
        sequences[head]! |= 1 << member.id;
      }
    });
  }
  return sequences;
}

function synchronizes(events: Event[], sb: Relation, rf: Relation, sequences: Relation): Relation {
  const sw: Relation = events.map(() => 0);
  const fencesBefore = (id: number) => events.filter((f) => f.fence && releases(f.order) && (sb[f.id]! >> id) & 1);
  const fencesAfter = (id: number) => events.filter((f) => f.fence && acquires(f.order) && (sb[id]! >> f.id) & 1);
  const read = compose(sequences, rf);
  for (const head of events.filter((e) => e.writes && e.thread >= 0)) {
    const from = [...(releases(head.order) ? [head] : []), ...fencesBefore(head.id)];
    for (const reader of events.filter((e) => (read[head.id]! >> e.id) & 1)) {
      const to = [...(acquires(reader.order) ? [reader] : []), ...fencesAfter(reader.id)];
      for (const a of from) for (const b of to) sw[a.id]! |= 1 << b.id;
    }
  }
  return restrict(sw, (i, j) => i !== j);
}

function seqCstOrderable(
  events: Event[],
  sb: Relation,
  hb: Relation,
  mo: Relation,
  rb: Relation,
  eco: Relation,
): boolean {
  const sameLocation = (i: number, j: number) => events[i]!.at === events[j]!.at && events[i]!.at >= 0;
  const elsewhere = restrict(sb, (i, j) => !sameLocation(i, j));
  const scb = union(sb, compose(compose(elsewhere, hb), elsewhere), restrict(hb, sameLocation), mo, rb);
  const sc = (e: Event) => e.order === "seq_cst";
  const from = union(
    events.map((e) => (sc(e) ? 1 << e.id : 0)),
    restrict(reflexive(hb), (i) => events[i]!.fence && sc(events[i]!)),
  );
  const to = union(
    events.map((e) => (sc(e) ? 1 << e.id : 0)),
    restrict(reflexive(hb), (_, j) => events[j]!.fence && sc(events[j]!)),
  );
  const base = compose(compose(from, scb), to);
  const both = (i: number, j: number) => [i, j].every((k) => events[k]!.fence && sc(events[k]!));
  const fences = restrict(union(hb, compose(compose(hb, eco), hb)), both);
  return acyclic(union(base, fences));
}

function isAllowed(events: Event[], sb: Relation, readFrom: Map<number, number>, orders: number[][]): boolean {
  const none = events.map(() => 0);
  const [rf, mo, rb] = [[...none], [...none], [...none]];
  for (const [reader, writer] of readFrom) rf[writer]! |= 1 << reader;
  for (const order of orders)
    order.forEach((write, i) => order.slice(i + 1).forEach((later) => (mo[write]! |= 1 << later)));
  for (const [reader, writer] of readFrom) rb[reader]! |= mo[writer]! & ~(1 << reader);
  for (const order of orders) {
    for (const [i, write] of order.entries())
      if (events[write]!.reads && readFrom.get(write) !== order[i - 1]) return false;
  }
  const sw = synchronizes(events, sb, rf, releaseSequences(events, orders));
  const hb = closure(union(sb, sw));
  const eco = closure(union(rf, mo, rb));
  if (!irreflexive(hb) || !irreflexive(compose(hb, reflexive(eco)))) return false;
  return acyclic(union(sb, rf)) && seqCstOrderable(events, sb, hb, mo, rb, eco);
}

/** Outcomes as text: what each load and exchange returned, in program order, then the final values. */
export function allowedOutcomes(program: Program): Set<string> {
  const events = eventsOf(program);
  const sb = events.map((a) =>
    events.reduce(
      (set, b) =>
        (a.thread < 0 && b.thread >= 0) || (a.thread === b.thread && a.thread >= 0 && a.id < b.id)
          ? set | (1 << b.id)
          : set,
      0,
    ),
  );
  const readers = events.filter((e) => e.reads);
  const writersOf = (at: number) => events.filter((e) => e.writes && e.at === at);
  const sources = product(readers.map((reader) => writersOf(reader.at).filter((w) => w.id !== reader.id)));
  const orders = product(
    Array.from({ length: program.locations }, (_, at) =>
      permutations(
        writersOf(at)
          .slice(1)
          .map((e) => e.id),
      ).map((rest) => [at, ...rest]),
    ),
  );
  const outcomes = new Set<string>();
  for (const source of sources) {
    const values = source.map((w) => w.value).join("");
    const readFrom = new Map(readers.map((reader, i) => [reader.id, source[i]!.id]));
    for (const order of orders) {
      const outcome = `${values}:${order.map((writes) => events[writes.at(-1)!]!.value).join("")}`;
      if (!outcomes.has(outcome) && isAllowed(events, sb, readFrom, order)) outcomes.add(outcome);
    }
  }
  return outcomes;
}
