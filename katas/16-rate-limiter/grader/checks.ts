// SPDX-License-Identifier: MIT
/** The checks of 16-rate-limiter: pure functions from raw facts to a judgement, a file for each scenario. */
export * from "./crowd.ts";
export * from "./faults.ts";
export * from "./memory.ts";
export * from "./overtaken.ts";
export * from "./paused.ts";
export * from "./heard.ts";
