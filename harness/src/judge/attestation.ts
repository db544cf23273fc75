// SPDX-License-Identifier: MIT
/**
 * What `gh attestation verify --format json` found, held against what an organiser accepts. gh has checked the signature
 * and whose it is; that it was made by our workflow, at a commit that we released, on a machine of GitHub's, for this very
 * file, is checked here once more. Pure.
 */
import { z } from "zod";
import type { ForkScore } from "./fork.ts";

export const PREDICATE_TYPE = "urn:c10kata:attestation:v1";

/** What is signed beside the digest of the score's file. */
export const predicateSchema = z.strictObject({
  repository: z.string(),
  commit: z.string(),
  /** Who judged, at which commit. */
  harness: z.strictObject({ repository: z.string(), commit: z.string() }),
  salt: z.string(),
  katas: z.array(
    z.strictObject({
      kata: z.string(),
      score: z.int(),
      score_max: z.int(),
      passed: z.boolean(),
      tier: z.string().nullable(),
      bundle: z.string().optional(),
      grader: z.string().optional(),
      seed: z.string().optional(),
      compiler: z.string().optional(),
      /** The tier of the box that the program ran in. */
      box: z.string().optional(),
    }),
  ),
});
export type Predicate = z.infer<typeof predicateSchema>;

/** Refused files earn no points; all else follows from the score. */
export function predicateOf(score: ForkScore, harness: Predicate["harness"]): Predicate {
  const katas = score.katas.map((one): Predicate["katas"][number] => {
    if ("refused" in one) return { kata: one.kata, score: 0, score_max: 100, passed: false, tier: null };
    const { kata, bundle, grader, result } = one;
    const { score, score_max, passed, tier, seed, toolchain } = result;
    const how = { seed, compiler: toolchain.compiler, ...(result.box && { box: result.box.tier }) };
    return { kata, score, score_max, passed, tier, bundle, grader, ...how };
  });
  return { repository: score.source, commit: score.commit, harness, salt: score.salt, katas };
}

/** As far as we read it; there is more. */
const verifiedSchema = z.array(
  z.object({
    verificationResult: z.object({
      signature: z.object({
        certificate: z.object({
          buildSignerURI: z.string(),
          buildSignerDigest: z.string(),
          runnerEnvironment: z.string(),
          sourceRepositoryURI: z.string(),
          sourceRepositoryDigest: z.string(),
        }),
      }),
      statement: z.object({
        predicateType: z.string(),
        subject: z.array(z.object({ digest: z.object({ sha256: z.string() }) })),
        predicate: z.unknown(),
      }),
    }),
  }),
);
type Verified = z.infer<typeof verifiedSchema>[number];

export interface Policy {
  /** `https://github.com/OWNER/NAME/.github/workflows/score-fork.yml`: whatever branch or tag it was called by. */
  signer: string;
  /** Commits of the workflow that were released. A commit that lies in a fork alone answers to the same address. */
  digests: string[];
  /** `https://github.com/OWNER/NAME` of the fork, and its commit. */
  repository: string;
  commit: string;
  /** Of the score's file. */
  sha256: string;
}

/** The predicate of the one that is accepted; or why none is. */
export function accepted(answer: unknown, policy: Policy): Predicate | string[] {
  const verified = verifiedSchema.safeParse(answer);
  if (!verified.success) return [`gh's answer is not of the expected form: ${z.prettifyError(verified.error)}`];
  if (verified.data.length === 0) return ["there is no attestation"];
  const tried = verified.data.map((one) => [one, objectionsTo(one, policy)] as const);
  const [found] = tried.find(([, objections]) => objections.length === 0) ?? [];
  if (!found) return tried[0]![1];
  const predicate = predicateSchema.safeParse(found.verificationResult.statement.predicate);
  if (!predicate.success) return [`the predicate: ${z.prettifyError(predicate.error)}`];
  const { commit } = predicate.data.harness;
  const signer = found.verificationResult.signature.certificate.buildSignerDigest;
  return commit === signer ? predicate.data : [`it says that ${commit} judged; the workflow was at ${signer}`];
}

function objectionsTo({ verificationResult: { signature, statement } }: Verified, policy: Policy): string[] {
  const { certificate: is } = signature;
  const [signer] = is.buildSignerURI.split("@");
  const told: [boolean, string][] = [
    [signer === policy.signer, `it was signed by ${signer}, not by ${policy.signer}`],
    [
      policy.digests.includes(is.buildSignerDigest),
      `the workflow was at ${is.buildSignerDigest}, which is not allowed`,
    ],
    [is.runnerEnvironment === "github-hosted", `it ran on a machine of kind '${is.runnerEnvironment}'`],
    [is.sourceRepositoryURI === policy.repository, `it belongs to ${is.sourceRepositoryURI}`],
    [is.sourceRepositoryDigest === policy.commit, `it belongs to the commit ${is.sourceRepositoryDigest}`],
    [statement.predicateType === PREDICATE_TYPE, `it says something of type ${statement.predicateType}`],
    [statement.subject.some(({ digest }) => digest.sha256 === policy.sha256), "it was made for another file"],
  ];
  return told.flatMap(([holds, otherwise]) => (holds ? [] : [otherwise]));
}
