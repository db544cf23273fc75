import { gradeInBunTest } from "@c10kata/harness/bun-test";
import kata from "./kata.ts";
gradeInBunTest(kata);
