// SPDX-License-Identifier: MIT

/**
 * The explorer's own proof: `bun native/explorer/proof/proof.ts [--long] [--cc gcc]`.
 *
 * Litmus tests have the outcomes their comments state, planted mistakes are found on 20 seeds with the verdict
 * their comments name, correct programs raise no alarm, and replays are the same byte for byte.
 */
import { basename, join } from "node:path";
import { circular } from "./circles";
import { type Planted, litmusFiles, litmusTests, plantedIn, subjectFiles } from "./expectations";
import { type Result, build, buildExplorer, explore, home, scenarios, transcript, written } from "./explorer";
import { allowedOutcomes } from "./axioms";
import { driverOf, randomProgram } from "./programs";

const long = Bun.argv.includes("--long");
const only = Bun.argv.includes("--cc") ? Bun.argv[Bun.argv.indexOf("--cc") + 1]! : undefined;
const manySeeds = 20; // with the first compiler; with the second a few, unless --long
const fewSeeds = 5;
const seedDistance = 0x100000;
const parallel = 2;

let seeds = manySeeds;
let passed = 0;
const failures: string[] = [];

function check(name: string, problem: string | undefined): void {
  if (problem === undefined) passed++;
  else {
    failures.push(name);
    console.log(`FAIL  ${name}\n      ${problem}`);
  }
}

function proveOrder(): void {
  for (const engine of ["explorer", "simkernel"]) {
    const folders = [join(home, "..", engine, "src"), join(home, "../common")];
    const circle = circular(folders);
    check(`no file of ${engine} includes itself through others`, circle.length > 0 ? circle.join(" ") : undefined);
  }
}

/** Runs jobs on both cores; a thrown error is a failure of that job. */
async function all<T>(
  items: T[],
  name: (item: T) => string,
  job: (item: T) => Promise<string | undefined>,
): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      check(name(item), await job(item).catch((error: Error) => error.message));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function proveLitmus(cc: string): Promise<void> {
  for (const file of litmusFiles()) await proveLitmusIn(cc, file);
}

async function proveLitmusIn(cc: string, file: string): Promise<void> {
  const so = await build({ file, planted: 0, cc });
  const bound = (threads: number) => String(threads > 2 ? 2 : 4);
  await all(
    litmusTests(file),
    ({ name }) => `${cc} litmus ${name}`,
    async ({ name, threads, expected, allows }) => {
      const result = await explore(so, name, "--exhaustive", bound(threads));
      const outcomes = Object.keys(result.outcomes);
      if (result.verdict !== "pass") return `${result.verdict}: ${result.message}`;
      if (!result.schedules?.complete) return "the search was cut off";
      return allows(outcomes) ? undefined : `expected ${expected}, got ${outcomes.join(" ")}`;
    },
  );
}

/** Random programs of atomics: no outcome that the axioms of C11 forbid, and nearly all that they allow. */
async function proveAxioms(cc: string): Promise<void> {
  const programs = Array.from({ length: long ? 3000 : 200 }, (_, i) => randomProgram(i + (cc === "gcc" ? 0 : 100_000)));
  const so = await build({ file: await written("programs.c", driverOf(programs)), planted: 0, cc });
  let produced = 0;
  let allowed = 0;
  await all(
    [...programs.keys()],
    (i) => `${cc} axioms program ${i}`,
    async (i) => {
      const { threads } = programs[i]!;
      const axioms = allowedOutcomes(programs[i]!);
      const result = await explore(
        so,
        `p${i}`,
        "--exhaustive",
        threads.length > 2 ? "3" : "4",
        "--executions",
        "60000",
      );
      const outcomes = Object.keys(result.outcomes);
      produced += outcomes.length;
      allowed += axioms.size;
      const illegal = outcomes.filter((outcome) => !axioms.has(outcome));
      if (result.verdict !== "pass") return `${result.verdict}: ${result.message}`;
      return illegal.length === 0 ? undefined : `outcomes ${illegal.join(" ")} of ${JSON.stringify(threads)}`;
    },
  );
  console.log(
    `${cc}: ${programs.length} random programs of atomics: ${produced} of the ${allowed} outcomes that C11 allows, and no other`,
  );
}

