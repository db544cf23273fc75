// SPDX-License-Identifier: MIT
/** The checks of 08-counter: pure functions from the driver's raw history to a judgement, a file for each scenario. */
export * from "./counts.ts";
export * from "./crowd.ts";
export * from "./lines.ts";
export * from "./memory.ts";
export * from "./paused.ts";
export * from "./separate.ts";
export * from "./threads.ts";
