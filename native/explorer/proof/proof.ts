// SPDX-License-Identifier: MIT

/**
 * The explorer's own proof: `bun native/explorer/proof/proof.ts [--long] [--cc gcc]`.
 *
 * Litmus tests have the outcomes their comments state, planted mistakes are found on 20 seeds with the verdict
 * their comments name, correct programs raise no alarm, and replays are the same byte for byte.
 */
import { join } from "node:path";
import { circular } from "./circles";
import { buildExplorer, home } from "./explorer";
import { proveAxioms, proveLitmus } from "./litmus";
import { proveCorrect, proveLevels, provePlanted, proveReplay } from "./planted";
import { proveCertificate, proveReduction, proveScripts, proveUnbounded } from "./reduction";
import { check, compilers, summed } from "./tally";
import * as told from "./told";

function proveOrder(): void {
  for (const engine of ["explorer", "simkernel"]) {
    const folders = [join(home, "..", engine, "src"), join(home, "../common")];
    const circle = circular(folders);
    check(`no file of ${engine} includes itself through others`, circle.length > 0 ? circle.join(" ") : undefined);
  }
}

proveOrder();
await buildExplorer();
for (const cc of compilers) {
  for (const prove of [
    proveLitmus,
    proveAxioms,
    provePlanted,
    proveReplay,
    told.proveTraces,
    told.proveOrders,
    told.proveNames,
    told.proveWords,
    told.proveLines,
    told.proveHistories,
    told.proveWaiting,
    told.proveNearest,
    told.provePlainSteps,
    told.proveLimits,
    told.proveAssumptions,
    proveScripts,
    proveLevels,
    proveReduction,
    proveUnbounded,
    proveCertificate,
    proveCorrect,
  ])
    await prove(cc);
}
process.exit(summed() ? 0 : 1);
