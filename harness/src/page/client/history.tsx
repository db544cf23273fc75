// SPDX-License-Identifier: MIT
/** What was reached before: score by score, and throughput where it was measured. */
import { plotSvg } from "../../report/plot-svg.ts";
import type { KataData } from "../data.ts";
import { Picture } from "./picture.tsx";

/** Of a long history the end is shown. */
const SHOWN_MAX = 20;

export function History({ kata: { history, best } }: { kata: KataData }) {
  if (history.length === 0) return null;
  const shown = history.slice(-SHOWN_MAX).toReversed();
  return (
    <section>
      <h2>History</h2>
      {history.length > 1 && <Curve history={history} />}
      <div class="scroll" role="group" aria-label="gradings" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">when</th>
              <th scope="col">points</th>
              <th scope="col">throughput</th>
              <th scope="col">ended with</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((kept) => (
              <tr key={kept.at} class={kept.at === best?.at ? "best" : undefined}>
                <td>{new Date(kept.at).toLocaleString()}</td>
                <td>
                  {kept.score}/{kept.score_max}
                </td>
                <td>{kept.ratio ? `${kept.ratio.toFixed(2)}x` : ""}</td>
                <td>
                  {kept.passed
                    ? `passed${kept.tier && kept.tier !== "pass" ? `, ${kept.tier}` : ""}`
                    : (kept.failed ?? "")}
                  {kept.at === best?.at && " (best)"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {history.length > SHOWN_MAX && <p class="facts">and {history.length - SHOWN_MAX} earlier ones</p>}
    </section>
  );
}

function Curve({ history }: Pick<KataData, "history">) {
  const svg = plotSvg({
    title: "Points, grading by grading",
    x: { title: "grading" },
    y: { title: "points" },
    series: [{ name: "points", points: history.map(({ score }, at) => [at + 1, score]) }],
  });
  return <Picture svg={svg} words="points, grading by grading" />;
}
