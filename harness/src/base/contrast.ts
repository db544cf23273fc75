// SPDX-License-Identifier: MIT
/** Two texts side by side, so that a reader sees where they differ. Pure. */

/** What is the same is shortened when it is longer than this, */
const SAME_MAX = 60;
/** and so much of it stays beside the difference. */
const BESIDE = 24;

/** A long beginning and a long end that both texts have become "...". Equal texts stay as they are. */
export function contrasted(one: string, other: string): [string, string] {
  if (one === other) return [one, other];
  const begin = sameLength(one, other);
  const tail = Math.min(one.length, other.length) - begin;
  const end = Math.min(tail, sameLength(reversed(one), reversed(other)));
  const shortened = (text: string) => withoutEnd(text, end).slice(cutAt(text, begin));
  return [one, other].map((text) => `${cutAt(text, begin) > 0 ? "... " : ""}${shortened(text)}`) as [string, string];
}

function sameLength(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

const reversed = (text: string) => [...text].reverse().join("");

/** Where the text may begin: at a word, a little before the difference. */
function cutAt(text: string, same: number): number {
  if (same <= SAME_MAX) return 0;
  const from = same - BESIDE;
  const space = text.indexOf(" ", from);
  return space >= 0 && space < same ? space + 1 : from;
}

function withoutEnd(text: string, same: number): string {
  return same <= SAME_MAX ? text : `${text.slice(0, text.length - same + BESIDE).trimEnd()} ...`;
}
