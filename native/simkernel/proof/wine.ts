// SPDX-License-Identifier: MIT
/**
 * Runs a Windows program in Wine, in a prefix of its own that is made by hand: without services, without a registry, of
 * links to the DLLs of Debian's package. Its wineserver ends with it.
 */
import { $ } from "bun";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const MINGW = "x86_64-w64-mingw32-gcc";
const DLLS = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows";
const NEEDED = (
  "ntdll kernel32 kernelbase msvcrt ucrtbase ws2_32 mswsock advapi32 sechost rpcrt4 iphlpapi dnsapi nsi user32 gdi32 " +
  "win32u version imm32 bcrypt"
).split(" ");
const DEADLINE_S = 120;
const END_S = 10;

function makePrefix(prefix: string): void {
  const system = join(prefix, "drive_c", "windows", "system32");
  mkdirSync(system, { recursive: true });
  mkdirSync(join(prefix, "dosdevices"));
  symlinkSync("../drive_c", join(prefix, "dosdevices", "c:"));
  symlinkSync("/", join(prefix, "dosdevices", "z:"));
  writeFileSync(join(prefix, ".update-timestamp"), "disable\n");
  for (const name of NEEDED) symlinkSync(join(DLLS, `${name}.dll`), join(system, `${name}.dll`));
}

/** What it wrote to its standard output; throws when it failed, or took too long. */
export async function inWine(program: string, words: string[]): Promise<string> {
  const prefix = mkdtempSync(join(tmpdir(), "wine-prefix-"));
  const env = { PATH: process.env.PATH ?? "", HOME: prefix, WINEPREFIX: prefix, WINEDEBUG: "-all", DISPLAY: "" };
  try {
    makePrefix(prefix);
    return await $`timeout ${DEADLINE_S} wine ${program} ${words}`.env(env).quiet().text();
  } finally {
    await $`timeout ${END_S} wineserver -k -w`.env(env).quiet().nothrow();
    const place = join(prefix, "wineserver"); // in Debian's package it says where the server's socket was
    if (existsSync(place)) rmSync(join("/tmp", readFileSync(place, "utf8").trim()), { recursive: true, force: true });
    rmSync(prefix, { recursive: true, force: true });
  }
}
