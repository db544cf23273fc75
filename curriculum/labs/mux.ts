// SPDX-License-Identifier: MIT
/** A wait for one ready descriptor among silent ones, with select, poll and epoll: the reference of kata 22, measured by its lab. */
import { Unusable, type ConceptLab } from "@c10kata/harness/concept-lab";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { oneReady } from "../../katas/22-mux/grader/lab.ts";

const REFERENCE = join(import.meta.dir, "../../solutions/22-mux/mux.c");

export async function lab(): Promise<ConceptLab> {
  if (!existsSync(REFERENCE)) throw new Unusable("lab mux measures solutions/22-mux/mux.c, which is not here");
  const plot = await oneReady(REFERENCE);
  const ends = (name: string) => {
    const { points } = plot.series.find((series) => series.name === name)!;
    return { few: points[0]!, many: points.at(-1)! };
  };
  const [poll, epoll] = [ends("poll"), ends("epoll")];
  return {
    plots: [plot],
    says:
      `From ${poll.few[0]} to ${poll.many[0].toLocaleString("en")} watched descriptors, one of them ready, a wait with poll becomes ` +
      `${(poll.many[1] / poll.few[1]).toFixed(0)} times as dear, with epoll ${(epoll.many[1] / epoll.few[1]).toFixed(1)} times; select takes no descriptor above 1,023 at all.`,
  };
}
