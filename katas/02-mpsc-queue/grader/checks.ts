// SPDX-License-Identifier: MIT
/** The checks of 02-mpsc-queue: pure functions from the driver's raw history to a judgement, a file for each scenario. */
export * from "./counts.ts";
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./queues.ts";
export * from "./stalled.ts";
