// SPDX-License-Identifier: MIT
/**
 * `bun run verify [NN] [--repeat N]`: the repository's own proof. Types, format, the harness's tests, every kata
 * (cached by turbo where nothing has changed), then throughput one after the other, never cached.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../harness/src/base/cache.ts";
import { resultJsonSchema } from "../harness/src/report/json.ts";
import { kataIds } from "../harness/src/kata/shelf.ts";
import { checkBun, toolchain } from "../harness/src/build/toolchain.ts";
import { reportTable, type KataReport } from "./report.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { repeat: { type: "string" } } });
const ids = kataIds().filter((id) => positionals.length === 0 || positionals.includes(id.slice(0, 2)));
let passed = 0;
const failed: string[] = [];
/** The last lines of each failed part, said again at the end: of a long log only the end is read. */
const lastWords: string[] = [];
const LAST_LINES = 60;

/** One part of the proof: named, timed, its output shown as it comes. */
async function part(name: string, argv: string[], cwd = ROOT): Promise<void> {
  const since = performance.now();
  console.log(`\n── ${name}`);
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", C10KATA_TOOLCHAIN: (await toolchain()).version };
  const child = Bun.spawn(argv, { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const lines: string[] = [];
  await Promise.all([shown(child.stdout, process.stdout, lines), shown(child.stderr, process.stderr, lines)]);
  const ok = (await child.exited) === 0;
  if (!ok) lastWords.push(`\n── ${name}, its last lines`, ...lines.slice(-LAST_LINES));
  outcome(name, ok, `${((performance.now() - since) / 1000).toFixed(1)} s`);
}

async function shown(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream, lines: string[]): Promise<void> {
  const text = new TextDecoder();
  let rest = "";
  for await (const bytes of from) {
    to.write(bytes);
    const parts = (rest + text.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
  }
  if (rest !== "") lines.push(rest);
}

function outcome(name: string, ok: boolean, note: string): void {
  if (ok) passed++;
  else failed.push(name);
  console.log(`${ok ? "✓" : "✗"} ${name} (${note})`);
}

const turbo = (...words: string[]) => [
  "bun",
  "x",
  "turbo",
  "run",
  ...words,
  "--output-logs=new-only",
  "--concurrency=1",
  "--continue",
];
const kataPackages = ids.map((id) => `--filter=@c10kata/${id}`);
const repeat = values.repeat === undefined ? [] : ["--force", "--", "--repeat", values.repeat];

checkBun();
await part("types", ["bun", "check", "--no-script"]);
await part("format", ["scripts/format", "--check"]);
const schema = join(ROOT, "harness", "result.schema.json");
const published = existsSync(schema) && readFileSync(schema, "utf8") === resultJsonSchema();
outcome("harness/result.schema.json is the result's", published, "bun scripts/publish-schema.ts writes it");
if (positionals.length === 0) {
  await part("harness", turbo("test", "--filter=@c10kata/harness"));
  await part("explorer", turbo("test", "--filter=@c10kata/native"));
}
for (const id of ids)
  await part(`${id}: checks on hand-written evidence`, ["bun", "test", "--only-failures"], join(ROOT, "solutions", id));
await part("katas", turbo("verify", ...kataPackages, ...repeat));
for (const id of ids) await part(`${id}: throughput`, ["bun", "scripts/verify-throughput.ts", id]);

const reports = ids
  .map((id) => join(ROOT, "katas", id, "grader", ".verify", "report.json"))
  .filter((path) => existsSync(path));
console.log(`\n${reportTable(reports.map((path) => JSON.parse(readFileSync(path, "utf8")) as KataReport))}\n`);
for (const line of lastWords) console.log(line);
for (const name of failed) console.log(`✗ ${name}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);
