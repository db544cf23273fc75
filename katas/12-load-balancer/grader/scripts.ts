// SPDX-License-Identifier: MIT
/** What 12-load-balancer answers on one thread. */
export * from "./health.ts";
export * from "./limits.ts";
export * from "./policies.ts";
