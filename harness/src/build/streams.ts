// SPDX-License-Identifier: MIT
/** The insides of the C library's streams, which lead to other streams, to descriptors and to the library's own state. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withTemporary } from "../base/cache.ts";
import type { Line } from "./attributes.ts";
import { COMMON, EVERYWHERE } from "./flags.ts";
import { heldCompiler } from "./held-compiler.ts";

const INSIDES = /\b_(?:chain|fileno|markers|lock|codecvt|wide_data|freeres_(?:list|buf))\b/g;
const STREAM = /\bstruct _IO_FILE\s*\{[^}]*\}/;

/**
 * The first of a file's lines that names such a member, if it is a stream's: with other names in the stream, the file no
 * longer compiles. A structure of its own may have members of these names. `text`: all of what was preprocessed.
 */
export async function insideOfStream(text: string, lines: Line[]): Promise<{ line: number; word: string } | undefined> {
  const named = lines.find(({ code }) => code.search(INSIDES) >= 0);
  if (!named || (await compiles(text.replace(STREAM, (stream) => stream.replace(INSIDES, "$&_of_the_library"))))) {
    return undefined;
  }
  return { line: named.line, word: named.code.match(INSIDES)![0] };
}

async function compiles(preprocessed: string): Promise<boolean> {
  return await withTemporary(async (made) => {
    const stage = join(made, "stage");
    mkdirSync(stage);
    writeFileSync(join(stage, "whole.i"), preprocessed);
    const words = [...COMMON, ...EVERYWHERE.plain, "-w", "-fsyntax-only", "-x", "cpp-output", "whole.i"];
    return (await heldCompiler(words, stage)).code === 0;
  });
}
