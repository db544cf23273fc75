// SPDX-License-Identifier: MIT
/** Timed runs whose counts follow from their parameters: speed of a wrong program is no speed. Pure. */
import { z } from "zod";
import { count } from "../kata/evidence.ts";
import type { Judgement, RunRequest } from "../kata/kata.ts";
import { fail, pass } from "./check.ts";

type Params = RunRequest["params"];
type Wanted = Record<string, number | ((params: Params) => number)>;

/** For a kata's throughput: the evidence has these counts, and a sample is right when each is what it has to be. */
export function exactSample(wanted: Wanted) {
  const told = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, value]) => `${name.replaceAll("_", " ")} ${value.toLocaleString("en")}`)
      .join(", ");
  return {
    evidence: z.strictObject(Object.fromEntries(Object.keys(wanted).map((name) => [name, count]))),
    sample(evidence: Record<string, number>, { params }: { params: Params }): Judgement {
      const due = Object.entries(wanted).map(([name, value]) => [
        name,
        typeof value === "number" ? value : value(params),
      ]) as [string, number][];
      if (due.every(([name, value]) => evidence[name] === value)) return pass();
      const seen = Object.fromEntries(due.map(([name]) => [name, evidence[name] ?? 0]));
      return fail({ saw: told(seen), expected: told(Object.fromEntries(due)) });
    },
  };
}
