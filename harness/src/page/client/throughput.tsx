// SPDX-License-Identifier: MIT
/** Throughput against the baseline: each metric's ratio with its interval, and the thresholds of the one that is gated. */
import type { Result } from "../../judge/score.ts";

type Metric = Result["metrics"][number];

const percent = (value: number, max: number) => `${(100 * value) / max}%`;

/** Of the scale: what a threshold's name takes. Where the next one is nearer, the sentence alone says it. */
const NAME_SHARE = 0.1;

export function Throughput({ metrics }: { metrics: Metric[] }) {
  const max = 1.05 * Math.max(...metrics.flatMap(({ vs_baseline, tiers }) => [vs_baseline.high, tiers?.gold ?? 0, 1]));
  return (
    <section>
      <h2>Throughput against the baseline</h2>
      <p class="facts">
        Higher is faster; the bar is the 90 % interval. Ratios hold on the machine and in the run that measured them.
      </p>
      <ul class="metrics">
        {metrics.map((metric) => (
          <li key={metric.id}>
            <MetricRow metric={metric} max={max} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function MetricRow({ metric, max }: { metric: Metric; max: number }) {
  const { title, vs_baseline: v, vs_reference: r, tiers, rough, rounds } = metric;
  return (
    <>
      <p>
        {title}: <b>{v.ratio.toFixed(2)}x</b>, {v.low.toFixed(2)} to {v.high.toFixed(2)} in {rounds} rounds
        {rough && `, by CPU time only: ${rough}`}
        {r && `, ${r.ratio.toFixed(2)}x the reference`}
        {tiers && `; pass ${tiers.pass}, silver ${tiers.silver}, gold ${tiers.gold}`}
      </p>
      <div class="scale" aria-hidden="true">
        <span class="one" style={{ left: percent(1, max) }} title="the baseline" />
        {Object.entries(tiers ?? {}).map(([tier, value], at, all) => (
          <span key={tier} class="tier" style={{ left: percent(value, max) }}>
            {at > 0 && value - all[at - 1]![1] < NAME_SHARE * max ? null : (
              <span>
                {tier} {value}
              </span>
            )}
          </span>
        ))}
        <span class="interval" style={{ left: percent(v.low, max), width: percent(v.high - v.low, max) }} />
        <span class="ratio" style={{ left: percent(v.ratio, max) }} />
      </div>
    </>
  );
}
