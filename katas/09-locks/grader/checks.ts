// SPDX-License-Identifier: MIT
/** The checks of 09-locks: pure functions from the drivers' raw facts to a judgement. */
export * from "./amounts.ts";
export * from "./conditions.ts";
export * from "./crowd.ts";
export * from "./paused.ts";
export * from "./phases.ts";
export * from "./quiet.ts";
export * from "./turns.ts";
