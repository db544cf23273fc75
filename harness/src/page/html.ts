// SPDX-License-Identifier: MIT
/** The page as one HTML file: it needs no network, and shows data that it carries, or that a server sends later. */
import { join } from "node:path";
import { Sentence } from "../base/sentence.ts";
import type { CohortData, PageData } from "./data.ts";

/** `events`: where a server sends the page's data anew, as server-sent events. */
export const pageHtml = (data: PageData, events?: string): Promise<string> =>
  htmlOf("main", { data, events: events ?? null });

/** The instructor's. */
export const cohortHtml = (data: CohortData): Promise<string> => htmlOf("cohort", data);

async function htmlOf(entry: Entry, carries: unknown): Promise<string> {
  const [script, css] = await Promise.all([clientScript(entry), Bun.file(join(import.meta.dir, "page.css")).text()]);
  const carried = JSON.stringify(carries);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>c10kata</title>
<style>${css}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page draws itself with a script that it carries.</noscript>
<script type="application/json" id="data">${carried.replaceAll("<", "\\u003c")}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** Whatever a program wrote into its failure: nothing is fetched, and no script runs but the page's own. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; connect-src 'self'";

type Entry = "main" | "cohort";
const built = new Map<Entry, Promise<string>>();

function clientScript(entry: Entry): Promise<string> {
  const script = built.get(entry) ?? build(entry);
  built.set(entry, script);
  return script;
}

async function build(entry: Entry): Promise<string> {
  const { success, outputs, logs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "client", `${entry}.tsx`)],
    target: "browser",
    minify: true,
    throw: false,
  });
  if (!success) throw new Sentence(`the page's script cannot be built:\n${logs.join("\n")}`);
  const script = await outputs[0]!.text();
  // No string in it may end the element that it stands in.
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}
