// SPDX-License-Identifier: MIT
/**
 * A real PostgreSQL, for the lab, and PgBouncer in front of it, where they are installed (`scripts/setup --with postgres`): a
 * cluster of its own in a temporary folder, on a socket in that folder, run by an ordinary user, ended and removed afterwards.
 */
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DEBIAN = "/usr/lib/postgresql";
const NOBODY = 65534;
const BOUNCER_PORT = 6432;
const READY_TRIES = 100;

export interface Measured {
  perSecond: number;
  latency_ms: number;
}

/** The folder of PostgreSQL's programs, or what is missing. */
export function postgresFolder(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(DEBIAN, version, "bin"));
  return (
    folders.find((folder) => ["initdb", "postgres", "pgbench"].every((name) => existsSync(join(folder, name)))) ?? null
  );
}

export const bouncerPath = (): string | null =>
  Bun.which("pgbouncer", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });

/** PostgreSQL refuses root. */
const asOrdinaryUser = (argv: string[]) =>
  process.getuid?.() === 0 ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...argv] : argv;

/** One cluster, from its making to its end: `await using`. */
export class Postgres implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "c10kata-postgres-"));
  readonly #servers: Bun.Subprocess[] = [];

  constructor(readonly programs: string) {
    if (process.getuid?.() === 0) chownSync(this.#folder, NOBODY, NOBODY);
  }

  async begin(): Promise<void> {
    const cluster = join(this.#folder, "cluster");
    await this.#run(join(this.programs, "initdb"), ["-D", cluster, "-A", "trust", "-U", "lab", "--no-sync"]);
    const settings = [
      "listen_addresses=",
      "fsync=off",
      "max_connections=200",
      `unix_socket_directories=${this.#folder}`,
    ];
    this.#serve(join(this.programs, "postgres"), ["-D", cluster, ...settings.flatMap((setting) => ["-c", setting])]);
    await this.#ready(5432);
    await this.#run(join(this.programs, "pgbench"), [...this.#where(5432), "-i", "-q", "-s", "5", "postgres"]);
  }

  /** PgBouncer with so many connections to the server, lent for a transaction at a time. */
  async bounce(bouncer: string, size: number): Promise<AsyncDisposable> {
    const settings = [
      "[databases]",
      `postgres = host=${this.#folder} port=5432 user=lab`,
      "[pgbouncer]",
      "pool_mode = transaction",
      `default_pool_size = ${size}`,
      ...["max_client_conn = 500", "auth_type = any", "listen_addr =", `listen_port = ${BOUNCER_PORT}`],
      `unix_socket_dir = ${this.#folder}`,
    ];
    const path = join(this.#folder, `${size}.ini`);
    writeFileSync(path, `${settings.join("\n")}\n`);
    const server = this.#serve(bouncer, ["-q", path]);
    await this.#ready(BOUNCER_PORT);
    return { [Symbol.asyncDispose]: () => end(server) };
  }

  /** So many callers, each with a connection of its own, to the server or to what bounces them. */
  async measure(callers: number, bounced: boolean): Promise<Measured> {
    const load = ["-n", "-S", "-c", String(callers), "-j", "2", "-T", "2", "postgres"];
    const text = await this.#run(join(this.programs, "pgbench"), [
      ...this.#where(bounced ? BOUNCER_PORT : 5432),
      ...load,
    ]);
    const [perSecond, latency_ms] = [/^tps = ([\d.]+)/m, /^latency average = ([\d.]+) ms/m].map((form) =>
      Number(form.exec(text)?.[1]),
    );
    return { perSecond: perSecond!, latency_ms: latency_ms! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.reverse()) await end(server);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #where(port: number): string[] {
    return ["-h", this.#folder, "-p", String(port), "-U", "lab"];
  }

  #serve(program: string, args: string[]): Bun.Subprocess {
    const server = Bun.spawn(asOrdinaryUser([program, ...args]), {
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "ignore"],
    });
    this.#servers.push(server);
    return server;
  }

  async #ready(port: number): Promise<void> {
    const asks = asOrdinaryUser([join(this.programs, "pg_isready"), "-q", ...this.#where(port), "-t", "5"]);
    for (let tries = 0; tries < READY_TRIES; tries++) {
      if ((await Bun.spawn(asks, { stdio: ["ignore", "ignore", "ignore"] }).exited) === 0) return;
      await Bun.sleep(100);
    }
    throw new Error(`nothing answers on port ${port} of ${this.#folder}`);
  }

  async #run(program: string, args: string[]): Promise<string> {
    const child = Bun.spawn(asOrdinaryUser([program, ...args]), {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`${program}: ${error.trim().split("\n").at(-1)}`);
    return out;
  }
}

/** A fast end: sessions are ended, nothing is waited for. */
async function end(server: Bun.Subprocess): Promise<void> {
  server.kill("SIGINT");
  await server.exited;
}
