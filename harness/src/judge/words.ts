// SPDX-License-Identifier: MIT
/** Numbers as sentences have them. Pure. */

/** 12,345 */
export const english = (n: number | bigint) => n.toLocaleString("en");

/** 1 job, 2,000 jobs */
export const plural = (n: number, one: string) => `${english(n)} ${one}${n === 1 ? "" : "s"}`;

export const times = (n: number) => (n === 1 ? "once" : n === 2 ? "twice" : `${english(n)} times`);
