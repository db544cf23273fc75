// SPDX-License-Identifier: MIT
/** What the contract says, for one thread. Pure. */

export interface Setting {
  shards: number;
  replicasMax: number;
  staleness: bigint;
  splits: number;
}

const READS_PER_SHARD = 64;
const FOR_EVER = 2n ** 64n - 1n;

interface Copy {
  value: number;
  version: bigint;
}

/** What is known of a key while it is hot. */
interface Hot {
  newest?: Copy;
  since: bigint;
  /** By split: the version that it has been fetched or stored with. */
  filled: (bigint | undefined)[];
}

const NONE = { times: 0, done: false };

/** One cache and its shards; each call answers what calls.c puts into words. */
export class Model {
  now = 0n;
  draws = 0;
  #reads = 0;
  #window = new Map<number, number>();
  #windowReads = 0;
  #hot = new Map<number, Hot>();
  #copies = new Map<string, Copy>();
  #failing = { fetch: new Map<number, typeof NONE>(), store: new Map<number, typeof NONE>() };
  #told: string[] = [];
  #newest = 0n;
  #hits = 0;
  #fetches = { home: 0, others: 0 };
  #stores = 0;

  constructor(readonly setting: Setting) {}

  failFetch(split: number, times: number): void {
    this.#failing.fetch.set(split, { times, done: false });
  }

  failStore(split: number, times: number, done: boolean): void {
    this.#failing.store.set(split, { times, done });
  }

  /** Somebody else does, with a version that it answers. */
  write(key: number, value: number): bigint {
    let version = this.#newest;
    for (const copy of this.#copies.values()) if (copy.version > version) version = copy.version;
    version++;
    for (let split = 0; split < this.setting.splits; split++) this.#keep(key, split, { value, version });
    return version;
  }

  #keep(key: number, split: number, copy: Copy): void {
    const kept = this.#copies.get(`${key}/${split}`);
    if (!kept || kept.version < copy.version) this.#copies.set(`${key}/${split}`, copy);
  }

  #fails(call: "fetch" | "store", split: number) {
    const failing = this.#failing[call].get(split) ?? NONE;
    if (failing.times === 0) return undefined;
    this.#failing[call].set(split, { ...failing, times: failing.times - 1 });
    return failing;
  }

  #fetch(key: number, split: number): Copy | undefined {
    this.#fetches[split > 0 ? "others" : "home"]++;
    const fails = this.#fails("fetch", split);
    this.#told.push(`${fails ? "fails to fetch" : "fetches"} k${key}/${split}`);
    const copy = fails ? undefined : this.#copies.get(`${key}/${split}`);
    if (copy) this.#learn(key, copy);
    const hot = this.#hot.get(key);
    if (hot) hot.filled[split] = copy?.version;
    return copy;
  }

  #store(key: number, split: number, copy: Copy, tell: boolean): boolean {
    this.#stores++;
    const fails = this.#fails("store", split);
    const did = fails ? "fails to store" : "stores";
    if (tell) this.#told.push(`${did} ${copy.value} as version ${copy.version} in k${key}/${split}`);
    else this.#told.push(`and in k${key}/${split}`);
    if (!fails || fails.done) this.#keep(key, split, copy);
    const hot = this.#hot.get(key);
    if (!fails && hot) hot.filled[split] = copy.version;
    return !fails;
  }

  #learn(key: number, copy: Copy): void {
    if (copy.version > this.#newest) this.#newest = copy.version;
    const hot = this.#hot.get(key);
    if (!hot || (hot.newest && hot.newest.version > copy.version)) return;
    hot.newest = copy;
    hot.since = this.now;
  }

  #count(key: number): void {
    const { shards, replicasMax } = this.setting;
    this.#reads++;
    if (this.#windowReads === shards * READS_PER_SHARD) {
      const cold = [...this.#hot.keys()].filter((other) => (this.#window.get(other) ?? 0) <= READS_PER_SHARD);
      for (const other of cold) this.#hot.delete(other);
      this.#window.clear();
      this.#windowReads = 0;
    }
    this.#windowReads++;
    const count = (this.#window.get(key) ?? 0) + 1;
    this.#window.set(key, count);
    if (count > READS_PER_SHARD && this.#hot.size < replicasMax && !this.#hot.has(key))
      this.#hot.set(key, { since: 0n, filled: [] });
  }

  #read(key: number): Copy | undefined {
    this.#count(key);
    const { splits, staleness } = this.setting;
    const hot = this.#hot.get(key);
    if (hot?.newest && (staleness === FOR_EVER || this.now - hot.since < staleness)) {
      this.#hits++;
      return hot.newest;
    }
    const split = hot && splits > 1 ? this.draws++ % splits : 0;
    if (!hot || split === 0) return this.#fetch(key, 0);
    const filled = hot.filled[split];
    const copy = filled && hot.newest && filled >= hot.newest.version ? this.#fetch(key, split) : undefined;
    if (copy) return copy;
    const home = this.#fetch(key, 0);
    if (home) this.#store(key, split, home, true);
    return home;
  }

  #all(): string {
    const told = this.#told.join(", ");
    this.#told = [];
    return told;
  }

  get(key: number): string {
    const copy = this.#read(key);
    this.#told.push(copy ? `answers ${copy.value}` : "answers false");
    return this.#all();
  }

  reads(key: number, count: number): string {
    const before = { home: this.#fetches.home, others: this.#fetches.others, stores: this.#stores };
    let alike = 0;
    let last = 0;
    for (let i = 0; i < count; i++) {
      const copy = this.#read(key);
      if (!copy) continue;
      alike = copy.value === last ? alike + 1 : 1;
      last = copy.value;
    }
    this.#told = [];
    const { home, others } = this.#fetches;
    return `the last ${alike} of them answer ${last}; fetches of home ${home - before.home}, of others ${others - before.others}; stores ${this.#stores - before.stores}`;
  }

  put(key: number, value: number): string {
    this.#newest = this.now > this.#newest ? this.now : this.#newest + 1n;
    const copy = { value, version: this.#newest };
    const ok = this.#store(key, 0, copy, true);
    if (ok) {
      this.#learn(key, copy);
      for (let split = 1; this.#hot.has(key) && split < this.setting.splits; split++)
        this.#store(key, split, copy, false);
    }
    this.#told.push(ok ? "answers true" : "answers false");
    return this.#all();
  }

  stats(): string {
    const { home, others } = this.#fetches;
    return `reads ${this.#reads}, hits ${this.#hits}, shared 0, fetches ${home + others}, stores ${this.#stores}, hot ${this.#hot.size}`;
  }
}
