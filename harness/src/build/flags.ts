// SPDX-License-Identifier: MIT
/** The compiler's flags in each build. */
import type { Build } from "../kata/kata.ts";

/** Compare-and-swap of 16 bytes is one instruction (`__sync_bool_compare_and_swap`); on arm64 no flag is needed. */
const WIDE = process.arch === "x64" ? ["-mcx16"] : [];

/**
 * Flags for every C file. -fasm: `asm` is __asm__. No call is replaced by a checking one, as some distributions do: it
 * has another name, and no model.
 */
export const COMMON = [
  ...["-std=c11", "-fasm", "-D_GNU_SOURCE", "-U_FORTIFY_SOURCE"],
  ...["-g", "-fPIC", "-fno-omit-frame-pointer", "-pthread"],
  ...WIDE,
];

// object-size would report an overflow before AddressSanitizer does, and say less about it
const ASAN = ["-fsanitize=address,undefined", "-fno-sanitize=object-size", "-fno-sanitize-recover=undefined"];

/** Return addresses name the learner's own lines. */
const SIMULATED = ["-O1", "-fno-optimize-sibling-calls"];

/** A local variable that nothing has set holds no lucky 0, where speed and large traffic do not count. */
const NO_LUCK = "-ftrivial-auto-var-init=pattern";

/** native/explorer/README.md, "Building a subject by hand", says why. */
const EXPLORE = [
  "-O1",
  "-fsanitize=thread",
  NO_LUCK,
  "-fno-builtin",
  "-U_FORTIFY_SOURCE",
  "-fno-stack-protector",
  "-fstack-clash-protection",
  ...WIDE,
];

/** Of a Windows program, in place of COMMON: there all code is position-independent, and threads need no flag. */
export const WINDOWS = ["-std=c11", "-fasm", "-D_GNU_SOURCE", "-O2", "-g", "-fno-omit-frame-pointer", ...WIDE];

/** Flags for every file of a build, and for the link. */
export const EVERYWHERE: Record<Build, string[]> = {
  plain: ["-O2"],
  stress: ["-O2"],
  // a loop's speed may depend on its place in a line: what stands before it in the file must not change that
  bench: ["-O2", "-falign-functions=64"],
  asan: ["-O1", ...ASAN],
  tsan: ["-O1", "-fsanitize=thread"],
  explore: EXPLORE,
  explore_unoptimized: EXPLORE,
  simulated: SIMULATED,
  simulated_asan: [...SIMULATED, ...ASAN],
  // the driver's: it runs the learner's program, and is not linked with it
  mingw: ["-O2"],
};

/** Flags for the learner's file alone. */
export const LEARNER_ONLY: Record<Build, string[]> = {
  plain: ["-Wall", "-Wextra", NO_LUCK],
  // native/stress answers the one and native/guest/pace.c the other; ThreadSanitizer's runtime is not linked
  // what gcc makes instructions of, in place of memset or memcpy, it does not tell native/stress of
  stress: ["-w", "-fsanitize=thread", "-fsanitize-coverage=trace-pc", "-fno-builtin"],
  bench: ["-w"],
  asan: ["-w", NO_LUCK],
  tsan: ["-w"],
  explore: ["-w"],
  // an access whose value nobody uses is taken out by the optimizer, and is a data race all the same
  explore_unoptimized: ["-w", "-O0"],
  simulated: ["-w", NO_LUCK],
  simulated_asan: ["-w", NO_LUCK],
  mingw: ["-w", NO_LUCK],
};

/** Does the program run in the simulated kernel? */
export const isSimulated = (build: Build) => build === "simulated" || build === "simulated_asan";
