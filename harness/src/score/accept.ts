// SPDX-License-Identifier: MIT
/** One fork's attested score: downloaded, its signature verified by gh, recomputed, and compared with the fork's files. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { withTemporary } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { accepted, PREDICATE_TYPE, predicateOf, type Predicate } from "../judge/attestation.ts";
import type { ForkScore } from "../judge/fork.ts";
import type { Kata } from "../kata/kata.ts";
import { collect } from "./collect.ts";
import { digestOf } from "./digest.ts";
import type { Job } from "./engine.ts";
import { evidenceIn, textOf } from "./evidence.ts";

/** As the workflow calls what it uploads. */
const ARTIFACT = "c10kata-score";
const WORKFLOW = ".github/workflows/score-fork.yml";

export interface Accepting {
  /** OWNER/NAME of the repository whose workflow has to have signed. */
  signer: string;
  /** Its commits that were released. */
  digests: string[];
  katas: Kata[];
}

/** Throws Unusable with the first reason not to accept it. */
export async function acceptFork(job: Job, accepting: Accepting): Promise<ForkScore> {
  const { katas } = accepting;
  const { server, name } = placeOf(job.source);
  const source = `${server}/${name}`;
  const fork = await collect(source, katas, job.commit);
  const { commit } = fork;
  return await withTemporary(async (folder) => {
    const file = await download(name, commit, folder);
    const text = textOf(file);
    const predicate = await verified(file, text, { server, name, commit }, accepting);
    const score = await evidenceIn(text, { source, commit, katas });
    if (!Bun.deepEquals(predicate, predicateOf(score, predicate.harness)))
      throw new Unusable("what was signed is not what the score says");
    for (const [at, own] of fork.katas.entries()) {
      const told = score.katas[at]!;
      const bundle = "submission" in own ? digestOf(own.submission) : undefined;
      if (bundle !== ("bundle" in told ? told.bundle : undefined))
        throw new Unusable(`${told.kata}: what was graded is not what the commit holds`);
    }
    return score;
  });
}

interface Place {
  server: string;
  /** OWNER/NAME */
  name: string;
}

function placeOf(source: string): Place {
  const [, server, name] = /^(\w+:\/\/.+?)\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(source) ?? [];
  if (!server || !name) throw new Unusable(`${source}: no address of the form https://github.com/OWNER/NAME`);
  return { server, name };
}

const runsSchema = z.object({
  artifacts: z.array(z.object({ expired: z.boolean(), workflow_run: z.object({ id: z.int(), head_sha: z.string() }) })),
});

/** Whichever run made it: its signature counts. */
async function download(fork: string, commit: string, folder: string): Promise<string> {
  const answer = await gh("api", `repos/${fork}/actions/artifacts?name=${ARTIFACT}&per_page=100`);
  const { artifacts } = runsSchema.parse(JSON.parse(answer));
  const found = artifacts.find(({ expired, workflow_run }) => !expired && workflow_run.head_sha === commit);
  if (!found) throw new Unusable(`it has no artifact ${ARTIFACT} of the commit ${commit}`);
  await gh("run", "download", String(found.workflow_run.id), "--repo", fork, "--name", ARTIFACT, "--dir", folder);
  return join(folder, "score.json");
}

async function verified(
  file: string,
  text: string,
  { server, name, commit }: Place & { commit: string },
  { signer, digests }: Accepting,
): Promise<Predicate> {
  const who = ["--repo", name, "--signer-workflow", `${signer}/${WORKFLOW}`, "--source-digest", commit];
  const what = ["--predicate-type", PREDICATE_TYPE, "--deny-self-hosted-runners", "--format", "json"];
  const answer = await gh("attestation", "verify", file, ...who, ...what);
  const found = accepted(JSON.parse(answer), {
    signer: `${server}/${signer}/${WORKFLOW}`,
    digests,
    repository: `${server}/${name}`,
    commit,
    sha256: createHash("sha256").update(text).digest("hex"),
  });
  if (Array.isArray(found)) throw new Unusable(found.join("; "));
  return found;
}

async function gh(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(["gh", ...words]);
  if (code !== 0) throw new Unusable(`gh ${words.slice(0, 2).join(" ")}: ${stderr.trim()}`);
  return stdout;
}