async function proveCorrect(cc: string, compilers: number): Promise<void> {
  const subjects = await Promise.all(subjectFiles().map((file) => build({ file, planted: 0, cc })));
  const cases = (
    await Promise.all(subjects.map(async (so) => (await scenarios(so)).map((scenario) => ({ so, scenario }))))
  ).flat();
  const executions = Math.ceil((long ? 10_000_000 : 1_000_000) / compilers / cases.length);
  await all(
    cases,
    ({ so, scenario }) => `${cc} correct ${basename(so)} ${scenario}`,
    async ({ so, scenario }) => {
      const result = await explore(
        so,
        scenario,
        "--executions",
        String(executions),
        "--seed",
        cc === "gcc" ? "0" : "40000000",
      );
      return result.verdict === "pass" ? undefined : `${result.verdict}: ${result.message} (seed ${result.seed})`;
    },
  );
  console.log(`${cc}: ${cases.length * executions} executions of ${cases.length} correct scenarios`);
}

/** The first scenario that finds it, and the executions until then on each further seed. */
async function find(
  { file, planted, verdicts, within }: Planted,
  cc: string,
): Promise<{ problem?: string; found: number[] }> {
  const so = await build({ file, planted, cc });
  for (const scenario of await scenarios(so)) {
    const first = await explore(so, scenario);
    if (first.verdict === "pass") continue;
    if (!verdicts.includes(first.verdict)) return { problem: `${first.verdict}: ${first.message}`, found: [] };
    const again = await findAgain(so, scenario, verdicts, first.found_at);
    const slow = again.found.find((executions) => executions > within);
    return slow === undefined
      ? again
      : { ...again, problem: `found only after ${slow} executions, not within ${within}` };
  }
  return { problem: "not found", found: [] };
}

async function findAgain(
  so: string,
  scenario: string,
  verdicts: string[],
  first: number,
): Promise<{ problem?: string; found: number[] }> {
  const found = [first];
  const slow = so.includes("misuse-18-"); // found by a clock, a second each
  for (let i = 1; i < (slow ? 2 : seeds); i++) {
    const result = await explore(so, scenario, "--seed", (i * seedDistance).toString(16), "--about", verdicts.join());
    if (!verdicts.includes(result.verdict)) return { problem: `seed ${i}: ${result.verdict} ${result.message}`, found };
    found.push(result.found_at);
  }
  return { found };
}

async function provePlanted(cc: string): Promise<void> {
  const rows: string[] = [];
  const name = ({ file, planted }: Planted) => `${cc} planted ${basename(file, ".c")} ${planted}`;
  await all(subjectFiles().flatMap(plantedIn), name, async (planted) => {
    const { problem, found } = await find(planted, cc);
    rows.push(
      `${median(found)}`.padStart(6) +
        `${Math.max(...found)}`.padStart(7) +
        `  ${basename(planted.file, ".c")} ${planted.planted}: ${planted.what}`,
    );
    return problem;
  });
  rows.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  console.log(
    `${cc}: executions until found, median and most over ${seeds} seeds, the ten hardest\n${rows.slice(0, 10).join("\n")}`,
  );
}

/** Its failure is told, and the same choices do not lead to it again. */
const UNREPEATABLE = "subjects/lane_of_the_moment.c";

/** One mistake of every file: the same bytes with and without address randomisation, and from the printed seed. */
async function proveReplay(cc: string): Promise<void> {
  const repeatable = subjectFiles().filter((file) => file !== UNREPEATABLE);
  const ones = repeatable.map((file) => plantedIn(file)[0]!);
  await all(
    ones,
    ({ file }) => `${cc} replay ${basename(file)}`,
    async ({ file, planted }) => {
      const so = await build({ file, planted, cc });
      for (const scenario of await scenarios(so)) {
        const { verdict, seed } = await explore(so, scenario);
        if (verdict === "pass") continue;
        const runs: string[] = [];
        for (const fixed of [false, false, true]) runs.push(await transcript(so, scenario, seed, fixed));
        return runs.every((run) => run === runs[0]) ? undefined : `three replays of seed ${seed} differ`;
      }
      return "nothing to replay";
    },
  );
}

/** A trace says of a store that its place is not behind all stores before it, or nobody could follow it. */
async function proveTraces(cc: string): Promise<void> {
  const so = await build({ file: "subjects/store_behind.c", planted: 1, cc });
  const { seed } = await explore(so, "two_stores");
  const said = await transcript(so, "two_stores", seed, false);
  check(`${cc} trace of a store that comes first`, said.includes("2, before the newest: 1") ? undefined : said);
}

