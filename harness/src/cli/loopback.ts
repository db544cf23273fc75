// SPDX-License-Identifier: MIT
/** A server for this machine's browser alone: behind a token that no other program can guess. */

export interface Served {
  /** With the token, and a slash at its end. */
  url: string;
  stop(): void;
}

/** `answer` is told what stands behind the token: "" for the page itself. It answers undefined for what is not there. */
export function serveHere(
  answer: (path: string, request: Request) => Response | Promise<Response> | undefined,
): Served {
  const token = crypto.randomUUID();
  const server: Bun.Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false, // a fault is no page with our code
    idleTimeout: 0, // a browser waits for news as long as it likes
    fetch(request) {
      const { host, pathname } = new URL(request.url);
      // A name that a stranger's page has made to mean this machine is none of ours.
      const ours = host === `127.0.0.1:${server.port}` && pathname.startsWith(`/${token}/`);
      return (ours && answer(pathname.slice(token.length + 2), request)) || refused();
    },
  });
  return { url: `http://127.0.0.1:${server.port}/${token}/`, stop: () => void server.stop(true) };
}

const refused = () => new Response("There is nothing here.\n", { status: 404 });

export const htmlResponse = (html: string) =>
  new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
