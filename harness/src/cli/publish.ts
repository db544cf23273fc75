// SPDX-License-Identifier: MIT
/** A fork's score, checked and made ready to be signed: what scripts/score-publish.ts does. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Sentence } from "../base/sentence.ts";
import { predicateOf } from "../judge/attestation.ts";
import type { ForkScore } from "../judge/fork.ts";
import { badge } from "../report/badge.ts";
import { annotations } from "../report/exports/annotations.ts";
import { summary } from "../report/exports/summary.ts";
import { forkScoreJson } from "../report/json.ts";
import { evidenceFrom } from "../score/evidence.ts";
import { findKata, kataIds } from "../kata/shelf.ts";

const commit = z.string().regex(/^[0-9a-f]{40}$/);
const repository = z.string().regex(/^[\w.-]+\/[\w.-]+$/);
const environment = z.object({
  GITHUB_SERVER_URL: z.url(),
  GITHUB_REPOSITORY: repository,
  GITHUB_SHA: commit,
  GITHUB_STEP_SUMMARY: z.string(),
  HARNESS_REPOSITORY: repository,
  HARNESS_SHA: commit,
});

function labelled(score: ForkScore): ForkScore {
  const katas = score.katas.map((one) =>
    "refused" in one ? one : { ...one, result: { ...one.result, trust: "attested" as const } },
  );
  return { ...score, katas };
}

/** Throws a Sentence when the score in `file` is not accepted; else `folder` holds what the workflow signs and uploads. */
export async function publish(file: string, folder: string): Promise<void> {
  const env = environment.safeParse(process.env);
  if (!env.success) throw new Sentence(`the environment: ${z.prettifyError(env.error)}`);
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_STEP_SUMMARY, HARNESS_REPOSITORY, HARNESS_SHA } =
    env.data;
  const katas = await Promise.all(kataIds().map((id) => findKata(id)));
  const source = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  const score = labelled(await evidenceFrom(file, { source, commit: GITHUB_SHA, katas }));
  const predicate = predicateOf(score, { repository: HARNESS_REPOSITORY, commit: HARNESS_SHA });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "score.json"), forkScoreJson(score));
  writeFileSync(join(folder, "predicate.json"), `${JSON.stringify(predicate, null, 2)}\n`);
  writeFileSync(join(folder, "badge.json"), badge(score));
  appendFileSync(GITHUB_STEP_SUMMARY, summary(score));
  process.stdout.write(annotations(score));
}
