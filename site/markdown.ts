// SPDX-License-Identifier: MIT
/** How texts become HTML: a block that is indented is shown, and reached by keyboard, like one between fences. */
import type { MarkdownOptions } from "vitepress";

export const markdown: MarkdownOptions = {
  theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  config(md) {
    md.renderer.rules.code_block = (tokens, at, ...rest) => {
      const block = tokens[at]!;
      block.info = "txt";
      block.content = block.content.trimEnd();
      return md.renderer.rules.fence!(tokens, at, ...rest);
    };
  },
};
