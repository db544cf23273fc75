// SPDX-License-Identifier: MIT
/** What this machine can run, found out by trying. */
import { soundKatas } from "../../kata/shelf.ts";
import { exitOf, type Finding, type State } from "./finding.ts";
import * as machine from "./machine.ts";
import * as tools from "./tools.ts";
import { wrapped, type Style } from "../../report/terminal.ts";

/** Looks at everything; what needs a compiler only where there is one that can be used. */
export async function examine(): Promise<Finding[]> {
  const quiet = await machine.quiet(); // before anything here makes the machine busy
  const katas = await soundKatas();
  const first = [
    ...[tools.bun(), await tools.compiler(), tools.toolsBesideIt()],
    ...[machine.checkout(), ...machine.room(), ...machine.limits()],
  ];
  const usable = exitOf(first) !== 2;
  const compiled = usable
    ? await Promise.all([
        tools.sanitizer("asan", katas),
        tools.sanitizer("tsan", katas),
        tools.libraries(katas),
        tools.box(),
        tools.rings(katas),
      ])
    : [];
  return [
    ...first,
    ...compiled.flat(),
    tools.throughput(katas),
    tools.redis(katas),
    tools.clients(),
    tools.wine(katas),
    machine.cpus(),
    quiet,
    machine.memory(),
    machine.descriptors(katas),
    await tools.debuggerThere(),
    ...(usable ? [await tools.recorder()] : []),
    tools.git(),
    machine.colours(),
  ];
}

const SUMS = {
  0: "ready: every check of every kata can run here",
  1: "ready; what is marked ! cannot be had here",
  2: "not ready: what is marked ✗ has to be mended first",
};

/** The findings, each with what it means and what mends it, and a sentence on all of them. */
export function told(findings: Finding[], { chalk, width: columns = Infinity }: Style): string {
  const marks: Record<State, string> = {
    fine: chalk.green("✓"),
    known: chalk.dim("·"),
    less: chalk.yellow("!"),
    stops: chalk.red("✗"),
  };
  const width = Math.max(...findings.map(({ what }) => what.length));
  const below = `\n${" ".repeat(width + 4)}`;
  const lines = findings.map(({ what, state, says, means, mend }) => {
    const more = [means, mend && `mend it:  ${mend}`].filter(Boolean).join("\n");
    const text = wrapped([says.trim(), more].filter(Boolean).join("\n"), columns - width - 4);
    return `${marks[state]} ${what.padEnd(width)}  ${text.replaceAll("\n", below)}`;
  });
  return [...lines, "", SUMS[exitOf(findings)]].join("\n");
}
