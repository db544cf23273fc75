// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch: pure functions from the driver's raw counts to a judgement. */
export * from "./early.ts";
export * from "./flights.ts";
export * from "./crowd.ts";
export * from "./costs.ts";
export * from "./memory.ts";
export * from "./bench.ts";
