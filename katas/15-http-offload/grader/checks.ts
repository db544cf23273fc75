// SPDX-License-Identifier: MIT
/** The checks of 15-http-offload on real sockets: pure functions from the driver's raw facts to a judgement. */
export * from "./crowd.ts";
