// SPDX-License-Identifier: MIT
/**
 * Job two of .github/workflows/score-fork.yml: `bun scripts/score-publish.ts SCORE.json FOLDER`. It sees job one's score,
 * and nothing of the fork. What does not follow is refused; else FOLDER gets score.json, labelled attested, the
 * predicate.json that is signed for it, and badge.json; the summary and the annotations go to the runner.
 *
 * It wants GITHUB_SERVER_URL, GITHUB_REPOSITORY and GITHUB_SHA of the caller, HARNESS_REPOSITORY and HARNESS_SHA of the
 * workflow, and GITHUB_STEP_SUMMARY, a file. Exit 2: the score is not accepted.
 */
import { Sentence } from "../harness/src/base/sentence.ts";
import { publish } from "../harness/src/cli/publish.ts";

try {
  const [file, folder] = process.argv.slice(2);
  if (!file || !folder) throw new Sentence("usage: score-publish.ts SCORE.json FOLDER");
  await publish(file, folder);
} catch (error) {
  if (!(error instanceof Sentence)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
