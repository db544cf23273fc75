// SPDX-License-Identifier: MIT
/** What Redis keeps and how it says it: values, numbers, answers. */

export type Value =
  | { type: "string"; text: string }
  | { type: "hash"; fields: Map<string, string> }
  | { type: "list"; items: string[] }
  | { type: "zset"; scores: Map<string, number> };

/** A command's error; nothing has changed. */
export class Refusal extends Error {}

export const NOT_INTEGER = "ERR value is not an integer or out of range";
export const SYNTAX = "ERR syntax error";
export const NIL = "$-1\r\n";

export const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
export const bulkOrNil = (text: string | undefined) => (text === undefined ? NIL : bulk(text));
export const number = (value: bigint | number) => `:${value}\r\n`;
export const array = (parts: string[]) => `*${parts.length}\r\n${parts.join("")}`;

export const I64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** The number that a text is, exactly as it would be printed. */
export function integerOf(text: string, refusal = NOT_INTEGER): bigint {
  if (!/^(0|-?[1-9]\d*)$/.test(text) || text.length > 20) throw new Refusal(refusal);
  const value = BigInt(text);
  if (value > I64.most || value < I64.least) throw new Refusal(refusal);
  return value;
}

/** The sum of a text's number and `by`. */
export function sum(text: string | undefined, by: bigint, refusal = NOT_INTEGER): bigint {
  const all = (text === undefined ? 0n : integerOf(text, refusal)) + by;
  if (all > I64.most || all < I64.least) throw new Refusal("ERR increment or decrement would overflow");
  return all;
}

export function scoreOf(text: string): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  const value = Number(text);
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !Number.isFinite(value))
    throw new Refusal("ERR value is not a valid float");
  return value;
}

/** printf's %.17g. */
export function score17(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? "inf" : "-inf";
  if (score === 0) return Object.is(score, -0) ? "-0" : "0";
  const [mantissa, exponent] = score.toExponential(16).split("e") as [string, string];
  const power = Number(exponent);
  const cut = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (power >= -4 && power < 17) return cut(score.toFixed(16 - power));
  const digits = String(Math.abs(power)).padStart(2, "0");
  return `${cut(mantissa)}e${power < 0 ? "-" : "+"}${digits}`;
}

/** The part of a list that LRANGE and ZRANGE mean. */
export function range<T>(all: T[], from: bigint, to: bigint): T[] {
  const size = BigInt(all.length);
  const first = from < 0n ? (from + size < 0n ? 0n : from + size) : from;
  const last = to < 0n ? to + size : to >= size ? size - 1n : to;
  return first > last ? [] : all.slice(Number(first), Number(last) + 1);
}
