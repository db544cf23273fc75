// SPDX-License-Identifier: MIT
/**
 * .github/workflows/score-fork.yml as far as it runs here: its own commands, in their order, on a bare repository that stands for
 * the fork; and what an organiser accepts, with a stand-in for gh. The actions, the signature and gh's verification are GitHub's.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { YAML } from "bun";
import { ROOT } from "../src/base/cache.ts";
import { PREDICATE_TYPE } from "../src/judge/attestation.ts";
import { forkScoreSchema, type ForkScore } from "../src/judge/fork.ts";
import { FIXTURES, newShelf, start } from "./child.ts";
import { git, newFork } from "./fork.ts";

const TIMEOUT_MS = 120_000;

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  permissions: Record<string, string>;
  steps: Step[];
}
const text = readFileSync(join(ROOT, ".github/workflows/score-fork.yml"), "utf8");
const workflow = YAML.parse(text) as { permissions: object; jobs: { run: Job; publish: Job } };
const jobs = Object.values(workflow.jobs);

describe("score-fork.yml", () => {
  test("job one may do nothing, job two only sign; nothing comes from inputs, secrets or caches", () => {
    expect(workflow.permissions).toEqual({});
    expect(jobs.map(({ permissions }) => permissions)).toEqual([{}, { "id-token": "write", attestations: "write" }]);
    expect(text).not.toMatch(/secrets\.|inputs\.|actions\/cache|pull_request_target|workflow_run/);
  });

  test("actions are pinned by commit, and what is checked out is this repository, without a token", () => {
    for (const { uses, with: words } of jobs.flatMap(({ steps }) => steps.filter((step) => step.uses))) {
      expect(uses).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
      if (!uses!.startsWith("actions/checkout@")) continue;
      expect(words!.repository).toContain("steps.own.outputs.repository");
      expect(words!.ref).toContain("steps.own.outputs.commit");
      expect(words!["persist-credentials"]).toBe(false);
    }
    expect(text.match(/uses: actions\/\S+ # v\d/g)).toHaveLength(6);
  });

  test("no expression is put into a command's text", () => {
    for (const { run } of jobs.flatMap(({ steps }) => steps)) expect(run ?? "").not.toContain("${{");
  });

  test("what it signs is what is collected", () => {
    expect(text).toContain(`predicate-type: ${PREDICATE_TYPE}\n`);
  });
});

const { home, katas } = newShelf();
const folder = mkdtempSync(join(tmpdir(), "c10kata-workflow-"));
afterAll(() => [home, folder].forEach((place) => rmSync(place, { recursive: true })));
const at = (...names: string[]) => join(folder, ...names);

const HARNESS = { repository: "school/c10kata", commit: "c".repeat(40) };
let commit = "";
const server = `file://${folder}`;

/** Runs a job's commands; files go to `folder`, where the next job finds what the actions would have carried. */
async function played({ steps }: Job) {
  const environment = {
    C10KATA_SHELF: katas,
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: "learner/fork",
    GITHUB_SHA: commit,
    GITHUB_STEP_SUMMARY: at("summary.md"),
    GITHUB_OUTPUT: at("output"),
    JOB: JSON.stringify({ workflow_repository: HARNESS.repository, workflow_sha: HARNESS.commit }, null, 2),
    HARNESS_REPOSITORY: HARNESS.repository,
    HARNESS_SHA: HARNESS.commit,
  };
  let stdout = "";
  for (const { run } of steps) {
    if (run === undefined) continue;
    const placed = run.replaceAll(/\b(evidence\/score\.json|score\.json|published)\b/g, (name) => at(name));
    const outcome = await start(["bash", "-eo", "pipefail", "-c", placed], environment).outcome;
    stdout += outcome.stdout;
    if (outcome.code !== 0) return { ...outcome, stdout };
  }
  return { code: 0, stdout, stderr: "" };
}

beforeAll(async () => {
  cpSync(join(FIXTURES, "01-answer"), join(katas, "01-answer"), { recursive: true });
  const path = relative(ROOT, join(katas, "01-answer", "answer.c"));
  const wrong = join(FIXTURES, "01-answer", "submissions", "wrong.c");
  const fork = newFork(at("work"), path, (file) => copyFileSync(wrong, file));
  commit = git(fork, "rev-parse", "HEAD");
  mkdirSync(at("learner"));
  git(fork, "clone", "--quiet", "--bare", fork, at("learner", "fork"));
  const run = await played(workflow.jobs.run);
  if (run.code !== 0) throw new Error(run.stderr);
  mkdirSync(at("evidence"));
}, TIMEOUT_MS);

const evidence = (): ForkScore => forkScoreSchema.parse(JSON.parse(readFileSync(at("score.json"), "utf8")));

