// SPDX-License-Identifier: MIT
/** A real redis-server of the machine's, and connections to it or to another one through a socket file. */
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";

/** Answers are compared byte for byte, so the version counts. */
export const VERSION = "7.0.";
const PATIENCE_TRIES = 400;

/** Starts one in `folder`; undefined: none is installed, or one of another version. */
export async function startRedis(folder: string): Promise<{ socket: string; stop(): Promise<void> } | undefined> {
  const program = Bun.which("redis-server");
  if (!program) return undefined;
  const version = Bun.spawnSync([program, "--version"]).stdout.toString();
  if (!version.includes(` v=${VERSION}`)) return undefined;
  const socket = join(folder, "real.sock");
  const options = {
    "--port": "0",
    "--unixsocket": socket,
    "--save": "",
    "--appendonly": "no",
    "--databases": "1",
    /* A hash keeps the order of its fields as long as it is small: here they all are. */
    "--hash-max-listpack-entries": "4096",
    "--hash-max-listpack-value": "65536",
    "--dir": folder,
  };
  const child = Bun.spawn([program, ...Object.entries(options).flat()], { stdout: "ignore", stderr: "ignore" });
  const stop = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  for (let tries = 0; tries < PATIENCE_TRIES && child.exitCode === null; tries++) {
    const there = await Connection.open(socket).catch(() => undefined);
    if (there) {
      there.close();
      return { socket, stop };
    }
    await Bun.sleep(10); // until it listens
  }
  await stop();
  return undefined;
}

/** Where one answer ends in `bytes`; -1: it is not whole. */
function answerEnd(bytes: string, at: number): number {
  const line = bytes.indexOf("\r\n", at);
  if (line < 0) return -1;
  const n = Number(bytes.slice(at + 1, line));
  if (bytes[at] === "$" && n >= 0) return line + 2 + n + 2 <= bytes.length ? line + 2 + n + 2 : -1;
  let end = line + 2;
  if (bytes[at] === "*") for (let part = 0; part < n && end >= 0; part++) end = answerEnd(bytes, end);
  return end;
}

export class Connection {
  #got = "";
  #ended = false;
  #wake: () => void = () => {};

  private constructor(readonly socket: Socket) {
    socket.on("data", (bytes) => {
      this.#got += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
    socket.on("error", () => {}); // "close" follows
  }

  static open(path: string): Promise<Connection> {
    return new Promise((settle, refuse) => {
      const socket = createConnection(path);
      socket.once("connect", () => settle(new Connection(socket)));
      socket.once("error", refuse);
    });
  }

  /** Sends bytes and waits for so many answers; fewer, if the connection ends. */
  async ask(bytes: string, answers: number): Promise<string[]> {
    const told: string[] = [];
    this.socket.write(Buffer.from(bytes, "latin1"));
    while (told.length < answers) {
      const end = this.#got === "" ? -1 : answerEnd(this.#got, 0);
      if (end >= 0) {
        told.push(this.#got.slice(0, end));
        this.#got = this.#got.slice(end);
      } else if (this.#ended) break;
      else await new Promise<void>((wake) => (this.#wake = wake));
    }
    return told;
  }

  close(): void {
    this.socket.destroy();
  }
}
