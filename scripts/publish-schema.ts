// SPDX-License-Identifier: MIT
/** Writes the JSON Schema of result.json, generated from its zod schema. */
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { resultJsonSchema } from "../harness/src/report/json.ts";

await Bun.write(join(ROOT, "harness", "result.schema.json"), resultJsonSchema());
