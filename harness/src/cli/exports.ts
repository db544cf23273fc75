// SPDX-License-Identifier: MIT
/** `--json FILE`, `--junit FILE`, `--export FORMAT=FILE`: the same result for every platform, in files or on standard output. */
import { InvalidArgumentError, type Command } from "commander";
import { Unusable } from "../base/command.ts";
import { checkWritable, writeWhole } from "../report/file.ts";
import { FORMATS, type Format } from "../report/exports/formats.ts";
import type { Graded } from "../report/exports/scored.ts";

/** As the command line names it: the option for messages, and `-` for standard output. */
interface Target {
  option: string;
  format: Format | "json";
  path: string;
}

export interface ExportOptions {
  json?: string;
  junit?: string;
  export: Target[];
}

/** What `--export` takes. */
export const EXPORTED = ["json", ...Object.keys(FORMATS)];

export function addExportOptions(command: Command): Command {
  return command
    .option("--json <file>", "write the result as JSON; - for standard output")
    .option("--junit <file>", "write it as JUnit XML; - for standard output")
    .option(
      "--export <format=file>",
      `write it as ${EXPORTED.join(", ")}; may be given several times; - for standard output`,
      (value: string, all: Target[]) => [...all, parsed(value)],
      [],
    );
}

function parsed(value: string): Target {
  const [, format, path] = /^(\w+)=(.+)$/.exec(value) ?? [];
  if (!format || !path) throw new InvalidArgumentError("FORMAT=FILE, as in csv=scores.csv.");
  if (!EXPORTED.includes(format))
    throw new InvalidArgumentError(`no format '${format}'; there are ${EXPORTED.join(", ")}.`);
  return { option: `--export ${format}`, format: format as Format, path };
}

export class Exports {
  readonly #targets: Target[];

  /** Throws Unusable when one of them could not be written: before a long grading, not after it. */
  constructor({ json, junit, export: more }: ExportOptions) {
    this.#targets = [
      ...(json ? [{ option: "--json", format: "json" as const, path: json }] : []),
      ...(junit ? [{ option: "--junit", format: "junit" as const, path: junit }] : []),
      ...more,
    ];
    const printed = this.#targets.filter(({ path }) => path === "-");
    if (printed.length > 1)
      throw new Unusable(`${printed.map(({ option }) => option).join(" and ")}: only one can go to standard output`);
    for (const { option, format, path } of this.#targets) {
      if (path !== "-") checkWritable(option, path);
      if (format !== "json") FORMATS[format]({ katas: [] });
    }
  }

  /** What there is of a whole roster. Throws Unusable. */
  onlyCsv(what: string): void {
    const other = this.#targets.find(({ format }) => format !== "csv");
    if (other) throw new Unusable(`${other.option}: of ${what} there is --export csv=FILE`);
  }

  /** One of them goes to standard output: nothing else may. */
  get printed(): boolean {
    return this.#targets.some(({ path }) => path === "-");
  }

  /** The files as they are by now. `over`: and what goes to standard output, since all is known. */
  write(text: (format: Target["format"]) => string, over: boolean): void {
    for (const { option, format, path } of this.#targets)
      if (path !== "-") writeWhole(option, path, text(format));
      else if (over) process.stdout.write(text(format));
  }

  /** A report for people, beside an export. */
  tell(text: string): void {
    (this.printed ? process.stderr : process.stdout).write(`${text}\n`);
  }
}

/** What Exports.write() takes. `json`: the result itself. */
export const formatted = (graded: Graded, json: () => string) => (format: Target["format"]) =>
  format === "json" ? json() : FORMATS[format](graded);
