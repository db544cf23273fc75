// SPDX-License-Identifier: MIT
/** A table of katas (RFC 4180); no cell is a formula to a spreadsheet. Pure. */
import { stringify } from "csv-stringify/sync";
import { firstFailure } from "../../judge/score.ts";
import { bounded, type Graded, type Scored } from "./scored.ts";

const SAW_CHARACTERS_MAX = 300;

export const csv = (graded: Graded): string => table(graded.katas.map((one) => cells(graded, one)));

/** The keys of the first row head the columns. */
export const table = (rows: Record<string, string | number>[]): string =>
  stringify(rows, { header: true, record_delimiter: "windows", escape_formulas: true });

function cells({ source = "", commit = "" }: Graded, one: Scored) {
  const result = "result" in one ? one.result : undefined;
  const failed = result && firstFailure(result);
  return {
    source,
    commit,
    kata: one.kata,
    passed: result?.passed ? "yes" : "no",
    points: result?.score ?? 0,
    points_max: result?.score_max ?? 100,
    tier: result?.tier ?? "",
    first_failure: "refused" in one ? "files" : (failed?.id ?? ""),
    saw: bounded("refused" in one ? one.refused : (failed?.saw ?? ""), SAW_CHARACTERS_MAX),
    seed: result?.seed ?? "",
    trust: result?.trust ?? "",
  };
}
