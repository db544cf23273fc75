// SPDX-License-Identifier: MIT
/**
 * What no text of ours says: phrases that a reader with another first language stumbles over, and numbers that are none.
 * Most of good wording no program can judge; what has been mended once stays mended. Pure.
 */

/** A form, and what to write instead. */
type Rule = [form: RegExp, instead: string];

/** In texts and in what a learner reads of a failure. */
const PHRASES: Rule[] = [
  [/\bbut for\b/i, "except"],
  [/\b(?:that|which) (?:is|are) none\b/i, "say what is missing"],
  [/\bthe point is made\b/i, "say what is now known"],
  [/\bnobody's business\b/i, "say who may use it"],
  [/\bhas a hand in\b/i, "depends on"],
  [/\bbegets?\b/i, "starts"],
  [/\blest\b/i, "so that ... not"],
  [/\bsay_?goodbye\b/i, "close"],
  [/\bstory_?tellers?\b/i, "client"],
];

const COUNTED =
  "allocations answers bytes calls connections descriptors entries gets jobs keys kills loads lookups messages nodes " +
  "processes requests rings rounds steps threads times transfers values wakeups workers";

/** In what a learner reads of a failure only: there the numbers come from a wrong program. */
const NUMBERS: Rule[] = [
  [
    /\b(?:NaN|Infinity) ?(?:%|(?:ns|us|ms|s|bytes|KiB|MiB|steps|calls|loads|of|for|times|per)\b)/,
    "say that nothing was counted",
  ],
  // alone it may be a key: the largest that there is
  [
    new RegExp(`\\b1844674407[\\d,.]{3,} ?(?:ns|us|ms|s|KiB|MiB|${COUNTED.replaceAll(" ", "|")})\\b`),
    "say that a count is below zero",
  ],
  [/\bundefined\b(?! (?:behaviour|behavior|reference))/, "a value, or no sentence about it"],
  [new RegExp(`(?<![\\d.,])\\b1 (?:${COUNTED.replaceAll(" ", "|")})\\b`), "plural()"],
];

const wrongIn = (text: string, rules: Rule[]) =>
  rules.flatMap(([form, instead]) => {
    const [found] = form.exec(text) ?? [];
    return found === undefined ? [] : [`"${found}": ${instead}`];
  });

/** One sentence for each phrase that a text is to be without. */
export function wrongWords(text: string): string[] {
  return wrongIn(text, PHRASES);
}

/** The same for what a learner reads of a failure. */
export function wrongInMessage(text: string): string[] {
  return wrongIn(text, [...PHRASES, ...NUMBERS]);
}
