// SPDX-License-Identifier: MIT
/**
 * The organiser's side of .github/workflows/score-fork.yml: collects what forks have attested, and believes none of it.
 *
 *     bun scripts/score-accept.ts ROSTER.csv FOLDER --signer OWNER/NAME --allow COMMIT [--allow COMMIT ...]
 *
 * ROSTER.csv has a column `fork` (https://github.com/...), and if wanted `name` and `commit`. --signer: the repository
 * whose workflow has to have signed; --allow: its commits that were released. For every fork the score of that commit, or
 * of its HEAD, is downloaded; its signature is verified by gh (signed in, and new enough for `attestation verify
 * --source-digest`); its sum is recomputed; its digests are compared with the fork's own files, and with this checkout,
 * which has to be at the commit that judged. Accepted scores go to FOLDER/NAME.json, what is refused is told.
 *
 * Exit 0: all are accepted. 1: not all. 2: a wrong command. Scores that prizes hang on are graded again:
 * `bun kata score --roster`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Unusable } from "../harness/src/base/command.ts";
import { Sentence } from "../harness/src/base/sentence.ts";
import { forkScoreJson } from "../harness/src/report/json.ts";
import { acceptFork } from "../harness/src/score/accept.ts";
import { findKata, kataIds } from "../harness/src/kata/shelf.ts";
import { readRoster } from "../harness/src/score/roster.ts";

async function accept(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { signer: { type: "string" }, allow: { type: "string", multiple: true } },
  });
  const [roster, folder] = positionals;
  const { signer, allow = [] } = values;
  if (!roster || !folder || !signer || allow.length === 0)
    throw new Unusable("usage: score-accept.ts ROSTER.csv FOLDER --signer OWNER/NAME --allow COMMIT ...");
  const wrong = allow.find((one) => !/^[0-9a-f]{40}$/.test(one));
  if (wrong !== undefined) throw new Unusable(`--allow ${wrong}: a commit has 40 hexadecimal digits`);
  const katas = await Promise.all(kataIds().map((id) => findKata(id)));
  mkdirSync(folder, { recursive: true });
  let all = true;
  for (const { name, job } of readRoster(roster)) {
    try {
      const score = await acceptFork(job, { signer, digests: allow, katas });
      writeFileSync(join(folder, `${name.replaceAll(/[^\w.-]+/g, "_")}.json`), forkScoreJson(score));
      console.log(`accepted  ${name}`);
    } catch (error) {
      if (!(error instanceof Sentence)) throw error;
      console.log(`refused   ${name}: ${error.message}`);
      all = false;
    }
  }
  return all;
}

try {
  process.exitCode = (await accept()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Sentence) && !(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
