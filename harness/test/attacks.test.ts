// SPDX-License-Identifier: MIT
/**
 * Every attack that is known, by the number that cheats name it with, and what stands for it here: a file, and words that it
 * holds. What cannot be had on one machine says why.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";

/** A program of harness/fixtures/01-answer, an attack of harness/fixtures/box, a cheat of a kata's, a test of the harness. */
const submission = (name: string) => [`harness/fixtures/01-answer/submissions/${name}.c`, ""] as const;
const inBox = (name: string) => ["harness/fixtures/box/attacks.c", `{"${name}", `] as const;
const cheat = (path: string) => [`solutions/${path.replace("/", "/cheats/")}`, "Research"] as const;
const tested = (name: string, words: string) => [`harness/test/${name}.test.ts`, words] as const;
type Place = readonly [path: string, words: string];

const FORK = "edited tests, grader, configuration and hooks change nothing";

const ATTACKS: Record<string, Place[] | string> = {
  // a score without C
  "A 1": [tested("fork-score", FORK)],
  "A 2": [tested("score-workflow", "points that no check earned"), tested("score-workflow", "other points")],
  "A 3": [tested("score-workflow", "our workflow at a commit that lies in a fork alone")],
  "A 4": [tested("score-workflow", "a machine of the learner's")],
  "A 5": [tested("score-workflow", "nothing comes from inputs, secrets or caches")],
  "A 6": [tested("fork-score", FORK), tested("collect", "nothing of the fork runs: hooks, filters")],
  "A 7": [tested("collect", "is a folder; it has to be a regular file"), tested("collect", "a symbolic link")],
  "A 8": [tested("collect", "is a pointer of Git LFS"), tested("collect", "as it lies in the folder")],
  "A 9": [tested("score-workflow", "job one may do nothing, job two only sign")],
  "A 10": [tested("similar", "names, comments and layout hide nothing")],
  // in the program's own process
  "B 11": [
    submission("exits_early"),
    submission("resolves_early"),
    cheat("01-thread-pool/allowed_calls--machine_code.c"),
    cheat("11-connection-pool/every_schedule--ends_the_scenario.c"),
    cheat("17-hot-key/never_backwards--ends_its_callers.patch"),
  ],
  "B 12": [
    submission("forges_evidence"),
    submission("swallows_the_evidence"),
    submission("listens_between"),
    cheat("18-green-threads/takes_turns--opens_the_graders_page.c"),
  ],
  "B 13": [
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back.c"),
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back_at_once.patch"),
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back_by_argument_lists.patch"),
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back_by_builtins.patch"),
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back_by_text.patch"),
    cheat("02-mpsc-queue/no_allocation--takes_its_count_back_by_wide_vectors.patch"),
    cheat("02-mpsc-queue/long_queue--forgets_what_it_took.patch"),
    cheat("11-connection-pool/throughput--counts_its_uses.patch"),
    cheat("17-hot-key/never_backwards--stores_by_a_format.patch"),
    cheat("18-green-threads/threads_run--keeps_memory_that_is_not_counted.patch"),
    cheat("14-uring-echo/every_byte_back--opens_its_own_memory.patch"),
    cheat("03-epoll-echo/some_real_byte--leaves_the_simulation.c"),
    cheat("21-iocp-echo/some_real_byte--leaves_the_simulation.c"),
    cheat("22-mux/epoll_cost--takes_its_calls_back.patch"),
    cheat("20-single-writer/first_lease--takes_a_request_back.patch"),
    cheat("20-single-writer/throughput--makes_requests_free.patch"),
    cheat("22-mux/epoll_cost--copies_over_the_count.patch"),
    submission("finds_the_nonce"),
    submission("answers_for_a_call"),
    ["native/explorer/subjects/misuse.c", "planted 37"],
  ],
  "B 14": [
    submission("defines_memcmp"),
    submission("defines_clock_gettime"),
    tested("part", "a file that borrows the grader's own functions from another one"),
  ],
  "B 15": [inBox("reach_timer"), inBox("stay")],
  "B 16": [
    cheat("04-lru-lfu/throughput--knows_the_values"),
    cheat("11-connection-pool/three_preemptions--computes_until_the_end.c"),
    cheat("16-rate-limiter/shared_some_tokens--wastes_its_time/shared_limiter.c"),
    cheat("17-hot-key/bounded_memory--counts_in_static_variables.patch"),
    cheat("20-single-writer/unguessable--looks_which_bit.patch"),
    cheat("22-mux/throughput--asks_the_driver.patch"),
    submission("knows_the_build"),
  ],
  "B 17": [cheat("03-epoll-echo/allowed_calls--serves_from_a_child.c"), submission("forks_twice")],
  "B 18": [submission("switches_sanitizers_off"), submission("answers_for_the_sanitizer")],
  "B 19": [cheat("07-idempotent-api/allowed_calls--loads_a_library.c"), inBox("read_file")],
  "B 20": [submission("defines_main"), submission("defines_malloc")],
  // while it is compiled
  "C 21": [
    cheat("02-mpsc-queue/allowed_calls--includes_by_a_path.c"),
    cheat("06-hash-ring/allowed_calls--looks_for_files.c"),
  ],
  "C 22": [
    cheat("02-mpsc-queue/allowed_calls--includes_by_a_path.c"),
    tested("held-compiler", "a link to what it cannot read itself"),
  ],
  "C 23": [submission("compiles_to_too_much"), submission("holds_too_much")],
  "C 24": [submission("hides_assembly"), cheat("18-green-threads/allowed_calls--hides_behind_a_colon.patch")],
  // on the machine
  "D 25": [inBox("read_file"), tested("box", "/proc/1/environ")],
  "D 26": [inBox("descriptors"), submission("scribbles_on_descriptors")],
  "D 27": [inBox("trace_process"), inBox("signal_process"), submission("kills_itself")],
  "D 28": [inBox("connect_tcp"), inBox("connect_abstract")],
  "D 29": [inBox("fork_bomb"), inBox("eat_memory"), submission("eats_memory")],
  "D 30": [inBox("fill_disk"), submission("floods_output"), submission("floods_errors")],
  "D 31": [inBox("outlive"), submission("forks")],
  "D 32": [inBox("add_key"), inBox("virtual_socket"), inBox("write_file")],
  "D 33": "a way out of the kernel: whoever has one is not tried here; the machine is to be thrown away",
};

const numbered = (from: number, letters: string) => Array.from(letters, (letter, at) => `${letter} ${from + at}`);
const ALL = numbered(1, `${"A".repeat(10)}${"B".repeat(10)}${"C".repeat(4)}${"D".repeat(9)}`);

test("every attack has a place", () => {
  expect(Object.keys(ATTACKS)).toEqual(ALL);
});

test.each(Object.entries(ATTACKS))("%s stands where it is said to stand", (_, places) => {
  if (typeof places === "string") return expect(places.length).toBeGreaterThan(20);
  for (const [path, words] of places) {
    const full = join(ROOT, path);
    expect({ path, there: existsSync(full) }).toEqual({ path, there: true });
    if (/\.\w+$/.test(path)) expect(readFileSync(full, "utf8")).toContain(words);
  }
});
