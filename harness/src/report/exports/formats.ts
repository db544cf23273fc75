// SPDX-License-Identifier: MIT
/** Every format that a result can be exported to, by the name that the command line has for it. */
import { Unusable } from "../../base/command.ts";
import { annotations } from "./annotations.ts";
import { classroom50, environmentSchema } from "./classroom50.ts";
import { csv } from "./csv.ts";
import { exercism } from "./exercism.ts";
import { gradescope } from "./gradescope.ts";
import { junit } from "./junit.ts";
import type { Graded } from "./scored.ts";
import { summary } from "./summary.ts";

export const FORMATS = {
  annotations,
  classroom50: (graded: Graded) => classroom50(graded, classroom(), new Date()),
  csv,
  exercism,
  gradescope,
  junit,
  summary,
} satisfies Record<string, (graded: Graded) => string>;

export type Format = keyof typeof FORMATS;

/** What Classroom 50's runner tells. Throws Unusable where it did not start this process. */
function classroom() {
  const told = environmentSchema.safeParse(process.env);
  if (told.success) return told.data;
  const names = told.error.issues.map(({ path }) => path.join("."));
  throw new Unusable(`classroom50: its runner sets ${names.join(", ")}; here they are missing, or of another form`);
}
