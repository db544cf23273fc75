// SPDX-License-Identifier: MIT
/** What the checks of 01-thread-pool share: words. */

export const times = (n: number) => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
export const plural = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
