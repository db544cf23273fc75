// SPDX-License-Identifier: MIT
/** The model of 07-idempotent-api: a bank on one thread that never fails, with the contract's rules in its order. */

export const EXPIRY_MS = 86_400_000;
export const KEY_BYTES_MAX = 255;
const INT64_MAX = 2n ** 63n - 1n;

export interface Transfer {
  from: string;
  to: string;
  amount: bigint;
}

export interface Answer {
  status: number;
  replayed: boolean;
  /** The number of the request whose answer this is, its own if it is new. */
  of: number;
}

interface Stored {
  body: string;
  status: number;
  first_ms: number;
  of: number;
}

/** Text stands for bytes: one character each (latin1). Null: malformed. */
export function readForm(body: string): Transfer | null {
  const fields = new Map<string, string>();
  for (const pair of body.split("&")) {
    const equals = pair.indexOf("=");
    if (equals < 0) return null;
    const [name, value] = [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    if (name === null || value === null || fields.has(name)) return null;
    fields.set(name, value);
  }
  const [from, to, amount] = ["from", "to", "amount"].map((name) => fields.get(name));
  if (fields.size !== 3 || from === undefined || to === undefined || amount === undefined) return null;
  if (from === to || !/^[0-9]+$/.test(amount)) return null;
  const value = BigInt(amount);
  return value > 0n && value <= INT64_MAX ? { from, to, amount: value } : null;
}

function decode(text: string): string | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  const decoded = text
    .replaceAll("+", " ")
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded.includes("\0") ? null : decoded;
}

export class Bank {
  readonly accounts = new Map<string, bigint>();
  readonly transfers: (Transfer & { key: string })[] = [];
  #answers = new Map<string, Stored>();
  #requests = 0;

  /** POST /transfers. */
  pay(key: string | null, body: string, now_ms: number): Answer {
    const of = ++this.#requests;
    const fresh = (status: number): Answer => ({ status, replayed: false, of });
    const transfer = readForm(body);
    if (!transfer || !key || key.length > KEY_BYTES_MAX) return fresh(400);
    const stored = this.#answers.get(key);
    if (stored && now_ms - stored.first_ms < EXPIRY_MS) {
      return stored.body === body ? { status: stored.status, replayed: true, of: stored.of } : fresh(422);
    }
    const status = this.#move(key, transfer);
    if (status === 201 || status === 402) this.#answers.set(key, { body, status, first_ms: now_ms, of });
    return fresh(status);
  }

  /** GET /accounts/NAME: the balance, or null. */
  balance(name: string): bigint | null {
    this.#requests++;
    return this.accounts.get(name) ?? null;
  }

  /** Any other request is answered with a status that the caller knows. */
  other(): void {
    this.#requests++;
  }

  #move(key: string, { from, to, amount }: Transfer): number {
    const [source, target] = [this.accounts.get(from), this.accounts.get(to)];
    if (source === undefined || target === undefined) return 404;
    if (source < amount) return 402;
    if (target > INT64_MAX - amount) return 400;
    this.accounts.set(from, source - amount);
    this.accounts.set(to, target + amount);
    this.transfers.push({ key, from, to, amount });
    return 201;
  }
}
