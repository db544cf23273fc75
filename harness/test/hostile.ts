// SPDX-License-Identifier: MIT
/** Every hostile submission, the definition that it attacks, and the verdict that it must get from each check. */
import type { Kata, Verdict } from "../src/kata/kata.ts";
import { answerKata, hastyKata, memoryKata, raceKata, strictKata } from "../fixtures/01-answer/grader/kata.ts";

export interface Hostile {
  submission: string;
  kata: Kata;
  /** Checks that do not pass. */
  verdicts: Record<string, Verdict>;
  /** Only this check and what it needs. */
  only?: string;
  /** The golden text holds words of gcc's own. */
  gccOnly?: true;
}

const kata = answerKata();
const DOORS = ["first_answer", "more_answers", "right_alone", "right_together"];

/** Misbehaves at question 2, which is not asked first: what was won before is kept. */
const atTwo = (verdict: Verdict): Hostile["verdicts"] => Object.fromEntries(DOORS.slice(1).map((id) => [id, verdict]));

const unreached = (ids: string[]): Hostile["verdicts"] => Object.fromEntries(ids.map((id) => [id, "not_reached"]));
const refused: Hostile["verdicts"] = { allowed_calls: "forbidden", ...unreached(DOORS) };
const unbuilt: Hostile["verdicts"] = { compiles: "build_error", ...unreached(["allowed_calls", ...DOORS]) };

function all(names: string, on: Kata, verdicts: Hostile["verdicts"], more: Partial<Hostile> = {}): Hostile[] {
  return names.split(" ").map((submission) => ({ submission, kata: on, verdicts, ...more }));
}

export const HOSTILE: Hostile[] = [
  // The slow ones first: they wait, and the others need the processors meanwhile.
  ...all("loops sleeps stops blocks_signals", hastyKata, {}).map((row) => ({
    ...row,
    verdicts: atTwo(row.submission === "loops" || row.submission === "blocks_signals" ? "timeout" : "deadlock"),
  })),
  ...all("catches_signals", hastyKata, { right_alone: "timeout" }, { only: "right_alone" }),
  ...all("deadlocks", hastyKata, { right_together: "deadlock" }),

  ...all("passes keeps_small_objects_last changes_directory writes_to_stdin reads_stdin", kata, {}),
  ...all("prints_a_report prints_binary asks_for_memory", kata, {}),
  ...all("passes defines_helpers mentions_assembly", strictKata, {}),
  ...all("warns", kata, {}, { gccOnly: true }),
  ...all("wrong divides_by_zero", kata, atTwo("wrong")).map((row) => ({
    ...row,
    verdicts: atTwo(row.submission === "wrong" ? "wrong" : "crash"),
  })),
  ...all("segfaults aborts asserts kills_itself prints_escapes prints_a_crash", kata, atTwo("crash")),
  ...all("frees_the_middle", kata, atTwo("memory"), { gccOnly: true }),
  ...all("overflows_the_stack overflows_in_a_thread", kata, atTwo("crash"), { gccOnly: true }),
  ...all("exits exits_at_once exits_like_a_shell exits_like_the_guest", kata, atTwo("wrong")),
  ...all("floods_output floods_errors", hastyKata, atTwo("timeout")),
  ...all("floods_and_is_right", kata, {}),
  ...all("prints_and_is_wrong forks forks_twice", kata, atTwo("wrong")),
  ...all("closes_descriptors scribbles_on_descriptors forges_evidence forges_an_answer", kata, atTwo("wrong")),
  ...all(
    "finds_the_nonce swallows_the_evidence listens_between",
    kata,
    { right_alone: "wrong" },
    { only: "right_alone" },
  ),
  ...all("answers_for_a_call", kata, { right_alone: "crash" }, { only: "right_alone" }),
  ...all("trusts_the_stack", kata, { first_answer: "wrong" }, { only: "first_answer" }),
  // In the scripted door the kernel's page faults are so slow that the deadline may come first.
  ...all("eats_memory", kata, { right_alone: "memory" }, { only: "right_alone" }),

  ...all("does_not_compile", kata, unbuilt, { gccOnly: true }),
  ...all("lacks_a_symbol", kata, unbuilt),
  ...all("compiles_to_too_much", kata, unbuilt),
  ...all("holds_too_much", kata, refused),
  ...all("defines_memcmp defines_clock_gettime defines_malloc defines_main", strictKata, refused),
  ...all("uses_system uses_assembly hides_assembly hides_the_line switches_sanitizers_off", strictKata, refused),
  ...all("knows_the_build answers_for_the_sanitizer resolves_early", strictKata, refused),
  ...all("has_a_constructor hides_from_explorer", strictKata, refused),
  ...all("exits_early", kata, refused),

  ...all("overflows_the_heap uses_after_free frees_twice leaks overflows_an_int", memoryKata, {
    memory_clean: "memory",
  }).map((row) => ({ ...row, gccOnly: true as const })),
  ...all("passes", memoryKata, {}),
  ...all("races", raceKata, { race_free: "race" }, { gccOnly: true }),
  ...all("fences", raceKata, { race_free: "not_measurable" }),
  ...all("passes", raceKata, {}),
];
