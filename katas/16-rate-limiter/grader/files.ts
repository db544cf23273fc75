// SPDX-License-Identifier: MIT
/** The two files that a learner edits. */
export const LOCAL = "limiter.c";
export const SHARED = "shared_limiter.c";
