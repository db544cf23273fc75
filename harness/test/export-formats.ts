// SPDX-License-Identifier: MIT
/** What the platforms take, as their documents say it, and closed where theirs are. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, XsdValidator } from "libxml2-wasm";
import { z } from "zod";

const name = z.string().min(1);
const utc = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

/** classroom50/result/v1: schemas/result-v1.schema.json of foundation50/classroom50, with the sums that its runner checks. */
export const classroom50Schema = z
  .strictObject({
    schema: z.literal("classroom50/result/v1"),
    classroom: name,
    assignment: name,
    assignment_type: z.enum(["individual", "group", "team"]),
    owner: name,
    submission: z.string().startsWith("submit/"),
    commit: name,
    release: name,
    review: name,
    datetime: utc,
    graded_at: utc.optional(),
    score: z.int().min(0),
    "max-score": z.int().min(0),
    tests: z.array(
      z
        .looseObject({ "test-name": name, passed: z.boolean(), score: z.int().min(0), "max-score": z.int().min(0) })
        .refine((test) => test.score <= test["max-score"]),
    ),
  })
  .refine((result) => result.score <= result["max-score"]);

const visibility = z.enum(["hidden", "after_due_date", "after_published", "visible"]);
const format = z.enum(["text", "html", "simple_format", "md", "ansi"]);

/** Gradescope's "Autograder Specifications". */
export const gradescopeSchema = z.strictObject({
  score: z.number(),
  execution_time: z.int(),
  output: z.string(),
  output_format: format,
  test_output_format: format,
  test_name_format: format,
  visibility,
  stdout_visibility: visibility,
  tests: z.array(
    z.strictObject({
      name,
      score: z.number(),
      max_score: z.number(),
      status: z.enum(["passed", "failed"]),
      output: z.string(),
      visibility,
      extra_data: z.looseObject({}),
    }),
  ),
});

const status = z.enum(["pass", "fail", "error"]);

/** Exercism's "The Test Runner Interface", version 3. */
export const exercismSchema = z
  .strictObject({
    version: z.literal(3),
    status,
    message: z.string().nullable(),
    tests: z.array(
      z.strictObject({ name, status, message: z.string().optional(), output: z.string().max(500).optional() }),
    ),
  })
  .refine((result) => result.status !== "error" || result.message)
  .refine((result) => result.status !== "pass" || result.tests.every((test) => test.status === "pass"));

const xsd = XmlDocument.fromString(readFileSync(join(import.meta.dir, "junit.xsd"), "utf8"));

/** Throws where it is no XML, or none that JUnit's readers take. */
export function expectJunit(text: string): XmlDocument {
  const document = XmlDocument.fromString(text);
  XsdValidator.fromDoc(xsd).validate(document);
  for (const suite of document.find("//testsuite")) {
    const count = (path: string) => String((suite as never as { find(xpath: string): unknown[] }).find(path).length);
    const told = (key: string) => (suite as never as { attr(name: string): { value: string } }).attr(key).value;
    expect([told("tests"), told("failures"), told("errors"), told("skipped")]).toEqual([
      count("testcase"),
      count("testcase/failure"),
      count("testcase/error"),
      count("testcase/skipped"),
    ]);
  }
  return document;
}
