// SPDX-License-Identifier: MIT
/** An error whose message says everything: bun test shows neither a stack nor an excerpt of the grader's code with it. */
export class Sentence extends Error {
  constructor(message: string) {
    const depth = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = depth;
  }
}

/** A file system that refuses, or a descriptor or a process that cannot be had: the machine's trouble, no bug of ours. */
export function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
