// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool: pure functions from the driver's raw facts to a judgement. */
export * from "./crowd.ts";
export * from "./sleep.ts";
export * from "./many.ts";
export * from "./memory.ts";
