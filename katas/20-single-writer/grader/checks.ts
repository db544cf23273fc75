// SPDX-License-Identifier: MIT
/** The checks of 20-single-writer: pure functions from the driver's raw facts to a judgement. */
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./owners.ts";
export * from "./real.ts";
