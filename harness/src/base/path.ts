// SPDX-License-Identifier: MIT
/** Pure. */

/** Does the path, from wherever it counts, lead to that file? "katas/16/limiter.c" leads to "limiter.c", "16/shared_limiter.c" does not. */
export const leadsTo = (path: string, file: string) => `/${path}`.endsWith(`/${file}`);
