// SPDX-License-Identifier: MIT
/** What 07-idempotent-api does in one process: call lists, and the model that knows the answers. */
export * from "./story.ts";
export * from "./statuses.ts";
export * from "./forms.ts";
export * from "./keys.ts";
export * from "./lists.ts";
