// SPDX-License-Identifier: MIT
/** A plot as the reports draw it. On a phone it keeps a size at which its words can be read, and is scrolled. */

/** `words`: what it shows, for those who hear the page. */
export function Picture({ svg, words }: { svg: string; words: string }) {
  return (
    <div class="scroll" role="group" aria-label="picture" tabIndex={0}>
      <img class="plot" alt={words} src={`data:image/svg+xml,${encodeURIComponent(svg)}`} />
    </div>
  );
}
