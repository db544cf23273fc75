// SPDX-License-Identifier: MIT
/**
 * `bun run site`: curriculum and lessons as a static site, in site/.cache/dist. `--serve` shows it on this machine;
 * `--base /name/` is for a site that does not lie at the root of its host. A dead link fails the build.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, type DefaultTheme, type UserConfig } from "vitepress";
import { ROOT } from "../harness/src/base/cache.ts";
import { navigation } from "./navigation.ts";
import { home } from "./home.ts";
import { deadLinks } from "./links.ts";
import { pages } from "./pages.ts";
import { DIST, FOLDER, serveSite } from "./serve.ts";

/** Throws an error that names every dead link. */
async function buildSite(base = "/"): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const all = await pages();
  const menus = await navigation(all);
  const shown = [...all, home(menus.sidebar)];
  const dead = await deadLinks(shown);
  if (dead.length > 0) throw new Error(`dead links:\n  ${dead.join("\n  ")}`);
  for (const { path, text } of shown) write(join("pages", path), text);
  write(".vitepress/theme/index.ts", `export { default } from "${join(import.meta.dir, "theme", "index.ts")}";\n`);
  const markdown = `import { markdown } from "${join(import.meta.dir, "markdown.ts")}";\n`;
  const config = JSON.stringify(configuration(menus, base));
  write(".vitepress/config.mjs", `${markdown}export default { markdown, ...${config} };\n`);
  await build(FOLDER);
}

function write(path: string, text: string): void {
  const place = join(FOLDER, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, text);
}

const configuration = (menus: DefaultTheme.Config, base: string): UserConfig<DefaultTheme.Config> => ({
  base,
  title: "c10kata",
  description: "Graded systems katas in C, and the bootcamp around them",
  lang: "en",
  srcDir: "pages",
  outDir: DIST,
  cacheDir: "vite",
  themeConfig: { search: { provider: "local" }, outline: [2, 3], ...menus },
});

const { values } = parseArgs({ options: { base: { type: "string" }, serve: { type: "boolean" } } });
await buildSite(values.base);
process.stdout.write(`${DIST.slice(ROOT.length + 1)}\n`);
if (values.serve) process.stdout.write(`${serveSite().url}; Ctrl-C ends it\n`);
