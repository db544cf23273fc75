// SPDX-License-Identifier: MIT
/** The checks of 10-reclamation: pure functions from the driver's raw history to a judgement. */
export * from "./counts.ts";
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./objects.ts";
export * from "./paused.ts";
