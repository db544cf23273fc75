// SPDX-License-Identifier: MIT
/** What scripts of several katas are made of. Pure. */
import fc from "fast-check";
import type { ScriptCheck, Step } from "../kata/kata.ts";

/** For a check whose calls are always the same. */
export const once: Pick<ScriptCheck, "runs" | "commands"> = { runs: 1, commands: fc.constant([]) };

/** The texts of a script: each is put into memory once, under a name of its own; `steps` come first. */
export class Texts {
  readonly steps: Step[] = [];
  #places = new Map<string, string>();

  /** These bytes and no more. */
  bytes(bytes: Uint8Array): { ref: string } {
    const hex = Buffer.from(bytes).toString("hex");
    let name = this.#places.get(hex);
    if (name === undefined) {
      name = `text${this.#places.size}`;
      this.#places.set(hex, name);
      this.steps.push({ alloc: name, size: Math.max(bytes.length, 1) });
      if (hex !== "") this.steps.push({ write: name, hex });
    }
    return { ref: name };
  }

  /** A string, with the zero byte at its end. */
  string(text: string, encoding: "utf8" | "latin1" = "utf8"): { ref: string } {
    return this.bytes(Buffer.from(`${text}\0`, encoding));
  }
}
