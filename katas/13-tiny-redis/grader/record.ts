// SPDX-License-Identifier: MIT
/**
 * Writes recorded.ts: what a real redis-server 7.0 answers to some lists of commands, for machines that have none.
 *
 *   bun katas/13-tiny-redis/grader/record.ts
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection, startRedis } from "./real-redis.ts";
import { answersOf, drawnLists, NAMED } from "./witness.ts";

const DRAWN = 60;
const folder = mkdtempSync(join(tmpdir(), "record-"));
const real = await startRedis(folder);
if (!real) throw new Error("no redis-server 7.0 is installed here");
const connection = await Connection.open(real.socket);
const lists = [...NAMED, ...drawnLists(DRAWN, 13)];
const recorded = [];
for (const list of lists) recorded.push({ list, answers: await answersOf(connection, list) });
const head = `// SPDX-License-Identifier: MIT
/** Written by record.ts: a list of commands and a real redis-server's answers on each line. cspell:disable */
`;
const lines = recorded.map((one) => `${JSON.stringify(one)}\n`).join("");
await Bun.write(join(import.meta.dir, "recorded.ts"), `${head}export const RECORDED = String.raw\`\n${lines}\`;\n`);
connection.close();
await real.stop();
rmSync(folder, { recursive: true });
