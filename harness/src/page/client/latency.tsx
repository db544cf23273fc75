// SPDX-License-Identifier: MIT
/** How long single operations took while throughput was measured: percentiles in a table, all of it as a curve. */
import { durationText, type Latency as Told } from "../../base/histogram.ts";
import type { Result } from "../../judge/score.ts";
import type { Plot } from "../../kata/plot.ts";
import { plotSvg } from "../../report/plot-svg.ts";
import { Picture } from "./picture.tsx";

type Metric = Result["metrics"][number];
type Measured = Metric & { latency: NonNullable<Metric["latency"]> };

export function Latency({ metrics }: { metrics: Metric[] }) {
  const measured = metrics.filter((metric): metric is Measured => metric.latency !== undefined);
  if (measured.length === 0) return null;
  return (
    <section>
      <h2>Latency</h2>
      <p class="facts">
        How long single operations took while throughput was measured, in all rounds together. A percentile is right
        within 3 %; a point of the curve stands for durations that differ by 25 % at most.
      </p>
      {measured.map((metric, at) => (
        <details key={metric.id} open={at === 0}>
          <summary>{metric.title}</summary>
          <Percentiles metric={metric} />
          <Curve metric={metric} />
        </details>
      ))}
    </section>
  );
}

const contenders = ({ latency: { learner, baseline, reference } }: Measured): [name: string, latency: Told][] => [
  ["this file", learner],
  ["baseline", baseline],
  ...(reference ? [["reference", reference] satisfies [string, Told]] : []),
];

const COLUMNS = [
  ["p50", "p50_us"],
  ["p99", "p99_us"],
  ["p99.9", "p999_us"],
  ["max", "max_us"],
] as const;

function Percentiles({ metric }: { metric: Measured }) {
  return (
    <div class="scroll" role="group" aria-label={`latency, ${metric.title}`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">latency</th>
            {COLUMNS.map(([name]) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">operations</th>
          </tr>
        </thead>
        <tbody>
          {contenders(metric).map(([name, latency]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {COLUMNS.map(([, key]) => (
                <td key={key}>{durationText(latency[key])}</td>
              ))}
              <td>{latency.count.toLocaleString("en")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Curve({ metric }: { metric: Measured }) {
  const plot: Plot = {
    title: `Latency, ${metric.title}`,
    x: { title: "latency (µs)", scale: "log" },
    y: { title: "operations (%)" },
    series: contenders(metric).map(([name, latency]) => ({ name, points: points(latency) })),
  };
  const told = contenders(metric).map(([name, { p50_us, p99_us }]) => {
    return `${name}: half within ${durationText(p50_us)}, 99 of 100 within ${durationText(p99_us)}`;
  });
  return <Picture svg={plotSvg(plot)} words={`${plot.title}. ${told.join("; ")}.`} />;
}

/** A point in the middle of each bucket; where there is no bucket the curve lies on the axis. */
function points({ buckets, count }: Told): Plot["series"][number]["points"] {
  return buckets.flatMap(([from, to, inside], at): [number, number][] => {
    const middle = from > 0 ? Math.sqrt(from * to) : to / 2;
    const half = Math.sqrt(to / (from > 0 ? from : to / 2));
    const before: [number, number][] = buckets[at - 1]?.[1] === from ? [] : [[middle / half / half, 0]];
    const after: [number, number][] = buckets[at + 1]?.[0] === to ? [] : [[middle * half * half, 0]];
    return [...before, [middle, (100 * inside) / count], ...after];
  });
}
