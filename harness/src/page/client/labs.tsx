// SPDX-License-Identifier: MIT
/** What labs have drawn on this machine, and the command, the day and the machine that the figures belong to. */
import type { LabData } from "../data.ts";
import { Picture } from "./picture.tsx";

export function Lab({ lab: { command, at, machine, says, plots }, heading }: { lab: LabData; heading: string }) {
  return (
    <section>
      <h2>{heading}</h2>
      <p class="facts">
        <code>{command}</code>, {new Date(at).toLocaleString()}, {machine}
      </p>
      {says && <p>{says}</p>}
      {plots.map(({ title, svg }) => (
        <Picture key={title} svg={svg} words={title} />
      ))}
    </section>
  );
}

/** Those that belong to no kata. */
export function Labs({ labs }: { labs: LabData[] }) {
  return (
    <article>
      <header>
        <h1>Labs, on this machine</h1>
      </header>
      {labs.map((lab) => (
        <Lab key={lab.command} lab={lab} heading={lab.command.split(" ").at(-1)!} />
      ))}
    </article>
  );
}
