// SPDX-License-Identifier: MIT
/** Redis itself as a witness: its server for the same lists of commands, its clients against the learner's server. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fail, notMeasurable, pass, type Check } from "@c10kata/harness/check";
import type { Play, Stage } from "@c10kata/harness/stage";
import { judgeLate, runClient, type Ran } from "@c10kata/harness/witness";
import fc from "fast-check";
import { HASHES, KEYS, LISTS, MANY, SORTED_SETS, STRINGS } from "./always.ts";
import { hashCommand, keyCommand, listCommand, listOf, setCommand, stringCommand } from "./lists.ts";
import type { Words } from "./model.ts";
import { Connection, startRedis } from "./real-redis.ts";
import { RECORDED } from "./recorded.ts";
import { resp, visible } from "./story.ts";

/** Not Redis' own answers by contract. */
const OURS = ["client", "command", "config", "info", "function"];
const comparable = (words: Words) => !OURS.includes(words[0]!.toLowerCase());
const anyCommand = fc.oneof(stringCommand, keyCommand, hashCommand, listCommand, setCommand).filter(comparable);
const LISTS_DRAWN = listOf(anyCommand);
/** Some lists, the same for each seed. */
export const drawnLists = (numRuns: number, seed: number): Words[][] => fc.sample(LISTS_DRAWN, { numRuns, seed });
export const NAMED = [STRINGS, KEYS, HASHES, LISTS, SORTED_SETS, MANY].map((list) => list.filter(comparable));

/** What the answers to a list are, whatever the clock did and in whichever order keys were found. */
export function comparableAnswers(list: Words[], answers: string[]): string[] {
  return answers.map((answer, at) => {
    const name = list[at]![0]!.toLowerCase();
    if (name === "ttl" && /^:\d/.test(answer)) return ":a time to live";
    if (name !== "keys") return answer;
    const [head, ...keys] = answer.split(/(?<=\r\n)(?=\$)/);
    return head + keys.toSorted().join("");
  });
}

