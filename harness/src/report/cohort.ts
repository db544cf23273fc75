// SPDX-License-Identifier: MIT
/** A cohort for the terminal and as CSV: a line for each learner, and one for each learner and kata. Pure. */
import { passedOf, pointsOf, type Standing } from "../judge/cohort.ts";
import { english, plural } from "../judge/words.ts";
import { cellsOf, table } from "./exports/csv.ts";
import type { Style } from "./terminal.ts";

/** In the roster's order. `katas`: how many each of them was scored in. */
export function cohortText(standings: Standing[], katas: number, style: Style): string {
  const width = Math.max(...standings.map(({ name }) => Bun.stringWidth(name)));
  const unscored = standings.filter(({ fault }) => fault !== "").length;
  const scored = standings.length - unscored;
  const all = standings.filter((one) => one.fault === "" && passedOf(one) === katas).length;
  const points = standings.reduce((sum, one) => sum + pointsOf(one), 0);
  const mean =
    scored > 0 ? `, ${english(Math.round(points / scored))} of ${english(100 * katas)} points on average` : "";
  const sum = `${plural(scored, "fork")} scored, ${all} passed ${katas === 1 ? "the kata" : `all ${katas} katas`}${mean}`;
  const rest =
    unscored > 0
      ? [`${plural(unscored, "fork")} not scored: the grader's infrastructure failed; score them again`]
      : [];
  return [...standings.map((one) => standingLine(one, katas, width, style)), "", sum, ...rest].join("\n");
}

export function standingLine(one: Standing, katas: number, width: number, { chalk }: Style): string {
  const name = one.name + " ".repeat(Math.max(0, width - Bun.stringWidth(one.name)));
  if (one.fault) return `${chalk.yellow("!")} ${name}       –  not scored: ${one.fault.split("\n")[0]}`;
  const passed = passedOf(one);
  const next = one.katas.find((kata) => !kata.passed);
  const tail = next ? `; ${next.kata}: ${next.first}` : "";
  const mark = passed === katas ? chalk.green("✓") : chalk.red("✗");
  return `${mark} ${name} ${`${pointsOf(one)}/${100 * katas}`.padStart(7)}  ${passed} of ${katas} passed${tail}`;
}

export const cohortCsv = (standings: Standing[]): string =>
  table(
    standings.flatMap(({ name, source, commit, fault, katas }): Record<string, string | number>[] => {
      const head = { name, source, commit, not_scored: fault };
      return fault ? [{ ...head, ...EMPTY }] : katas.map((kata) => ({ ...head, ...cellsOf(kata) }));
    }),
  );

const EMPTY = {
  kata: "",
  passed: "",
  points: "",
  points_max: "",
  tier: "",
  first_failure: "",
  saw: "",
  seed: "",
  trust: "",
};
