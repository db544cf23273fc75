// SPDX-License-Identifier: MIT
/** The page on this machine alone, sent anew whenever a grading has ended. */
import type { PageData } from "../page/data.ts";
import { pageHtml } from "../page/html.ts";

export interface Web {
  /** With a token that no other program on this machine can guess. */
  url: string;
  /** Sends the page's data to every browser that looks at it. */
  update(): Promise<void>;
  stop(): void;
}

type Looking = Set<ReadableStreamDefaultController<Uint8Array>>;

/** `read`: what the page shows now. */
export function serveWeb(read: () => Promise<PageData>): Web {
  const token = crypto.randomUUID();
  const looking: Looking = new Set();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0, // a browser waits for news as long as it likes
    async fetch(request) {
      const { host, pathname } = new URL(request.url);
      // A name that a stranger's page has made to mean this machine is none of ours.
      if (host !== `127.0.0.1:${server.port}`) return refused();
      if (pathname === `/${token}/`) return page(await pageHtml(await read(), `/${token}/events`));
      return pathname === `/${token}/events` ? events(request.signal, looking, newsOf(read)) : refused();
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/${token}/`,
    async update() {
      const message = await newsOf(read);
      for (const browser of looking) browser.enqueue(message);
    },
    stop: () => void server.stop(true),
  };
}

const refused = () => new Response("There is nothing here.\n", { status: 404 });
const page = (html: string) => new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
const newsOf = async (read: () => Promise<PageData>) =>
  new TextEncoder().encode(`data: ${JSON.stringify(await read())}\n\n`);

function events(over: AbortSignal, looking: Looking, first: Promise<Uint8Array>): Response {
  const stream = new ReadableStream<Uint8Array>({
    async start(browser) {
      looking.add(browser);
      over.addEventListener("abort", () => looking.delete(browser));
      browser.enqueue(await first);
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
