// SPDX-License-Identifier: MIT
/** The page on this machine alone, sent anew whenever a grading has ended. */
import type { PageData } from "../page/data.ts";
import { pageHtml } from "../page/html.ts";
import { htmlResponse, serveHere } from "./loopback.ts";

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
  const looking: Looking = new Set();
  const page = async () => htmlResponse(await pageHtml(await read(), "events"));
  const { url, stop } = serveHere((path, request) => {
    if (path === "") return page();
    return path === "events" ? events(request.signal, looking, newsOf(read)) : undefined;
  });
  return {
    url,
    stop,
    async update() {
      const message = await newsOf(read);
      for (const browser of looking) browser.enqueue(message);
    },
  };
}

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
