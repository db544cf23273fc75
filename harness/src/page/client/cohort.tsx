// SPDX-License-Identifier: MIT
/// <reference lib="dom" />
/** The instructor's page: who stands where, which failures many share, whose programs are alike. */
import { render } from "preact";
import { useState } from "preact/hooks";
import type { SharedFailure, Similar } from "../../judge/cohort.ts";
import type { CohortData } from "../data.ts";
import { Progress } from "./progress.tsx";

const data: CohortData = JSON.parse(document.getElementById("data")!.textContent!);

function Page() {
  const { katas, learners, shared, similar, made, to_compare } = data;
  const [chosen, choose] = useState("");
  return (
    <main class="cohort">
      <header>
        <h1>c10kata: {learners.length} learners</h1>
        <p class="facts">
          as of {new Date(made).toLocaleString()}; loading the page again shows what has come since.{" "}
          <a href="scores.csv" download="scores.csv">
            all scores as CSV
          </a>
        </p>
        <nav aria-label="sections">
          <a href="#progress">progress</a> · <a href="#shared">failures that many share</a> ·{" "}
          <a href="#alike">programs that are alike</a>
        </nav>
      </header>
      <Progress learners={learners} katas={katas} chosen={chosen} choose={choose} />
      <Shared shared={shared} />
      <Alike similar={similar} toCompare={to_compare} />
    </main>
  );
}

/** So many names stand in a line; the rest is counted. */
const NAMES_MAX = 12;

function Shared({ shared }: { shared: SharedFailure[] }) {
  return (
    <section id="shared">
      <h2>Failures that many share</h2>
      {shared.length === 0 && <p>No two learners have the same.</p>}
      <ul class="shared">
        {shared.map(({ kata, check, names, saw }) => (
          <li key={`${kata} ${check}`}>
            <b>{names.length}</b> in {kata}: <code>{check}</code>
            <p class="facts">
              {names.slice(0, NAMES_MAX).join(", ")}
              {names.length > NAMES_MAX && `, and ${names.length - NAMES_MAX} more`}
            </p>
            <p class="facts">for example: {saw.split("\n")[0]}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Alike({ similar, toCompare }: { similar: CohortData["similar"]; toCompare: number }) {
  return (
    <section id="alike">
      <h2>Programs that are alike</h2>
      <p class="facts">
        For a person to judge: short programs with one contract are often alike, and no score depends on it. What a kata
        hands out is not counted, nor is what a quarter of all have. Lines are those of the longest common run.
        {toCompare > 0 && ` The files of ${toCompare} forks are still being read.`}
      </p>
      {similar.length > 0 && (
        <div class="scroll" role="group" aria-label="programs that are alike" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {["kata", "alike", "one", "lines", "the other", "lines"].map((title, at) => (
                  <th key={at} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {similar.map((pair) => (
                <tr key={`${pair.kata} ${pair.left} ${pair.right}`}>
                  <Pair {...pair} />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const Pair = ({ kata, share, left, left_lines, right, right_lines }: { kata: string } & Similar) =>
  [kata, `${Math.round(100 * share)} %`, left, left_lines.join("–"), right, right_lines.join("–")].map((text, at) => (
    <td key={at}>{text}</td>
  ));

render(<Page />, document.getElementById("page")!);
