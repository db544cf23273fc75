// SPDX-License-Identifier: MIT
/** JUnit XML, as Jenkins and all who read its reports understand it: a suite for each kata, a case for each check. Pure. */
import type { Scored } from "../../judge/cohort.ts";
import { accuses, type CheckResult } from "../../judge/score.ts";
import { bounded, rowsOf, sumOf, toldOf, type Graded, type Row } from "./scored.ts";

export function junit(graded: Graded): string {
  const rows = rowsOf(graded);
  const suites = graded.katas.map((one) =>
    suite(
      one,
      rows.filter(({ kata }) => kata === one.kata),
    ),
  );
  const { seconds } = sumOf(graded);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "c10kata", ...counts(rows, seconds) }, suites.join(""))}`;
}

function suite(one: Scored, rows: Row[]): string {
  const result = "result" in one ? one.result : undefined;
  const { seed, trust, score = 0, score_max = 100, tier } = result ?? {};
  const known = { seed, trust, points: `${score}/${score_max}`, tier };
  const properties = Object.entries(known)
    .filter(([, value]) => value)
    .map(([name, value]) => element("property", { name, value: String(value) }));
  const head = { name: one.kata, ...counts(rows, result?.seconds ?? 0), skipped: rows.filter(isSkipped).length };
  return element("testsuite", head, element("properties", {}, properties.join("")) + rows.map(testcase).join(""));
}

const counts = (rows: Row[], seconds: number) => ({
  tests: rows.length,
  failures: rows.filter(({ check }) => accuses(check) && !isOurs(check)).length,
  errors: rows.filter(({ check }) => isOurs(check)).length,
  time: seconds.toFixed(3),
});

const isOurs = ({ verdict }: CheckResult) => verdict === "harness_error";
const isSkipped = ({ check }: Row) => check.verdict !== "pass" && !accuses(check);

function testcase(row: Row): string {
  const { kata, check } = row;
  const head = {
    classname: [kata, check.file].filter(Boolean).join("."),
    name: check.id,
    time: check.seconds.toFixed(3),
  };
  if (check.verdict === "pass") return element("testcase", head);
  const message = isSkipped(row) ? toldOf(check) : bounded(check.saw ?? "");
  const what = isSkipped(row) ? "skipped" : isOurs(check) ? "error" : "failure";
  return element(
    "testcase",
    head,
    element(what, { type: check.verdict, message }, isSkipped(row) ? "" : escaped(toldOf(check))),
  );
}

/** `inside` is XML already. */
function element(name: string, attributes: Record<string, string | number>, inside = ""): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value), true)}"`);
  return inside === "" ? `<${name}${pairs.join("")}/>\n` : `<${name}${pairs.join("")}>${inside}</${name}>\n`;
}

/** XML 1.0 has no way to write most control characters: U+FFFD stands for them. An attribute's line breaks are kept. */
function escaped(text: string, attribute = false): string {
  const plain = text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
  return attribute ? plain.replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;") : plain;
}
