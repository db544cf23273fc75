// SPDX-License-Identifier: MIT
/** The schemas of what a driver reports (native/include/evidence.h), for a scenario's `evidence`. */
import { z } from "zod";
import type { Table } from "./run.ts";

/** One series: unsigned 64-bit numbers in the guest's order. */
export const series = z.instanceof(BigUint64Array);

/** The same as numbers: for those far below 2^53. */
export const numbers = series.transform((values) => [...values].map(Number));

/** One count. A wrong program may count below zero, which arrives as a number near 2^64. */
export const count = z.number().min(0).refine(Number.isInteger, "a whole number");

/**
 * The rows of one table, each as an object; the columns are the C struct's, in its order. Cells are signed: what a wrong
 * program counted below zero is below zero.
 */
export function rows<const K extends string>(...columns: K[]) {
  return z.custom<Table>(isTable, "rows").transform((table, context) => {
    const [told, known] = [table.columns, columns].map((names) => names.join(", "));
    if (told !== known) {
      context.addIssue({ code: "custom", message: `the driver reports the columns ${told}; the schema has ${known}` });
      return z.NEVER;
    }
    return objectsOf<K>(table);
  });
}

const isTable = (value: unknown) => typeof value === "object" && value !== null && "columns" in value;

function objectsOf<K extends string>({ columns, cells }: Table): Record<K, number>[] {
  return Array.from({ length: cells.length / columns.length }, (_, row) => {
    const named = columns.map((name, at) => [name, Number(BigInt.asIntN(64, cells[row * columns.length + at]!))]);
    return Object.fromEntries(named) as Record<K, number>;
  });
}