/** What record.ts wrote: a list and its answers on each line. */
export function readRecorded(): { list: Words[]; answers: string[] }[] {
  const lines = RECORDED.trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** The answers of a server that has no keys before. */
export async function answersOf(server: Connection, list: Words[]): Promise<string[]> {
  const all = [["FLUSHALL"], ...list];
  const answers = await server.ask(all.map(resp).join(""), all.length);
  return comparableAnswers(list, answers.slice(1));
}

export interface Difference {
  list: string[];
  saw: string;
  expected: string;
}

export interface WitnessEvidence {
  refused?: string;
  /** Where the right answers come from. */
  oracle: "redis-server" | "recorded";
  lists: number;
  difference?: Difference;
  /** What redis-cli and redis-benchmark said; none: not installed. After one that is late none was tried. */
  clients: ClientRun[];
  installed: boolean;
}

interface ClientRun extends Pick<Ran, "code">, Partial<Pick<Ran, "late">> {
  name: string;
  said: string;
}

function differenceOf(list: Words[], seen: string[], due: string[]): Difference | undefined {
  const at = due.findIndex((answer, i) => seen[i] !== answer);
  if (at < 0) return undefined;
  const shown = list.slice(0, at + 1).map((words) => visible(words.join(" ")).slice(0, 60));
  return {
    list: shown.slice(-6),
    saw: visible(seen[at] ?? "nothing, the connection is over").slice(0, 120),
    expected: visible(due[at]!).slice(0, 120),
  };
}

/** The shortest list that the two answer differently. */
async function compareWithRedis(stage: Stage, tried: Connection, real: Connection, evidence: WitnessEvidence) {
  const property = fc.asyncProperty(LISTS_DRAWN, async (list) => {
    evidence.lists++;
    const difference = differenceOf(list, await answersOf(tried, list), await answersOf(real, list));
    if (difference) evidence.difference = difference;
    return difference === undefined;
  });
  const examples = NAMED.map((list): [Words[]] => [list]);
  await fc.check(property, {
    seed: stage.seed,
    examples,
    numRuns: stage.params.lists!,
    interruptAfterTimeLimit: 8_000,
  });
}

async function compareWithRecorded(tried: Connection, evidence: WitnessEvidence) {
  for (const { list, answers } of readRecorded()) {
    evidence.lists++;
    evidence.difference = differenceOf(list, await answersOf(tried, list), answers);
    if (evidence.difference) return;
  }
}

/** All of them together end before the stage's deadline. */
const PATIENCE = { first: 15, again: 30 };
const TESTS = "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,hset,lrange_100,mset";
const BENCHMARK = ["-q", "-n", "600", "-c", "20", "-r", "500", "-t", TESTS];

async function runClients(socket: string, real: string | undefined, evidence: WitnessEvidence) {
  const runs: [string, string[]][] = [
    ["redis-cli", ["SET", "greeting", "hello world"]],
    ["redis-cli", ["--raw", "GET", "greeting"]],
    ["redis-benchmark", ["-P", "1", ...BENCHMARK]],
    ["redis-benchmark", ["-P", "16", ...BENCHMARK]],
  ];
  for (const [name, words] of runs) {
    if (!Bun.which(name)) return;
    const of = (server: string) => [name, "-s", server, ...words];
    const run = await runClient(of(socket), "", real ? of(real) : undefined, PATIENCE);
    evidence.clients.push({ ...run, name, said: `${run.stdout}${run.stderr}`.replaceAll(/[^\n]*\r/g, "").trim() });
    if (run.late) break;
  }
  evidence.installed = true;
}

export const playWitness: Play<WitnessEvidence> = async (stage) => {
  const evidence: WitnessEvidence = { oracle: "recorded", lists: 0, clients: [], installed: false };
  const said = await stage.start("serve.ts", ["tried.sock"]).heard();
  if (said !== "listens") return { ...evidence, refused: said ?? "the server ended before it listened" };
  const socket = join(stage.folder, "tried.sock");
  const tried = await Connection.open(socket);
  const real = await startRedis(stage.folder);
  try {
    if (real) {
      evidence.oracle = "redis-server";
      const connection = await Connection.open(real.socket);
      await compareWithRedis(stage, tried, connection, evidence);
      connection.close();
    } else await compareWithRecorded(tried, evidence);
    tried.close();
    if (!evidence.difference && existsSync(socket)) await runClients(socket, real?.socket, evidence);
  } finally {
    await real?.stop();
  }
  return evidence;
};

export const sameAsRedis: Check<WitnessEvidence> = {
  id: "same_as_redis",
  points: 4,
  needs: ["strings", "keys", "hashes", "lists", "sorted_sets"],
  run({ refused, difference, oracle, lists }) {
    if (refused) return fail({ saw: refused, expected: "a server" });
    if (difference) {
      return fail({
        saw: `${difference.list.join(" | ")} -> ${difference.saw}`,
        expected: `${difference.expected}, as ${oracle === "redis-server" ? "redis-server here says" : "redis-server 7.0.15 said"}`,
        lookAt: "which of the commands before it has left the key in another state than Redis would?",
      });
    }
    const by =
      oracle === "redis-server" ? "redis-server here" : "recorded answers, since there is no redis-server 7.0 here";
    return pass(`${lists} lists of commands, judged by ${by}`);
  },
};

export const realClients: Check<WitnessEvidence> = {
  id: "real_clients",
  points: 2,
  needs: "same_as_redis",
  run({ clients, installed }) {
    const late = clients.find((client) => client.late);
    const unanswered = "which of twenty connections, or which of sixteen requests at once, has no answer?";
    if (late) return judgeLate(late.name, late.late!, PATIENCE, unanswered);
    const bad = clients.find(({ code, said }) => code !== 0 || /error/i.test(said));
    if (bad) {
      return fail({
        saw: `${bad.name} ended with ${bad.code}: ${bad.said.split("\n").at(-1)?.slice(0, 160)}`,
        expected: `${bad.name} is content with the server`,
        lookAt: "what does this client ask before it begins, and many times at once?",
      });
    }
    if (!installed) return notMeasurable("redis-cli and redis-benchmark are not installed (Debian: redis-tools)");
    const raw = clients[1]!;
    if (raw.said === "hello world") return pass();
    return fail({ saw: `redis-cli GET greeting -> ${raw.said}`, expected: "hello world" });
  },
};
