// SPDX-License-Identifier: MIT
/** The first page: what c10kata is, where to begin, the concepts and the katas. */
import type { DefaultTheme } from "vitepress";
import type { Page } from "./pages.ts";

const COMMANDS = `## Begin

\`\`\`sh
scripts/setup bun test katas/02     # grades your katas/02-mpsc-queue/mpsc_queue.c
bun kata watch 02                   # again at every save
bun kata hint 02                    # one of three; none gives code
bun kata lab mux                    # select, poll and epoll, measured on your machine
\`\`\`

The [overview](./overview.md) shows a failing and a passing report, and lists all commands. Two plans lead through the
concepts and the katas: [six weeks](./curriculum/six-weeks.md), or [one weekend](./curriculum/weekend.md).
`;

/** \`sidebar\`: its groups of concepts and of katas are listed. */
export function home(sidebar: DefaultTheme.SidebarItem[]): Page {
  const front = {
    layout: "home",
    hero: {
      name: "c10kata",
      text: "Graded systems katas in C",
      tagline:
        "Edit one file and run one command: the report says what is wrong, where it is wrong, and which command shows it again; " +
        "or that your program passed every schedule that was tried, and how fast it is.",
      actions: [
        { theme: "brand", text: "Overview", link: "/overview" },
        { theme: "alt", text: "The bootcamp", link: "/curriculum/" },
        { theme: "alt", text: "For instructors", link: "/curriculum/instructor" },
      ],
    },
  };
  const lists = ["Concepts", "Katas"].map((name) => listOf(sidebar.find(({ text }) => text === name)!));
  const text = `---\n${JSON.stringify(front)}\n---\n\n${COMMANDS}\n${lists.join("\n")}`;
  return { path: "index.md", title: "c10kata", text };
}

function listOf({ text, items = [] }: DefaultTheme.SidebarItem): string {
  const lines = items.map((item) => `- [${item.text}](${item.link!.replace(/\/$/, "/index")}.md)`);
  return `## ${text}\n\n${lines.join("\n")}\n`;
}
