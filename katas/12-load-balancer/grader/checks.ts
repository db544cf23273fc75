// SPDX-License-Identifier: MIT
/** The checks of 12-load-balancer: pure functions from the driver's raw facts to a judgement. */
export * from "./killed.ts";
export * from "./counts.ts";
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./neighbours.ts";
