// SPDX-License-Identifier: MIT
/** Where the built site lies, and a server that shows it on this machine. */
import { join } from "node:path";

export const FOLDER = join(import.meta.dir, ".cache");
export const DIST = join(FOLDER, "dist");

/** Serves it on a free port of this machine; stops when the caller does. */
export function serveSite(): Bun.Server<undefined> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const file = Bun.file(join(DIST, pathname.endsWith("/") ? `${pathname}index.html` : pathname));
      return (await file.exists()) ? new Response(file) : new Response("no such page", { status: 404 });
    },
  });
}
