// SPDX-License-Identifier: MIT
/** The two files that a learner edits. */
export const TAGGED = "tagged_stack.c";
export const HAZARD = "hazard.c";
