// SPDX-License-Identifier: MIT

/** What is told of a failure: names, histories, who waits, and which of several. */
import { type Result, build, explore, transcript } from "./explorer";
import { all, check } from "./tally";

/** A trace says of a store that its place is not behind all stores before it, or nobody could follow it. */
export async function proveTraces(cc: string): Promise<void> {
  const so = await build({ file: "subjects/store_behind.c", planted: 1, cc });
  const { seed } = await explore(so, "two_stores");
  const said = await transcript(so, "two_stores", seed, false);
  check(`${cc} trace of a store that comes first`, said.includes("2, before the newest: 1") ? undefined : said);
}

/** A trace tells which steps are ordered: what comes before a thread's creation, but not the two steps of a race. */
export async function proveOrders(cc: string): Promise<void> {
  const so = await build({ file: "subjects/publication.c", planted: 5, cc });
  const { verdict, trace } = await explore(so, "lazy");
  type Step = Result["trace"][number];
  const before = (a: Step, b: Step) => b.knows[a.thread]! >= a.knows[a.thread]!;
  const [one, other] = trace.filter(({ marked }) => marked);
  const racing = verdict === "race" && one && other && !before(one, other) && !before(other, one);
  check(`${cc} the order of racing steps`, racing ? undefined : JSON.stringify(trace));
  const created = trace.filter(({ what }) => what === "creates a thread");
  const known = created.every((step) =>
    trace.every((own) => `T${own.thread}` !== step.note || (before(step, own) && !before(own, step))),
  );
  check(`${cc} the order of a thread's creation`, known && created.length > 1 ? undefined : JSON.stringify(trace));
}

/** Places have the names that the program gives them. */
export async function proveNames(cc: string): Promise<void> {
  const places = ["of seats[2].held.by[1],", "of block 1->counts[1],"];
  for (const [index, place] of places.entries()) {
    const so = await build({ file: "subjects/names.c", planted: index + 1, cc });
    const { message } = await explore(so, ["seats", "links"][index]!);
    check(`${cc} the name ${place}`, message.includes(place) ? undefined : message);
  }
  // a block that no variable leads to has the type of what it was allocated for
  const vyukov = await build({ file: "examples/mpsc/vyukov.c", planted: 1, cc });
  const { seed } = await explore(vyukov, "traffic");
  const said = await transcript(vyukov, "traffic", seed, false);
  check(`${cc} the name of a block's member`, said.includes("stores: &block 0->stub\n") ? undefined : said);
}

