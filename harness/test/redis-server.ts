// SPDX-License-Identifier: MIT
/** A Redis of the test's own, on a socket in a folder of its own, which survives being killed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

export const hasRedis = Bun.which("redis-server") !== null;

export class RedisServer {
  readonly folder = mkdtempSync(join(tmpdir(), "c10kata-redis-"));
  readonly address = join(this.folder, "redis.sock");
  #server: Bun.Subprocess | undefined;

  /** With every write on disk before it is answered. */
  async start(): Promise<this> {
    const words = ["--port", "0", "--unixsocket", this.address, "--dir", this.folder, "--appendonly", "yes"];
    const stdio = ["ignore", "ignore", "ignore"] as const;
    this.#server = Bun.spawn(["redis-server", ...words, "--appendfsync", "always", "--save", ""], {
      stdio: [...stdio],
    });
    const client = new Redis(this.address, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    client.on("error", () => {}); // not there yet
    await client.ping();
    client.disconnect();
    return this;
  }

  async kill(): Promise<void> {
    this.#server?.kill("SIGKILL");
    await this.#server?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}
