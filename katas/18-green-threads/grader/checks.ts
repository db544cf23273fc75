// SPDX-License-Identifier: MIT
/** The checks of 18-green-threads: pure functions from the drivers' raw facts to a judgement. */
export * from "./sockets.ts";
export * from "./threads.ts";
export * from "./turns.ts";
