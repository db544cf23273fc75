// SPDX-License-Identifier: MIT
/**
 * What no text of ours says: phrases that a reader with another first language stumbles over.
 * Most of good wording no program can judge; what has been mended once stays mended. Pure.
 */

/** A form, and what to write instead. */
type Rule = [form: RegExp, instead: string];

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

/** One sentence for each phrase that a text is to be without. */
export function wrongWords(text: string): string[] {
  return PHRASES.flatMap(([form, instead]) => {
    const [found] = form.exec(text) ?? [];
    return found === undefined ? [] : [`"${found}": ${instead}`];
  });
}