/** Job two on job one's score, changed on the way. */
async function publishing(change: (score: any) => unknown = () => {}) {
  const score = evidence();
  change(score);
  writeFileSync(at("evidence/score.json"), JSON.stringify(score));
  return await played(workflow.jobs.publish);
}

test(
  "a fork whose file is wrong: job two signs what job one found, beside the learner's line",
  async () => {
    const { code, stdout } = await publishing();
    expect(code).toBe(0);
    expect(readFileSync(at("output"), "utf8")).toBe(
      `repository=${HARNESS.repository}\ncommit=${HARNESS.commit}\n`.repeat(2),
    );
    expect(stdout).toMatch(/^::error file=\S+\/01-answer\/answer\.c,line=\d+,title=01-answer more_answers/m);
    expect(readFileSync(at("summary.md"), "utf8")).toContain("0 of 1 kata passed, 10 of 100 points");
    const score = forkScoreSchema.parse(JSON.parse(readFileSync(at("published/score.json"), "utf8")));
    expect(score.katas).toMatchObject([{ result: { trust: "attested", score: 10, passed: false } }]);
    const predicate = JSON.parse(readFileSync(at("published/predicate.json"), "utf8"));
    expect(predicate).toMatchObject({ repository: `${server}/learner/fork`, commit, harness: HARNESS });
    expect(JSON.parse(readFileSync(at("published/badge.json"), "utf8"))).toMatchObject({
      message: "0 of 1 passed, 10 points",
    });
  },
  TIMEOUT_MS,
);

test.each<[string, (score: any) => unknown, RegExp]>([
  ["points that no check earned", ({ katas: [{ result }] }) => (result.score = 100), /its checks make .*it says/],
  [
    "a check said to have passed that needs one which did not",
    ({ katas: [{ result }] }) => Object.assign(result.checks.at(-1), { verdict: "pass", points: 40 }),
    /right_together has|its checks make|right_together passed, though/,
  ],
  ["more points for a check", ({ katas: [{ result }] }) => (result.checks[2].points = 90), /has 90 of 10 points/],
  ["a check that is left out", ({ katas: [{ result }] }) => result.checks.pop(), /its checks are .*; the kata has/],
  ["another commit", (score) => (score.commit = "d".repeat(40)), /it is of the commit d{40}/],
  ["another fork", (score) => (score.source = "file:///other"), /it is of file:\/\/\/other/],
  ["a seed of its choice", ({ katas: [{ result }] }) => (result.seed = "00000001"), /its seed is 00000001/],
  ["another grader", ({ katas: [kata] }) => (kata.grader = "0".repeat(64)), /another grader judged it/],
  ["a program that ran without a box", ({ katas: [{ result }] }) => delete result.box, /a box of tier D; B is needed/],
  ["a kata that is left out", (score) => score.katas.pop(), /its katas are ; there are 01-answer/],
  ["more than a score has", (score) => (score.more = 1), /Unrecognized key/],
])(
  "job two refuses %s",
  async (_, change, reason) => {
    const { code, stderr } = await publishing(change);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^this score is not accepted:$/m);
    expect(stderr).toMatch(reason);
  },
  TIMEOUT_MS,
);

test(
  "a runner that does not name this workflow's commit is refused before anything is checked out",
  async () => {
    const [own] = workflow.jobs.run.steps;
    const environment = { JOB: '{"status": "success"}', GITHUB_OUTPUT: at("nothing") };
    const { code, stdout } = await start(["bash", "-eo", "pipefail", "-c", own!.run!], environment).outcome;
    expect([code, stdout]).toEqual([1, "::error::the runner does not say which commit this workflow is of\n"]);
  },
  TIMEOUT_MS,
);

/** What gh says of a signature that it has verified, as far as it is read. */
function verification() {
  const file = readFileSync(at("published/score.json"));
  return {
    signature: {
      certificate: {
        buildSignerURI: `${server}/${HARNESS.repository}/.github/workflows/score-fork.yml@refs/tags/v1`,
        buildSignerDigest: HARNESS.commit,
        runnerEnvironment: "github-hosted",
        sourceRepositoryURI: `${server}/learner/fork`,
        sourceRepositoryDigest: commit,
      },
    },
    statement: {
      predicateType: PREDICATE_TYPE as string,
      subject: [{ name: "score.json", digest: { sha256: createHash("sha256").update(file).digest("hex") } }],
      predicate: JSON.parse(readFileSync(at("published/predicate.json"), "utf8")),
    },
  };
}
type Verification = ReturnType<typeof verification>;

