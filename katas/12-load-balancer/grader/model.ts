// SPDX-License-Identifier: MIT
/** The model: a balancer in TypeScript, as balancer.h describes it. Slow, plain, and never asked to be fast. */
import { finalizer, labelOf, ringHash } from "../../06-hash-ring/grader/ring.ts";

export const POLICIES = [
  "round_robin",
  "weighted",
  "least_connections",
  "ip_hash",
  "consistent",
  "two_choices",
] as const;
export type Policy = (typeof POLICIES)[number];

export interface Backend {
  name: string;
  weight: number;
}

const OUT_NS = 10_000_000_000n;
const [FAILURES, ATTEMPTS, POINTS] = [3, 64, 100];
const GOLDEN = 0x9e3779b97f4a7c15n;

interface State extends Backend {
  index: number;
  active: number;
  latestPick: number;
  credit: number;
  failures: number;
  failedAt: bigint | undefined;
  wanted: boolean;
}

/** Negative: `a` is less busy. Products of such numbers are exact. */
const busier = (a: State, b: State) => a.active * b.weight - b.active * a.weight;

export class Model {
  now: bigint;
  draws: [bigint, bigint] = [0n, 0n];
  #states: State[];
  #place = 0;
  #picks = 0;

  constructor(
    readonly policy: Policy,
    backends: Backend[],
    now: bigint,
  ) {
    this.now = now;
    const fresh = { active: 0, latestPick: 0, credit: 0, failures: 0, failedAt: undefined, wanted: true };
    this.#states = backends.map((backend, index) => ({ ...backend, ...fresh, index }));
  }

  #isUp({ wanted, failedAt }: State): boolean {
    return wanted && (failedAt === undefined || this.now - failedAt >= OUT_NS);
  }

  /** As calls.c puts it into words. */
  pick(client: Uint8Array): { index: number | undefined; text: string } {
    const up = this.#states.filter((state) => this.#isUp(state));
    if (up.length === 0) return { index: undefined, text: "nobody" };
    const picked = this.#choose(up, client);
    picked.active++;
    picked.latestPick = ++this.#picks;
    const drew = this.policy === "two_choices" ? ", after 2 draws" : "";
    return { index: picked.index, text: `${picked.index}${drew}` };
  }

  #choose(up: State[], client: Uint8Array): State {
    if (this.policy === "round_robin") return this.#inTurn(up);
    if (this.policy === "weighted") return smooth(up);
    if (this.policy === "ip_hash") return this.#byHash(ringHash(client));
    if (this.policy === "consistent") return this.#onRing(up, ringHash(client));
    if (this.policy === "least_connections")
      return up.toSorted((a, b) => busier(a, b) || a.latestPick - b.latestPick || a.index - b.index)[0]!;
    const [first, second] = this.draws.map((draw) => up[Number(draw % BigInt(up.length))]!) as [State, State];
    return busier(second, first) < 0 ? second : first;
  }

  #firstFrom(index: number): State {
    const states = this.#states;
    const turns = states.map((_, i) => states[(index + i) % states.length]!);
    return turns.find((state) => this.#isUp(state))!;
  }

  #inTurn(up: State[]): State {
    const picked = up.find(({ index }) => index >= this.#place) ?? up[0]!;
    this.#place = picked.index + 1;
    return picked;
  }

  #byHash(hash: bigint): State {
    let index = 0;
    for (let i = 0n; i < ATTEMPTS; i++) {
      index = Number(finalizer(BigInt.asUintN(64, hash + i * GOLDEN)) % BigInt(this.#states.length));
      if (this.#isUp(this.#states[index]!)) return this.#states[index]!;
    }
    return this.#firstFrom(index + 1);
  }

  #onRing(up: State[], hash: bigint): State {
    const active = up.reduce((sum, state) => sum + state.active, 1);
    const bound = Math.ceil((5 * active) / (4 * up.length));
    const points = up
      .filter((state) => state.active < bound)
      .flatMap((state) => pointsOf(state.name).map((place) => ({ state, away: BigInt.asUintN(64, place - hash) })));
    return points.reduce((nearest, point) => (point.away < nearest.away ? point : nearest)).state;
  }

  done(index: number, failed: boolean): void {
    const state = this.#states[index]!;
    state.active--;
    state.failures = failed ? state.failures + 1 : 0;
    if (!failed) state.failedAt = undefined;
    else if (state.failures >= FAILURES) state.failedAt = this.now;
  }

  setUp(index: number, up: boolean): void {
    const state = this.#states[index]!;
    state.wanted = up;
    if (!up) return;
    state.failures = 0;
    state.failedAt = undefined;
  }
}

function smooth(up: State[]): State {
  for (const state of up) state.credit += state.weight;
  const picked = up.reduce((most, state) => (state.credit > most.credit ? state : most));
  picked.credit -= up.reduce((sum, { weight }) => sum + weight, 0);
  return picked;
}

const pointsOnce = new Map<string, bigint[]>();

export function pointsOf(name: string): bigint[] {
  const known = pointsOnce.get(name);
  if (known) return known;
  const points = Array.from({ length: POINTS }, (_, i) => ringHash(Buffer.from(labelOf(name, i))));
  pointsOnce.set(name, points);
  return points;
}
