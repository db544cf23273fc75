// SPDX-License-Identifier: MIT
/** One kata: how its latest grading ended, every check, throughput, and what was reached before. */
import type { CheckResult, Result } from "../../judge/score.ts";
import type { KataData } from "../data.ts";
import { Failure, Scrolled } from "./failure.tsx";
import { History } from "./history.tsx";
import { Lab } from "./labs.tsx";
import { Latency } from "./latency.tsx";
import { Throughput } from "./throughput.tsx";

export function KataPanel({ kata }: { kata: KataData }) {
  const { result } = kata;
  return (
    <article>
      <header>
        <h1>
          {kata.id.slice(0, 2)} {kata.title}
        </h1>
        <p class="idea">{kata.idea}</p>
        {result ? <Standing result={result} at={kata.history.at(-1)?.at} /> : <NotGraded id={kata.id} />}
      </header>
      {result && <Graded result={result} />}
      <History kata={kata} />
      {kata.lab && <Lab lab={kata.lab} heading="Lab, on this machine" />}
    </article>
  );
}

function NotGraded({ id }: { id: string }) {
  const number = id.slice(0, 2);
  return (
    <p>
      Not graded yet: <code>bun test katas/{number}</code>, or at every save <code>bun kata watch {number}</code>.
    </p>
  );
}

function Standing({ result, at }: { result: Result; at: string | undefined }) {
  const { passed, tier, score, score_max, submission, toolchain, seed, seconds } = result;
  return (
    <>
      <p class={passed ? "standing good" : "standing bad"}>
        {passed ? `passed${tier && tier !== "pass" ? `, ${tier}` : ""}` : "not passed"}: {score}/{score_max} points
      </p>
      <p class="facts">
        {submission.label}, {at ? `${new Date(at).toLocaleString()}, ` : ""}seed {seed}, {toolchain.compiler}, Linux{" "}
        {toolchain.kernel}, {toolchain.cpus} CPUs, {seconds.toFixed(1)} s, trust: {result.trust}
      </p>
    </>
  );
}

function Graded({ result }: { result: Result }) {
  const first = result.checks.find(({ id }) => id === result.first);
  return (
    <>
      {first && (
        <section aria-label="nearest failure" class="nearest">
          <Failure check={first} open />
        </section>
      )}
      {result.warnings && (
        <section>
          <h2>The compiler warns</h2>
          <Scrolled name="warnings" text={result.warnings} />
        </section>
      )}
      <section>
        <h2>Checks</h2>
        {(result.parts ?? []).map(({ file, score, score_max }) => (
          <>
            <h3>
              {file}: {score}/{score_max} points
            </h3>
            <Checks checks={result.checks.filter((check) => check.file === file)} />
          </>
        ))}
        {result.parts && <h3>together</h3>}
        <Checks checks={result.checks.filter(({ file }) => file === undefined)} />
      </section>
      {result.metrics.length > 0 && <Throughput metrics={result.metrics} />}
      <Latency metrics={result.metrics} />
    </>
  );
}

function Checks({ checks }: { checks: CheckResult[] }) {
  return (
    <ul class="checks">
      {checks.map((check) => (
        <li key={check.id}>
          <CheckRow check={check} />
        </li>
      ))}
    </ul>
  );
}

const MARKS: Partial<Record<CheckResult["verdict"], [sign: string, words: string]>> = {
  pass: ["✓", "passed"],
  not_reached: ["·", "not reached"],
  not_measurable: ["?", "not measurable"],
  harness_error: ["!", "harness error"],
};

function CheckRow({ check }: { check: CheckResult }) {
  const [sign, words] = MARKS[check.verdict] ?? ["✗", check.verdict.replaceAll("_", " ")];
  const points = check.points_max === 0 ? "gate" : `${check.points}/${check.points_max}`;
  const head = (
    <>
      <span class={`mark ${check.verdict}`} title={words}>
        <span aria-hidden="true">{sign}</span>
        <span class="heard">{words}</span>
      </span>
      <code class="id">{check.id}</code>
      <span class="points">{points}</span>
      <span class="short">{shortOf(check)}</span>
    </>
  );
  if (check.verdict === "pass" || check.waits_for) return <div class="check">{head}</div>;
  return (
    <details>
      <summary class="check">{head}</summary>
      <Failure check={check} />
    </details>
  );
}

function shortOf({ verdict, note, saw = "", waits_for }: CheckResult): string {
  if (verdict === "pass") return note ?? "";
  return waits_for ? `waits for ${waits_for}` : saw.split("\n")[0]!;
}
