// SPDX-License-Identifier: MIT
/** What a play tells client.ts to do, and what comes back. */
export interface Order {
  /** Of a server's socket; with the other three it names the limiter, which is made when it is first used. */
  path: string;
  rate: number;
  burst: number;
  timeout_ms: number;
  key: string;
  cost: number;
  times?: number;
  /** In place of `cost`, of one call after the other. */
  costs?: number[];
}

export interface Answer {
  /** null: shared_new answered NULL. */
  answer: number | null;
  /** A number of 64 bits. */
  retry_ms: string;
  /** *retry_after_ms was not written. */
  kept: boolean;
  /** Of the process's own clock. */
  from_ms: number;
  to_ms: number;
}
