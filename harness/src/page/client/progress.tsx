// SPDX-License-Identifier: MIT
/** Everybody's points in every kata; a cell that is chosen says why, and how to see the failure again. */
import { useState } from "preact/hooks";
import type { CohortData } from "../data.ts";

type Learner = CohortData["learners"][number];

interface Props {
  learners: Learner[];
  katas: string[];
  /** "name kata" */
  chosen: string;
  choose(cell: string): void;
}

const total = ({ katas }: Learner) => katas.reduce((sum, { points }) => sum + points, 0);
const at = (learner: Learner, kata: string) => learner.katas.find((one) => one.kata === kata);
const cellOf = ({ name }: Learner, kata: string) => `${name} ${kata}`;

/** By what the table can be ordered, the greatest number first. */
const numberOf = (learner: Learner, by: string) => (by === "points" ? total(learner) : (at(learner, by)?.points ?? -1));

export function Progress({ learners, katas, chosen, choose }: Props) {
  const [by, order] = useState("name");
  const ordered =
    by === "name"
      ? learners.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      : learners.toSorted((a, b) => numberOf(b, by) - numberOf(a, by));
  return (
    <section id="progress">
      <h2>Progress</h2>
      <div class="scroll" role="group" aria-label="progress" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {["name", "points", ...katas].map((title) => (
                <th
                  key={title}
                  scope="col"
                  aria-sort={by === title ? (title === "name" ? "ascending" : "descending") : "none"}
                >
                  <button type="button" class="order" onClick={() => order(title)}>
                    {title}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ordered.map((learner) => (
              <Row key={learner.name} learner={learner} katas={katas} chosen={chosen} choose={choose} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ learner, katas, chosen, choose }: Omit<Props, "learners"> & { learner: Learner }) {
  const open = katas.find((kata) => cellOf(learner, kata) === chosen);
  return (
    <>
      <tr>
        <th scope="row">{learner.name}</th>
        {learner.fault ? (
          <td colSpan={katas.length + 1}>not scored: {learner.fault}</td>
        ) : (
          <>
            <td>{total(learner)}</td>
            {katas.map((kata) => (
              <Cell key={kata} learner={learner} kata={kata} open={kata === open} choose={choose} />
            ))}
          </>
        )}
      </tr>
      {open && (
        <tr>
          <td colSpan={katas.length + 2}>
            <Why learner={learner} kata={open} />
          </td>
        </tr>
      )}
    </>
  );
}

function Cell({
  learner,
  kata,
  open,
  choose,
}: {
  learner: Learner;
  kata: string;
  open: boolean;
  choose(cell: string): void;
}) {
  const one = at(learner, kata);
  if (!one) return <td>–</td>;
  const mark = one.passed ? "good" : "bad";
  return (
    <td>
      <button
        type="button"
        class={`cell ${mark}`}
        aria-expanded={open}
        aria-label={`${learner.name}, ${kata}: ${one.points} points, ${one.passed ? "passed" : "not passed"}`}
        onClick={() => choose(open ? "" : cellOf(learner, kata))}
      >
        {one.passed && "✓ "}
        {one.points}
      </button>
    </td>
  );
}

function Why({ learner, kata }: { learner: Learner; kata: string }) {
  const one = at(learner, kata)!;
  return (
    <div class="failure">
      <p>
        <b>
          {learner.name}, {kata}
        </b>
        : {one.points} of {one.points_max} points{one.tier && `, ${one.tier}`}
        {one.first && (
          <>
            ; first failure <code>{one.first}</code>
          </>
        )}
      </p>
      {one.saw && <p>{one.saw}</p>}
      <p class="facts">
        {learner.source} at {learner.commit}
        {one.trust && `, trust: ${one.trust}`}
      </p>
      {one.again && <pre class="again">{one.again}</pre>}
    </div>
  );
}
