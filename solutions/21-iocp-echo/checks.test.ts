// SPDX-License-Identifier: MIT
/**
 * The checks of this kata are the simulated kernel's. Here its right servers are Windows programs, served by Wine to real
 * clients: a witness that what is right there is right elsewhere. `scripts/setup --with wine` installs what it takes.
 */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../../harness/src/base/command.ts";
import { inWine, MINGW } from "../../native/simkernel/proof/wine.ts";

const root = join(import.meta.dir, "../..");
const kata = join(root, "katas/21-iocp-echo");
const missing = [MINGW, "wine"].filter((name) => !Bun.which(name));
const CLIENTS = 60;
const LEFT = 9; /* one in seven */

async function witness(server: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "witness-"));
  const program = join(folder, "witness.exe");
  try {
    const flags = ["-std=gnu11", "-O2", "-D_WIN32_WINNT=0x0602", `-I${kata}`];
    const files = [server, join(root, "native/simkernel/proof/witness.c")];
    const { code, stderr } = await command([MINGW, ...flags, "-o", program, ...files, "-lws2_32", "-lmswsock"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return (await inWine(program, [])).replaceAll("\r", "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const RIGHT = `listen 0
again 10048
nonsense 10022
wrong 0
ended ${CLIENTS - LEFT + 1}
late 262144
served 0
served again 0
`;

const servers = ["iocp_echo.c", "accepted/chunks.c", "accepted/skips_success.c"];

test.skipIf(missing.length > 0)(
  `in Wine, with real clients${missing.length > 0 ? ` (no ${missing.join(", no ")}: scripts/setup --with wine)` : ""}`,
  async () => {
    for (const name of servers)
      expect({ name, saw: await witness(join(import.meta.dir, name)) }).toEqual({ name, saw: RIGHT });
    expect(await witness(join(kata, "baseline.c"))).toBe(RIGHT);
  },
  240_000,
);
