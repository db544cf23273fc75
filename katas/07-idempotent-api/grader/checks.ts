// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api: pure functions from the driver's raw facts to a judgement. */
export * from "./meetings.ts";
export * from "./takeovers.ts";
export * from "./deaths.ts";
export * from "./faults.ts";
export * from "./costs.ts";
export * from "./files.ts";
export * from "./churn.ts";
