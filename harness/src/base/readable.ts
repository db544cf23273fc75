// SPDX-License-Identifier: MIT
/** Text that learner code had a hand in, made safe to print: no terminal obeys it, no line is endless. Pure. */

const LINE_CHARACTERS_MAX = 400;

/** Control characters other than line breaks and tabs appear as \x1b; long lines end in an ellipsis. */
export function readable(text: string): string {
  return text.split(/\r?\n/).map(readableLine).join("\n");
}

function readableLine(line: string): string {
  return shortened(line).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]|[\u202a-\u202e\u2066-\u2069]/g,
    escaped,
  );
}

/** A word is cut only where it is very long itself. */
function shortened(line: string): string {
  if (line.length <= LINE_CHARACTERS_MAX) return line;
  return `${line
    .slice(0, LINE_CHARACTERS_MAX + 1)
    .replace(/\s\S{0,40}$/, "")
    .slice(0, LINE_CHARACTERS_MAX)} ...`;
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
}
