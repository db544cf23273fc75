// SPDX-License-Identifier: MIT
/** The checks of 11-connection-pool: pure functions from the driver's raw facts to a judgement. */
export * from "./asleep.ts";
export * from "./crowd.ts";
export * from "./memory.ts";
