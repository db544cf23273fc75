// SPDX-License-Identifier: MIT
/** Text that learner code had a hand in, made safe to print: no terminal obeys it, no line is endless. Pure. */

const LINE_CHARACTERS_MAX = 400;

/** Control characters but for line breaks and tabs appear as \x1b; long lines end in an ellipsis. */
export function readable(text: string): string {
  return text.split(/\r?\n/).map(readableLine).join("\n");
}

function readableLine(line: string): string {
  const cut = line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)} ...` : line;
  return cut.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]|[\u202a-\u202e\u2066-\u2069]/g, escaped);
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
}
