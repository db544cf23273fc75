// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring: pure functions from the driver's raw counts to a judgement. */
export * from "./bench.ts";
export * from "./costs.ts";
export * from "./memory.ts";
export * from "./readers.ts";
export * from "./rings.ts";
export * from "./shares.ts";
export { keyBytes } from "./traffic.ts";
