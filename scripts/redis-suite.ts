// SPDX-License-Identifier: MIT
/**
 * `bun scripts/redis-suite.ts SOURCES`: the files of Redis' own test suite that are about kata 13's commands, played with its
 * reference. SOURCES is a folder of Redis 7.0's (Debian: `apt-get source redis`); `tclsh` runs the tests. Most of the tests
 * want commands that the kata leaves out. What else does not hold is listed: options and sizes that the contract leaves out, as
 * a rule, and to be read by a person.
 */
import { dlopen } from "bun:ffi";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { Unusable } from "../harness/src/base/command.ts";
import { readSubmission } from "../harness/src/build/submission.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { table } from "./verify/report.ts";

const FILES =
  "type/string type/incr type/list type/list-3 type/hash type/zset keyspace expire protocol quit other".split(" ");
const FILE_MS_MAX = 120_000;

const sources = process.argv[2];
if (!sources || !existsSync(join(sources, "runtest"))) {
  const why = sources ? `${sources} has no runtest, so it is not Redis' sources.` : "Redis' sources are wanted.";
  const how = "Get those of Redis 7.0 (Debian: apt-get source redis), and then: bun scripts/redis-suite.ts FOLDER";
  throw new Unusable(`${why} ${how}`);
}
if (!Bun.which("tclsh")) throw new Unusable("tclsh, which runs Redis' tests, is not installed (Debian: tcl)");
const kata = await findKata("13");
const library = await new Workpiece(kata, readSubmission(kata, join(ROOT, "solutions", kata.id))).guest("plain");
const server = dlopen(library, {
  server_start: { args: ["i64"], returns: "i32" },
  server_port: { args: [], returns: "u16" },
  server_clock: { args: ["i64"], returns: "void" },
  server_stop: { args: [], returns: "i32" },
}).symbols;

/** What the suite says of one file, a text for each test. */
async function play(file: string): Promise<string[]> {
  const how = ["--host", "127.0.0.1", "--port", String(server.server_port()), "--singledb", "--durable"];
  const child = Bun.spawn(["./runtest", ...how, "--ignore-encoding", "--no-latency", "--single", `unit/${file}`], {
    cwd: sources,
    timeout: FILE_MS_MAX,
    stdout: "pipe",
    stderr: "inherit",
    stdin: "ignore",
  });
  const said = Bun.stripANSI(await new Response(child.stdout).text());
  return said.split(/\n(?=\[(?:ok|err|exception|ignore|done)\])/);
}

server.server_start(BigInt(Date.now()));
const clock = setInterval(() => server.server_clock(BigInt(Date.now())), 1);
const rows: string[][] = [];
for (const file of FILES) {
  const told = await play(file);
  const failed = told.filter((text) => text.startsWith("[err]"));
  const others = failed.filter((text) => !text.includes("unknown command"));
  const held = told.filter((text) => text.startsWith("[ok]")).length;
  rows.push([file, String(held), String(failed.length - others.length), String(others.length)]);
  for (const text of others) console.log(text.split("\n", 3).join("\n      "));
}
clearInterval(clock);
server.server_stop();
console.log(table([["", "hold", "want other commands", "listed above"], ...rows]));
