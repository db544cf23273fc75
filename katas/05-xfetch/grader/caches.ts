// SPDX-License-Identifier: MIT
/** What the checks of 05-xfetch share: words. */

export const RESULTS = ["XFETCH_FRESH", "XFETCH_STALE", "XFETCH_FAILED"];
export const [FRESH, STALE, FAILED] = [0, 1, 2];
export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