/** A trace tells which steps are ordered: what comes before a thread's creation, but not the two steps of a race. */
async function proveOrders(cc: string): Promise<void> {
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
async function proveNames(cc: string): Promise<void> {
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

/** A history that nothing explains is told in the driver's words, with the order that was tried and where it breaks. */
async function proveHistories(cc: string): Promise<void> {
  const so = await build({ file: "subjects/lru.c", planted: 2, cc });
  const { message } = await explore(so, "history");
  const told =
    /^no order of the \d+ calls .* LRU cache\. The longest .*: T\d (?:put|get)\(.*\)(; T\d .*)*\. After it, none .*: T\d get\(\d\): /;
  check(`${cc} the words of a history`, told.test(message) ? undefined : message);
}

/** Who waits for ever is told with the threads that have ended, or in the words of explore_wait_for. */
async function proveWaiting(cc: string): Promise<void> {
  const drained = await explore(await build({ file: "subjects/pool.c", planted: 2, cc }), "drain");
  check(`${cc} threads that have ended`, / have ended$/.test(drained.message) ? undefined : drained.message);
  const polled = await explore(await build({ file: "subjects/held_back.c", planted: 2, cc }), "polled");
  const said =
    polled.message.startsWith("while one job runs, another does not begin; T") && polled.verdict === "property";
  check(`${cc} a poll for ever`, said ? undefined : `${polled.verdict}: ${polled.message}`);
}

/** Of two mistakes the one nearer to the cause is told, or the one that was asked for; the other is counted. */
async function proveNearest(cc: string): Promise<void> {
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
async function provePlainSteps(cc: string): Promise<void> {
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

/** Executions that explore_assume drops are counted, and prove nothing. */
async function proveAssumptions(cc: string): Promise<void> {
  const so = await build({ file: "subjects/plain.c", planted: 0, cc });
  const { verdict, executions, dropped } = await explore(so, "dividing", "--exhaustive", "0");
  const said = `${verdict}: ${dropped} of ${executions} dropped`;
  check(`${cc} assumptions`, said === "pass: 8 of 32 dropped" ? undefined : said);
}

/** A schedule found by exhaustive search has a seed of its own kind. */
async function proveScripts(cc: string): Promise<void> {
  const ones = subjectFiles().filter((file) => file.includes("mpsc"));
  await all(
    ones,
    (file) => `${cc} replay of exhaustive search ${basename(file)}`,
    async (file) => {
      const so = await build({ file, planted: 1, cc });
      const { verdict, seed } = await explore(so, "small", "--exhaustive", "3");
      if (verdict === "pass") return "nothing found";
      if (!seed.startsWith("x")) return `the seed ${seed} is none of a schedule`;
      const replayed = await explore(so, "small", "--seed", seed);
      if (replayed.verdict !== verdict) return `${verdict} became ${replayed.verdict}`;
      const [one, other] = [await transcript(so, "small", seed, false), await transcript(so, "small", seed, true)];
      return one === other ? undefined : `two replays of seed ${seed} differ`;
    },
  );
}

/** The verdicts do not hang on the optimisation level. */
async function proveLevels(cc: string): Promise<void> {
  const levels = ["-O0", "-O2"].flatMap((flags) => subjectFiles().map((file) => ({ file, flags })));
  await all(
    levels,
    ({ file, flags }) => `${cc} ${flags} ${basename(file)}`,
    async ({ file, flags }) => {
      const correct = await build({ file, planted: 0, cc, flags });
      for (const scenario of await scenarios(correct)) {
        const result = await explore(correct, scenario, "--executions", "2000");
        if (result.verdict !== "pass") return `${result.verdict}: ${result.message} (seed ${result.seed})`;
      }
      const { planted, verdicts } = plantedIn(file)[0]!;
      const wrong = await build({ file, planted, cc, flags });
      for (const scenario of await scenarios(wrong)) {
        const result = await explore(wrong, scenario);
        if (result.verdict !== "pass")
          return verdicts.includes(result.verdict) ? undefined : `${result.verdict}: ${result.message}`;
      }
      return "its first planted mistake was not found";
    },
  );
}

type Tree = { so: string; scenario: string; bound: string };

/** Up to the order of independent steps: the same outcomes, and the same ones are found wrong, in smaller trees. */
async function proveReduction(cc: string): Promise<void> {
  const programs = Array.from({ length: long ? 1000 : 40 }, (_, i) => randomProgram(i + 50_000));
  const random = await build({ file: await written("reduced.c", driverOf(programs)), planted: 0, cc });
  const litmus = await Promise.all(litmusFiles().map((file) => build({ file, planted: 0, cc })));
  const wrong = subjectFiles().filter((file) => /treiber|linked_queue|vyukov|publication/.test(file));
  const planted = wrong.flatMap((file) => [0, ...plantedIn(file).map((one) => one.planted)].map((n) => [file, n]));
  const subjects = await Promise.all(planted.map(([file, n]) => build({ file: String(file), planted: Number(n), cc })));
  const trees: Tree[] = [];
  for (const so of [random, ...litmus, ...subjects])
    for (const scenario of await scenarios(so)) for (const bound of ["1", "2"]) trees.push({ so, scenario, bound });
  const walked = [0, 0];
  await all(
    trees,
    ({ so, scenario, bound }) => `${cc} reduction ${basename(so)} ${scenario} ${bound}`,
    async ({ so, scenario, bound }) => {
      const [reduced, whole] = [
        await explore(so, scenario, "--exhaustive", bound, "--executions", "100000"),
        await explore(so, scenario, "--exhaustive", bound, "--executions", "100000", "--every-order"),
      ];
      if (whole.schedules!.complete) {
        walked[0]! += whole.schedules!.covered;
        walked[1]! += reduced.schedules!.covered;
      }
      const found = ({ verdict, outcomes }: Result) => (verdict === "pass" ? Object.keys(outcomes) : ["wrong"]);
      const lost = found(whole).filter((one) => !found(reduced).includes(one));
      const invented = found(reduced).filter((one) => whole.schedules!.complete && !found(whole).includes(one));
      if (whole.schedules!.complete && !reduced.schedules!.complete) return "the reduced tree is the larger one";
      return lost.length + invented.length === 0 ? undefined : `lost ${lost.join(" ")}, invented ${invented.join(" ")}`;
    },
  );
  console.log(
    `${cc}: ${trees.length} trees; those walked to the end have ${walked[0]} schedules, or ${walked[1]} up to the order of independent steps`,
  );
}

/** Without a bound on preemptions: every execution of a stack and of a queue. */
async function proveUnbounded(cc: string): Promise<void> {
  const ones = [
    ["subjects/treiber.c", "wide", 380],
    ["subjects/linked_queue.c", "queue", 200],
  ] as const;
  await all(
    [...ones],
    ([file]) => `${cc} every execution of ${basename(file)}`,
    async ([file, scenario, most]) => {
      const result = await explore(await build({ file, planted: 0, cc }), scenario, "--exhaustive", "all");
      const { covered, complete } = result.schedules!;
      console.log(
        `${cc}: ${basename(file)} ${scenario}: all ${covered} schedules, up to the order of independent steps`,
      );
      if (result.verdict !== "pass" || !complete) return `${result.verdict}: ${result.message}`;
      return covered <= most ? undefined : `${covered} schedules, where ${most} are enough`;
    },
  );
}

async function proveCertificate(cc: string): Promise<void> {
  const files = subjectFiles().filter((file) => file.includes("mpsc"));
  await all(
    files,
    (file) => `${cc} certificate ${basename(file)}`,
    async (file) => {
      const result = await explore(await build({ file, planted: 0, cc }), "small", "--exhaustive", "2");
      const { covered } = result.schedules!;
      console.log(`${cc}: ${basename(file)}: all ${covered} schedules with at most two preemptions`);
      return result.verdict === "pass" && result.schedules?.complete
        ? undefined
        : `${result.verdict}: ${result.message}`;
    },
  );
}

const compilers = ["gcc", "clang"].filter((cc) => (only ? cc === only : Bun.which(cc)));
proveOrder();
await buildExplorer();
for (const cc of compilers) {
  seeds = cc === compilers[0] || long ? manySeeds : fewSeeds;
  for (const prove of [
    proveLitmus,
    proveAxioms,
    provePlanted,
    proveReplay,
    proveTraces,
    proveOrders,
    proveNames,
    proveHistories,
    proveWaiting,
    proveNearest,
    provePlainSteps,
    proveAssumptions,
    proveScripts,
    proveLevels,
    proveReduction,
    proveUnbounded,
    proveCertificate,
  ])
    await prove(cc);
  await proveCorrect(cc, compilers.length);
}
if (!only && compilers.length < 2) console.log(`not proven: only ${compilers.join()} is installed`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
