// SPDX-License-Identifier: MIT
/** The checks of 17-hot-key: pure functions from the driver's raw facts to a judgement. */
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./rare.ts";
export * from "./zipf.ts";
