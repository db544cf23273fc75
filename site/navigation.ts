// SPDX-License-Identifier: MIT
/** The site's menus, from the pages that there are: a new kata or a new concept appears by itself. */
import type { DefaultTheme } from "vitepress";
import { kataIds } from "../harness/src/kata/shelf.ts";
import { sourcesOf, type Page } from "./pages.ts";

type Link = DefaultTheme.NavItemWithLink;

export async function navigation(pages: Page[]): Promise<{ nav: Link[]; sidebar: DefaultTheme.SidebarItem[] }> {
  const at = (path: string): Link => linkTo(pages.find((page) => page.path === path)!);
  const lesson = async (id: string): Promise<DefaultTheme.SidebarItem> => ({
    ...at(`katas/${id}/index.md`),
    collapsed: true,
    items: (await sourcesOf(id)).map((path) => at(`${path}.md`)),
  });
  const lessons = await Promise.all(kataIds().map(lesson));
  const group = (text: string, paths: string[]) => ({ text, items: paths.map((path) => at(`${path}.md`)) });
  return {
    nav: [
      { text: "Bootcamp", link: "/curriculum/" },
      { text: "Katas", link: lessons[0]!.link! },
      at("curriculum/glossary.md"),
    ],
    sidebar: [
      group("Begin", ["overview", "curriculum/index"]),
      { text: "Concepts", items: pages.filter(({ path }) => /^curriculum\/\d/.test(path)).map(linkTo) },
      { text: "Katas", items: lessons },
      group(
        "Plans",
        ["six-weeks", "weekend", "instructor", "glossary"].map((name) => `curriculum/${name}`),
      ),
      group("How it works", [
        "docs/architecture",
        "docs/trust",
        "native/explorer/index",
        "native/simkernel/index",
        "native/kqueue/index",
        "CONTRIBUTING",
        "CHANGELOG",
      ]),
    ],
  };
}

const linkTo = ({ path, title }: Page): Link => ({
  text: title,
  link: `/${path.replace(/\.md$/, "").replace(/(^|\/)index$/, "$1")}`,
});
