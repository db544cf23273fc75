// SPDX-License-Identifier: MIT
/** A table of katas (RFC 4180); no cell is a formula to a spreadsheet. Pure. */
import { stringify } from "csv-stringify/sync";
import { standingOf, type KataStanding } from "../../judge/cohort.ts";
import type { Graded } from "./scored.ts";

export const csv = ({ katas, source = "", commit = "" }: Graded): string =>
  table(katas.map((one) => ({ source, commit, ...cellsOf(standingOf(one)) })));

/** The keys of the first row head the columns. */
export const table = (rows: Record<string, string | number>[]): string =>
  stringify(rows, { header: true, record_delimiter: "windows", escape_formulas: true });

export const cellsOf = ({ passed, tier, ...cells }: KataStanding) => ({
  kata: cells.kata,
  passed: passed ? "yes" : "no",
  points: cells.points,
  points_max: cells.points_max,
  tier: tier ?? "",
  first_failure: cells.first,
  saw: cells.saw,
  seed: cells.seed,
  trust: cells.trust,
});