/** Runs the collector with a gh that has this to say. */
async function collected(change: (verification: Verification) => unknown = () => {}, allowed = HARNESS.commit) {
  const result = verification();
  change(result);
  const bin = mkdtempSync(at("bin-"));
  const runs = { artifacts: [{ expired: false, workflow_run: { id: 7, head_sha: commit } }] };
  writeFileSync(join(bin, "runs.json"), JSON.stringify(runs));
  writeFileSync(join(bin, "verified.json"), JSON.stringify([{ attestation: {}, verificationResult: result }]));
  const script = `#!/bin/sh
case "$1 $2" in
"api "*) cat ${bin}/runs.json ;;
"run download") while [ "$1" != --dir ]; do shift; done; cp ${at("published")}/* "$2" ;;
"attestation verify") case "$*" in *--deny-self-hosted-runners*) cat ${bin}/verified.json ;; *) exit 9 ;; esac ;;
esac
`;
  writeFileSync(join(bin, "gh"), script);
  chmodSync(join(bin, "gh"), 0o755);
  writeFileSync(at("roster.csv"), `name,fork,commit\nAda,${server}/learner/fork,${commit}\n`);
  const words = [at("roster.csv"), at("accepted"), "--signer", HARNESS.repository, "--allow", allowed];
  const argv = [process.execPath, join(ROOT, "scripts/score-accept.ts"), ...words];
  return await start(argv, { C10KATA_SHELF: katas, PATH: `${bin}:${process.env.PATH}` }).outcome;
}

const FORGED: [string, (verification: Verification) => unknown, RegExp][] = [
  [
    "another workflow",
    ({ signature: { certificate } }) => (certificate.buildSignerURI = `${server}/learner/fork/.github/workflows/a.yml`),
    /it was signed by .*\/learner\/fork\/.github\/workflows\/a\.yml/,
  ],
  [
    "our workflow at a commit that lies in a fork alone",
    ({ signature: { certificate } }) => (certificate.buildSignerDigest = "e".repeat(40)),
    /the workflow was at e{40}, which is not allowed/,
  ],
  [
    "a machine of the learner's",
    ({ signature: { certificate } }) => (certificate.runnerEnvironment = "self-hosted"),
    /it ran on a machine of kind 'self-hosted'/,
  ],
  [
    "a classmate's fork",
    ({ signature: { certificate } }) => (certificate.sourceRepositoryURI = `${server}/classmate/fork`),
    /it belongs to .*classmate\/fork/,
  ],
  [
    "an earlier commit",
    ({ signature: { certificate } }) => (certificate.sourceRepositoryDigest = "f".repeat(40)),
    /it belongs to the commit f{40}/,
  ],
  ["another file", ({ statement }) => (statement.subject[0]!.digest.sha256 = "0".repeat(64)), /for another file/],
  ["a build's provenance", ({ statement }) => (statement.predicateType = "https://slsa.dev/provenance/v1"), /of type/],
  [
    "another grader's commit",
    ({ statement }) => (statement.predicate.harness.commit = "a".repeat(40)),
    /it says that a{40} judged; the workflow was at c{40}/,
  ],
  ["other points", ({ statement }) => (statement.predicate.katas[0].score = 100), /what was signed is not what/],
];

describe("an organiser", () => {
  beforeAll(async () => {
    expect((await publishing()).code).toBe(0);
  }, TIMEOUT_MS);

  test(
    "accepts what the workflow signed at a released commit",
    async () => {
      expect(await collected()).toEqual({ code: 0, stdout: "accepted  Ada\n", stderr: "" });
      const score = forkScoreSchema.parse(JSON.parse(readFileSync(at("accepted/Ada.json"), "utf8")));
      expect(score.katas).toMatchObject([{ result: { trust: "attested", score: 10 } }]);
    },
    TIMEOUT_MS,
  );

  test.each(FORGED)(
    "refuses the signature of %s",
    async (_, change, reason) => {
      const { code, stdout } = await collected(change);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^refused {3}Ada: /);
      expect(stdout).toMatch(reason);
    },
    TIMEOUT_MS,
  );

  test(
    "refuses a score of files that the commit does not hold",
    async () => {
      const path = at("published/score.json");
      const before = readFileSync(path, "utf8");
      const score = JSON.parse(before);
      score.katas = [{ kata: "01-answer", refused: "is not in the commit" }];
      writeFileSync(path, JSON.stringify(score));
      const { stdout } = await collected(({ statement }) => {
        statement.predicate.katas = [{ kata: "01-answer", score: 0, score_max: 100, passed: false, tier: null }];
      });
      writeFileSync(path, before);
      expect(stdout).toContain("01-answer: what was graded is not what the commit holds");
    },
    TIMEOUT_MS,
  );

  test(
    "has to say what is allowed",
    async () => {
      expect(await collected(undefined, "main")).toMatchObject({ code: 2, stderr: expect.stringContaining("40 hexa") });
    },
    TIMEOUT_MS,
  );
});
