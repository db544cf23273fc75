// SPDX-License-Identifier: MIT
/** Offsets into a guest become functions and lines, by addr2line. */
import type { RawStack } from "../kata/run.ts";
import { examine } from "./examine.ts";
import { mingwTool } from "./windows.ts";

export interface StackFrame {
  /** "?" for frames outside the guest (the C library). */
  function: string;
  /** Relative to the submission's root: katas/02-mpsc-queue/mpsc_queue.c */
  file: string;
  line: number;
}

/** One list of frames per stack, innermost first, inlined calls expanded. */
export async function symbolize(artefact: string, stacks: RawStack[]): Promise<StackFrame[][]> {
  const offsets = [...new Set(stacks.flatMap((stack) => stack.offsets))].filter((offset) => offset !== 0n);
  if (offsets.length === 0) return stacks.map(() => []);
  const tool = artefact.endsWith(".exe") ? mingwTool("addr2line") : "addr2line";
  const addresses = offsets.map((offset) => `0x${offset.toString(16)}`);
  const { stdout } = await examine([tool, "-a", "-f", "-i", "-e", artefact, ...addresses]);
  const known = new Map<bigint, StackFrame[]>();
  for (const block of stdout.split(/^(?=0x)/m).filter(Boolean)) {
    const [address, ...lines] = block.trimEnd().split("\n");
    known.set(BigInt(address!), pairs(lines).map(toFrame));
  }
  return stacks.map((stack) => stack.offsets.flatMap((offset) => known.get(offset) ?? []));
}

function pairs(lines: string[]): [string, string][] {
  return lines.flatMap((line, at) => (at % 2 === 0 ? [[line, lines[at + 1] ?? "?:0"] as [string, string]] : []));
}

function toFrame([name, place]: [string, string]): StackFrame {
  const match = /^(.*?):(\d+|\?)/.exec(place) ?? ["", "?", "0"];
  return { function: name, file: match[1]!.replace(/^.*\/\.\//, "").replace(/^\.\//, ""), line: Number(match[2]) || 0 };
}

/** The learner's own frames: those in one of the submitted files. */
export function learnerFrames(frames: StackFrame[], shown: string[]): StackFrame[] {
  return frames.filter((frame) => shown.includes(frame.file));
}

/** "mpsc_pop (mpsc_queue.c:42)" */
export function showFrame(frame: StackFrame): string {
  return `${frame.function} (${frame.file.split("/").at(-1)}:${frame.line})`;
}
