// SPDX-License-Identifier: MIT
/**
 * Which submissions have long runs of tokens in common: for a person to look at, never a verdict. Winnowing (Schleimer,
 * Wilkerson, Aiken: "Local Algorithms for Document Fingerprinting", 2003), as Dolos has it; names that a learner chose count
 * alike, and whatever the kata hands out counts nothing.
 */
import { File, FingerprintIndex, Region, TokenizedFile, type Pair, type FileEntry } from "@dodona/dolos-core";
import type { Similar } from "../judge/cohort.ts";

export interface Text {
  name: string;
  text: string;
}

/** Dolos's own values: a run of fewer tokens means nothing, one of 39 is always seen. */
const RUN_TOKENS = 23;
const WINDOW = 17;
/** What so many have alike is the task's doing: a quarter of them, within bounds. */
const COMMON_SHARE = 0.25;
const COMMON_MIN = 8;
const COMMON_MAX = 40;
/** One declaration behind the stub's end makes a run or two. */
const RUNS_MIN = 4;
const PAIRS_MAX = 50;
const SHARE_MIN = 0.3;

/** Beside them the names of the functions that the kata hands out are told apart: whatever else has a name may be renamed. */
const KEYWORDS =
  "auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while".split(
    " ",
  );

/** Pairs with the greatest share first. `known`: the stub, the header, the baseline. */
export function similarPairs(texts: Text[], known: string[]): Similar[] {
  const names = new Set([...KEYWORDS, ...known.flatMap((text) => text.match(/[A-Za-z_]\w*(?= ?\()/g) ?? [])]);
  const common = Math.min(COMMON_MAX, Math.max(COMMON_MIN, Math.ceil(COMMON_SHARE * texts.length)));
  const index = new FingerprintIndex(RUN_TOKENS, WINDOW);
  index.addIgnoredHashes(hashesOf(known.map((text) => tokenized({ name: "", text }, names))));
  index.addFiles(texts.map((text) => tokenized(text, names)));
  const commonplace = index.sharedFingerprints().filter((shared) => shared.fileCount() > common);
  index.addIgnoredHashes(commonplace.map(({ hash }) => hash));
  return candidates(index)
    .map(([left, right]) => similarity(index.getPair(left, right)))
    .filter(({ share }) => share >= SHARE_MIN)
    .sort((a, b) => b.share - a.share)
    .slice(0, PAIRS_MAX);
}

/** Of every run, not only of those that winnowing picks. */
function hashesOf(known: TokenizedFile[]): number[] {
  const every = new FingerprintIndex(RUN_TOKENS, 1);
  every.addFiles(known);
  return every.sharedFingerprints().map(({ hash }) => hash);
}

/** The pairs with the most runs in common: looking at every pair of a thousand files would take minutes. */
function candidates(index: FingerprintIndex): [TokenizedFile, TokenizedFile][] {
  const pairs = new Map<string, { pair: [TokenizedFile, TokenizedFile]; runs: number }>();
  for (const shared of index.sharedFingerprints().filter(({ ignored }) => !ignored)) {
    const files = shared.files().sort((a, b) => a.id - b.id);
    for (const [at, left] of files.entries())
      for (const right of files.slice(at + 1)) {
        const key = `${left.id} ${right.id}`;
        const known = pairs.get(key) ?? { pair: [left, right], runs: 0 };
        known.runs++;
        pairs.set(key, known);
      }
  }
  const most = [...pairs.values()].filter(({ runs }) => runs >= RUNS_MIN).sort((a, b) => b.runs - a.runs);
  return most.slice(0, 4 * PAIRS_MAX).map(({ pair }) => pair);
}

function similarity(pair: Pair): Similar {
  const own = ({ shared, file }: FileEntry) =>
    [...shared].reduce((sum, fingerprint) => sum + fingerprint.occurrencesOf(file).length, 0);
  const longest = pair.buildFragments().sort((a, b) => b.leftkgrams.length - a.leftkgrams.length)[0]!;
  const lines = ({ startRow, endRow }: Region): [number, number] => [startRow + 1, endRow + 1];
  return {
    left: pair.leftFile.path,
    right: pair.rightFile.path,
    share: pair.overlap / (own(pair.leftEntry) + own(pair.rightEntry)),
    left_lines: lines(longest.leftSelection),
    right_lines: lines(longest.rightSelection),
  };
}

/** Comments, spaces and directives are nothing; strings and numbers are alike, and so are names that `names` has not. */
function tokenized({ name, text }: Text, names: Set<string>): TokenizedFile {
  const tokens: string[] = [];
  const places: Region[] = [];
  let row = 0;
  let lineStart = 0;
  for (const { 0: word, index, groups } of text.matchAll(WORDS)) {
    const at = [row, index - lineStart] as const;
    const breaks = word.match(/\n/g)?.length ?? 0;
    row += breaks;
    if (breaks > 0) lineStart = index + word.lastIndexOf("\n") + 1;
    if (groups!.nothing !== undefined) continue;
    const { literal, name: own } = groups!;
    tokens.push(literal !== undefined ? "literal" : own !== undefined && !names.has(own) ? "name" : word);
    places.push(new Region(...at, row, index + word.length - lineStart));
  }
  return new TokenizedFile(new File(name, text), tokens, places);
}

const WORDS = new RegExp(
  [
    /(?<nothing>\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|(?![^]))|^[ \t]*#(?:\\\n|[^\n])*)/,
    /(?<literal>"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|\.?\d(?:[eEpP][+-]|[\w.])*)/,
    /(?<name>[A-Za-z_]\w*)/,
    /->|\+\+|--|<<=?|>>=?|[<>=!+*/%&|^-]=|&&|\|\||[^]/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);