/** Of memory, locks and threads: which part of what, in which function, and where it came from. */
const SAID: [file: string, planted: number, scenario: string, said: RegExp][] = [
  [
    "misuse.c",
    14,
    "run",
    /^T0 writes in memory \(misuse\.c:\d+\): block 2\[5\], byte 5 of a block of 5 bytes, allocated in memory \(misuse\.c:\d+\)$/,
  ],
  [
    "misuse.c",
    11,
    "run",
    /^T0 frees block 2 in memory \(.+\), which T0 had freed in .+; it was allocated in memory \(/,
  ],
  ["misuse.c", 6, "run", /: T0 waits for the mutex two in \w+ \(misuse\.c:\d+\), held by T1; T1 waits .* one /],
  [
    "misuse.c",
    26,
    "run",
    /^T0 locks a mutex in locks \(.+\): block 1, 0 bytes into a block of 40, allocated in .+ freed in /,
  ],
  ["misuse.c", 3, "run", /^T0 locks a mutex in locks \(misuse\.c:\d+\): the mutex block 1 was never initialised$/],
  [
    "own_stacks.c",
    9,
    "mapped",
    /^stack overflow in deeper \(own_stacks\.c:\d+\): T\d runs on stack 1[56], and meets its end$/,
  ],
  ["primitives.c", 5, "rwlock", /the readers-writer lock rwlock in write_locked \(.+\), held for reading by T1, T2/],
  ["pool.c", 2, "drain", /T2 sleeps on the condition variable block 0->more in wait_for_job \(pool\.c:\d+\)/],
  [
    "publication.c",
    2,
    "versions",
    /of block 0->left, allocated in make \(publication\.c:\d+\), and nothing orders the two$/,
  ],
  ["uninitialized.c", 5, "copies", /^T0 reads 4 bytes at block 1->key in run_copies \(/],
  [
    "futex_mutex.c",
    8,
    "mutex_4",
    /T\d sleeps in futex_wait in lock_4 \(.+\) on block 0->word, allocated in three_threads \(.+\), which held 1 then and holds 0 now/,
  ],
  ["futex_mutex.c", 4, "mutex_3", /on block 0->word, allocated in three_threads \(.+\), which held 0 and still does/],
  [
    "futex_mutex.c",
    5,
    "last_user_of_3",
    /loads in unlock_3 \(.+\) and T\d frees in leave \(.+\): the same bytes, of block 0->waiters,/,
  ],
  ["futex_mutex.c", 7, "held", /^a thread that waits for a mutex does not sleep while it is held; T1 has not come to/],
  ["futex_mutex.c", 11, "freed", /^T1 waits on a futex in sleep_once \(.+\): block 0, .+ which T0 freed in run_freed/],
  ["limits.c", 6, "heap", /that belongs to no block: just behind block 0, of 16777216 bytes, allocated in run_heap \(/],
];

export async function proveWords(cc: string): Promise<void> {
  await all(
    SAID,
    ([file, planted]) => `${cc} words of ${file} ${planted}`,
    async ([file, planted, scenario, said]) => {
      const { message } = await explore(await build({ file: `subjects/${file}`, planted, cc }), scenario);
      return said.test(message) ? undefined : message;
    },
  );
}

/** clang gives no line to what it has merged, and none to the beginning of a function. */
export async function proveLines(cc: string): Promise<void> {
  const so = await build({ file: "examples/mpsc/cas_tail.c", planted: 1, cc });
  const { accesses, trace } = await explore(so, "traffic");
  const places = [...accesses, ...accesses.flatMap(({ way }) => way), ...trace.filter(({ offset }) => offset > 0)];
  const without = places.filter(({ line }) => line === 0);
  check(`${cc} a line for each place`, without.length === 0 && trace.length > 0 ? undefined : JSON.stringify(without));
}

/** A history that nothing explains is told in the driver's words, with the order that was tried and where it breaks. */
export async function proveHistories(cc: string): Promise<void> {
  const so = await build({ file: "subjects/lru.c", planted: 2, cc });
  const { message } = await explore(so, "history");
  const told =
    /^no order of the \d+ calls .* LRU cache\. The longest .*: T\d (?:put|get)\(.*\)(; T\d .*)*\. After it, none .*: T\d get\(\d\): /;
  check(`${cc} the words of a history`, told.test(message) ? undefined : message);
}

/** Who waits for ever is told with the threads that have ended, or in the words of explore_wait_for. */
export async function proveWaiting(cc: string): Promise<void> {
  const drained = await explore(await build({ file: "subjects/pool.c", planted: 2, cc }), "drain");
  check(`${cc} threads that have ended`, / have ended$/.test(drained.message) ? undefined : drained.message);
  const polled = await explore(await build({ file: "subjects/held_back.c", planted: 2, cc }), "polled");
  const said =
    polled.message.startsWith("while one job runs, another does not begin; T") && polled.verdict === "property";
  check(`${cc} a poll for ever`, said ? undefined : `${polled.verdict}: ${polled.message}`);
}

/** Of two mistakes the one nearer to the cause is told, or the one that was asked for; the other is counted. */
export async function proveNearest(cc: string): Promise<void> {
  const pairs = [
    { planted: 1, near: "race", far: "leak" },
    { planted: 2, near: "race", far: "livelock" },
    { planted: 3, near: "use_after_free", far: "property" },
  ];
  const searches = [[], ["--seed", "300"], ["--exhaustive", "3"]];
  await all(
    pairs,
    ({ near, far }) => `${cc} ${near} before ${far}`,
    async ({ planted, near, far }) => {
      const so = await build({ file: "subjects/two_mistakes.c", planted, cc });
      for (const search of searches) {
        const told = await explore(so, "hand_over", ...search);
        // an exhaustive search meets nothing but the livelock until it has gone on for long enough
        const only = far === "livelock" && search[0] === "--exhaustive";
        if (told.verdict !== near && !only) return `${search.join(" ")}: told ${told.verdict}`;
        if (search[0] === "--seed" && !told.failures[far]) return `no ${far} was met before it`;
        const asked = await explore(so, "hand_over", ...search, "--about", far);
        if (asked.verdict !== far) return `${search.join(" ")}: asked for ${far}, told ${asked.verdict}`;
      }
      return undefined;
    },
  );
}

/** Where plain accesses are steps, what comes of a race is told, and the race itself where nothing does. */
export async function provePlainSteps(cc: string): Promise<void> {
  const cases = [
    { planted: 0, verdict: "pass" },
    { planted: 1, verdict: "property" },
    { planted: 2, verdict: "race" },
  ];
  await all(
    cases,
    ({ planted }) => `${cc} plain steps ${planted}`,
    async ({ planted, verdict }) => {
      const so = await build({ file: "subjects/plain.c", planted, cc });
      for (const search of [[], ["--exhaustive", "2"]]) {
        const told = await explore(so, "counting", ...search, "--plain-steps");
        if (told.verdict !== verdict) return `${search.join(" ")}: ${told.verdict}: ${told.message}`;
      }
      return undefined;
    },
  );
}

/** Memory, stack and steps in every execution are the program's; threads and a slow schedule are the scenario's. */
const ASKED: [planted: number, scenario: string, asked: boolean][] = [
  [1, "steps", true],
  [2, "heap", true],
  [3, "stack", true],
  [7, "heap", true],
  [4, "threads", false],
  [8, "late", false],
];

export async function proveLimits(cc: string): Promise<void> {
  await all(
    ASKED,
    ([planted]) => `${cc} who asked for too much, ${planted}`,
    async ([planted, scenario, asked]) => {
      const told = await explore(await build({ file: "subjects/limits.c", planted, cc }), scenario);
      const right = told.verdict === "limit" && told.asked_too_much === asked;
      return right ? undefined : `${told.verdict}, ${told.asked_too_much}: ${told.message}`;
    },
  );
}

/** Executions that explore_assume drops are counted, and prove nothing. */
export async function proveAssumptions(cc: string): Promise<void> {
  const so = await build({ file: "subjects/plain.c", planted: 0, cc });
  const { verdict, executions, dropped } = await explore(so, "dividing", "--exhaustive", "0");
  const said = `${verdict}: ${dropped} of ${executions} dropped`;
  check(`${cc} assumptions`, said === "pass: 8 of 32 dropped" ? undefined : said);
}
