// SPDX-License-Identifier: MIT

/** The exhaustive search: its seeds, and that it loses nothing by leaving out what only repeats. */
import { basename } from "node:path";
import { litmusFiles, plantedIn, subjectFiles } from "./expectations";
import { type Result, build, explore, scenarios, transcript, written } from "./explorer";
import { driverOf, randomProgram } from "./programs";
import { all, long } from "./tally";

/** A schedule found by exhaustive search has a seed of its own kind. */
export async function proveScripts(cc: string): Promise<void> {
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

type Tree = { so: string; scenario: string; bound: string };

/** Up to the order of independent steps: the same outcomes, and the same ones are found wrong, in smaller trees. */
export async function proveReduction(cc: string): Promise<void> {
  const programs = Array.from({ length: long ? 1000 : 40 }, (_, i) => randomProgram(i + 50_000));
  const random = await build({ file: await written("reduced.c", driverOf(programs)), planted: 0, cc });
  const litmus = await Promise.all(litmusFiles().map((file) => build({ file, planted: 0, cc })));
  const wrong = subjectFiles().filter((file) => /treiber|linked_queue|vyukov|publication|futex_condition/.test(file));
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
export async function proveUnbounded(cc: string): Promise<void> {
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

export async function proveCertificate(cc: string): Promise<void> {
  const queues = subjectFiles().filter((file) => file.includes("mpsc"));
  const locks = [
    ...["mutex_2", "mutex_3", "mutex_4", "last_user_of_2", "last_user_of_3"].map((name) => ["futex_mutex.c", name]),
    ...["last_user", "deadline"].map((name) => ["futex_semaphore.c", name]),
    ...["one", "broadcast", "signal"].map((name) => ["futex_condition.c", name]),
  ].map(([file, scenario]) => ({ file: `subjects/${file}`, scenario: scenario! }));
  await all(
    [...queues.map((file) => ({ file, scenario: "small" })), ...locks],
    ({ file, scenario }) => `${cc} certificate ${basename(file)} ${scenario}`,
    async ({ file, scenario }) => {
      const result = await explore(await build({ file, planted: 0, cc }), scenario, "--exhaustive", "2");
      const { covered } = result.schedules!;
      console.log(`${cc}: ${basename(file)} ${scenario}: all ${covered} schedules with at most two preemptions`);
      return result.verdict === "pass" && result.schedules?.complete
        ? undefined
        : `${result.verdict}: ${result.message}`;
    },
  );
}
