// SPDX-License-Identifier: MIT
/** curl and wrk as witnesses: clients that were not written for this kata. */
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fail, notMeasurable, pass, type Check, type Judgement } from "@c10kata/harness/check";
import type { Play } from "@c10kata/harness/stage";
import { judgeLate, runClient, type Ran } from "@c10kata/harness/witness";

export interface ClientRun extends Pick<Ran, "code">, Partial<Pick<Ran, "late">> {
  words: string[];
  said: string;
  expected: string;
}

export interface WitnessEvidence {
  /** What curl said; none: it is not installed. After one that is late none was tried. */
  curl: ClientRun[];
  /** What wrk said; undefined: it is not installed, or was not tried. */
  wrk?: string;
}

/** All of them together end before the stage's deadline. */
const PATIENCE = { first: 20, again: 60 };

const LARGE = 2 << 20;
const WRITTEN = ["-o", "/dev/null", "-w", "%{http_code} %{size_upload} %{size_download}"];

/** What curl is asked for, what it is given to send, and what it has to say. */
const ASKED: [words: string[], input: string, expected: string][] = [
  [["http://h/a?b=c"], "", "GET /a?b=c"],
  [["-w", " %{http_code} %{num_connects}\n", "http://h/1", "http://h/2"], "", "GET /1 200 1\nGET /2 200 0\n"],
  [["--data-binary", "a=1&b=2", "http://h/p"], "", "POST /p a=1&b=2"],
  [["-T", "-", "http://h/chunked"], "one piece", "PUT /chunked one piece"],
  [["-H", "Expect: 100-continue", "--data-binary", "@-", "http://h/asks"], "first", "POST /asks first"],
  [[...WRITTEN, "--data-binary", "@-", "http://h/l"], "x".repeat(LARGE), `200 ${LARGE} ${LARGE + "POST /l ".length}`],
  [["-I", ...WRITTEN, "http://h/head"], "", "200 0 0"],
  [["-0", "http://h/old"], "", "GET /old"],
  [["-H", "Host:", "-o", "/dev/null", "-w", "%{http_code}", "http://h/"], "", "400"], // its text is free
];

const curl = (socket: string, words: string[]) => [
  "curl",
  "-q",
  "-sS",
  "--noproxy",
  "*",
  "--unix-socket",
  socket,
  ...words,
];

/** `other`: of a server of bun's. */
async function ask(
  [words, input, expected]: (typeof ASKED)[number],
  socket: string,
  other: string,
): Promise<ClientRun> {
  const run = await runClient(curl(socket, words), input, curl(other, ["http://h/"]), PATIENCE);
  return { ...run, words, said: run.stdout || run.stderr.trim(), expected };
}

/** wrk knows no socket files: a port of this process leads to it. */
async function runWrk(socket: string): Promise<string> {
  const server = createServer((client) => {
    const toServer = connect(socket);
    for (const side of [client, toServer]) side.on("error", () => side.destroy()); // a reset is an end
    client.pipe(toServer);
    toServer.pipe(client);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const words = ["wrk", "-t", "1", "-c", "8", "-d", "1s", "--timeout", `${PATIENCE.first}s`, url];
  const child = Bun.spawn(words, { timeout: PATIENCE.again * 1000, stdout: "pipe", stderr: "ignore", stdin: "ignore" });
  const said = await new Response(child.stdout).text();
  server.close();
  return said;
}

export const playWitness: Play<WitnessEvidence> = async (stage) => {
  const evidence: WitnessEvidence = { curl: [] };
  const socket = join(stage.folder, "tried.sock");
  if (!Bun.which("curl")) return evidence;
  await stage.start("serve.ts", ["tried.sock"]).heard();
  const other = join(stage.folder, "other.sock");
  await using server = Bun.serve({ unix: other, fetch: () => new Response("here") });
  void server;
  for (const asked of ASKED) {
    const run = await ask(asked, socket, other);
    evidence.curl.push(run);
    if (run.late || run.said !== run.expected) return evidence;
  }
  if (Bun.which("wrk")) evidence.wrk = await runWrk(socket);
  return evidence;
};

const shown = (text: string) => JSON.stringify(text.length > 160 ? `${text.slice(0, 160)}...` : text);

function judgeCurl({ words, said, expected, code, late }: ClientRun): Judgement | undefined {
  const call = `curl ${words.join(" ")}`.replaceAll("\n", "\\n");
  if (late) return judgeLate(call, late, PATIENCE, "what does this client wait for before it goes on?");
  if (said === expected) return undefined;
  return fail({
    saw: `${call} -> ${shown(said)}${code === 0 ? "" : ` (exit code ${code})`}`,
    expected: shown(expected),
    lookAt: "what does this client send? (curl -v shows it)",
  });
}

/** How many of wrk's requests went wrong, in its words; a time-out is the machine's. */
function judgeWrk(said: string): Judgement | undefined {
  const wrong = /connect [1-9]\d*|read [1-9]\d*|write [1-9]\d*|Non-2xx or 3xx responses: \d+/.exec(said)?.[0];
  if (!wrong) return undefined;
  return fail({
    saw: `wrk with 8 connections counts errors: ${wrong}`,
    expected: "none, and 200 for each request",
    lookAt: "what do 8 connections do that one does not?",
  });
}

export const realClients: Check<WitnessEvidence> = {
  id: "real_clients",
  points: 2,
  needs: "every_answer",
  run({ curl, wrk }) {
    if (curl.length === 0) return notMeasurable("curl is not installed", "scripts/setup --with clients");
    const bad = curl.map(judgeCurl).find(Boolean) ?? judgeWrk(wrk ?? "");
    if (bad) return bad;
    const requests = /(\d+) requests in/.exec(wrk ?? "")?.[1] ?? "0";
    if (wrk === undefined)
      return notMeasurable("curl is content; wrk is not installed", "scripts/setup --with clients");
    if (requests === "0") return notMeasurable("wrk had no answer in its time");
    return pass(`curl, and ${Number(requests).toLocaleString("en")} requests of wrk`);
  },
};
