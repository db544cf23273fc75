// SPDX-License-Identifier: MIT
/** One run of a guest, as data: what it had said, and how it ended. */

/** A stack as the guest sends it: offsets into its own module, innermost first; 0 for frames of other modules. */
export interface RawStack {
  signal: number;
  thread: number;
  offsets: bigint[];
}

/** Rows of 64-bit cells, one after the other, as the driver reports them. */
export interface Table {
  columns: string[];
  cells: BigUint64Array;
}

/** Traffic that could not go on: what a call of the contract did, and what it should have done instead. */
export interface BrokenOff {
  call: string;
  did: string;
  expected: string;
  lookAt: string;
}

/** What the program printed in one run: the last of it, and how many lines it was in all. */
export interface Printed {
  text: string;
  lines: number;
}

/** What a guest had said when it ended, collected. */
export interface Collected {
  evidence: Record<string, number | BigUint64Array | Table>;
  answers: string[];
  crash?: RawStack;
  stacks: RawStack[];
  brokenOff?: BrokenOff;
  /** Of the last script, where the guest plays several. */
  printed?: Printed;
  /** Set when the frames were not the ones one honest run sends. */
  malformed?: string;
  /** The last frame came, with the run's nonce, and nothing after it. */
  ended: boolean;
  hello: boolean;
}

/** A run that is over: facts, no judgement. */
export interface Ended {
  /** Why it ended: by itself, or which of our limits ended it. */
  by: "itself" | "deadline" | "resident" | "forgery" | "closed";
  code: number | null;
  signal: string | null;
  /** The last bytes of standard output and error, past the C library: what a sanitizer says, and the C library of itself. */
  output: string;
  collected: Collected;
  seconds: number;
  /**
   * CPU seconds used and time gone by since the last sign of progress, when the deadline or the end came; was a thread
   * `running` most of that time, on a CPU or waiting for one? And was the guest `starved`: did it want a CPU, and get so
   * little of one that a deadline says nothing about it?
   */
  sinceProgress: { cpu_s: number; wall_s: number; running: boolean; starved: boolean };
  resident_peak_bytes: number;
  /** Processes that the guest had started and that outlived it. */
  survivors: number;
}
