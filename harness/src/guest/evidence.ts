// SPDX-License-Identifier: MIT
/**
 * What crosses the process boundary. A guest sends length-prefixed frames (native/guest/frames.h); this file decodes
 * them, refuses what it does not know, and turns counts, series and rows into one object that a kata's zod schema checks.
 */
import type { BrokenOff, Collected, Printed, RawStack, Table } from "../kata/run.ts";

export type Frame =
  | { kind: "hello" }
  | { kind: "end"; nonce: string; sent: number }
  | { kind: "count"; name: string; value: number }
  | { kind: "series"; name: string; values: BigUint64Array }
  | { kind: "progress" }
  | ({ kind: "crash" | "stack" } & RawStack)
  | { kind: "answer"; text: string }
  | { kind: "rows"; name: string; table: Table }
  | ({ kind: "broken_off" } & BrokenOff)
  | { kind: "printed"; printed: Printed };

/** Thrown by the decoder: the bytes are not what our side of the guest writes, so something else wrote them. */
export class Malformed extends Error {}

const FRAME_BYTES_MAX = 32 << 20;
const text = new TextDecoder("utf-8", { fatal: true });
const anyText = new TextDecoder("utf-8");

/** Splits a stream into frames. Feed chunks as they come; keeps at most one incomplete frame. */
export class FrameDecoder {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Below this many bytes there is nothing to decode: a long frame's chunks are joined once, not each time. */
  #needed = 4;
  /** Bytes of frames that are complete. */
  #passed = 0;
  /** How many bytes came before the frame that was told last. */
  before = 0;

  /** Yields the frames that are complete. Throws Malformed; then the stream is not to be fed again. */
  *feed(chunk: Uint8Array): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (this.#needed = 4; bytes.length - at >= 4; this.#needed = 4) {
      const length = view.getUint32(at, true);
      if (length < 1 || length > FRAME_BYTES_MAX) throw new Malformed(`a frame of ${length} bytes`);
      this.#needed = 4 + length;
      if (bytes.length - at < this.#needed) break;
      this.before = this.#passed + at;
      yield decodeFrame(bytes.subarray(at + 4, at + this.#needed));
      at += this.#needed;
    }
    this.#passed += at;
    const rest = Uint8Array.from(bytes.subarray(at));
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
  }

  /** True when the stream may end here. */
  get complete(): boolean {
    return this.#size === 0;
  }
}

function decodeFrame(frame: Uint8Array): Frame {
  const kind = frame[0];
  const payload = frame.subarray(1);
  try {
    if (kind === 1 && payload.length === 0) return { kind: "hello" };
    if (kind === 2) return decodeCount(payload);
    if (kind === 3) return decodeSeries(payload);
    if (kind === 4 && payload.length === 0) return { kind: "progress" };
    if (kind === 5) return { kind: "crash", ...decodeStack(payload) };
    if (kind === 6) return { kind: "stack", ...decodeStack(payload) };
    if (kind === 7) return { kind: "answer", text: text.decode(payload) };
    if (kind === 8) return decodeEnd(payload);
    if (kind === 9) return decodeRows(payload);
    if (kind === 10) return decodeBrokenOff(payload);
    if (kind === 11) return decodePrinted(payload);
  } catch (error) {
    throw error instanceof Malformed ? error : new Malformed(`a frame of kind ${kind} that cannot be read`);
  }
  throw new Malformed(`a frame of unknown kind ${kind}`);
}

function splitName(payload: Uint8Array): { name: string; rest: Uint8Array } {
  const end = payload.indexOf(0);
  if (end < 1) throw new Malformed("a frame without a name");
  return { name: text.decode(payload.subarray(0, end)), rest: payload.subarray(end + 1) };
}

function words(bytes: Uint8Array): BigUint64Array {
  if (bytes.length % 8 !== 0) throw new Malformed("a list that is not whole numbers");
  return new BigUint64Array(Uint8Array.from(bytes).buffer); // a copy: the source is not aligned
}

function decodeEnd(payload: Uint8Array): Frame {
  const sent = Number(words(payload.subarray(0, 8))[0]!);
  return { kind: "end", nonce: text.decode(payload.subarray(8)), sent };
}

function decodeCount(payload: Uint8Array): Frame {
  const { name, rest } = splitName(payload);
  if (rest.length !== 8) throw new Malformed("a count that is not one number");
  return { kind: "count", name, value: Number(words(rest)[0]!) };
}

function decodeSeries(payload: Uint8Array): Frame {
  const { name, rest } = splitName(payload);
  return { kind: "series", name, values: words(rest) };
}

function decodeRows(payload: Uint8Array): Frame {
  const { name, rest } = splitName(payload);
  const { name: names, rest: bytes } = splitName(rest);
  const [columns, cells] = [names.split(", "), words(bytes)];
  if (cells.length % columns.length !== 0) throw new Malformed("rows that are not whole");
  return { kind: "rows", name, table: { columns, cells } };
}

function decodeBrokenOff(payload: Uint8Array): Frame {
  const [call, did, expected, lookAt, ...more] = text.decode(payload).split("\0");
  if (lookAt === undefined || more.length > 0) throw new Malformed("a frame that is not four words");
  return { kind: "broken_off", call: call!, did: did!, expected: expected!, lookAt };
}

/** Its bytes may be any, and begin in the middle of a character. */
function decodePrinted(payload: Uint8Array): Frame {
  if (payload.length < 9) throw new Malformed("a frame of nothing that was printed");
  const lines = Number(words(payload.subarray(0, 8))[0]!);
  return { kind: "printed", printed: { lines, text: anyText.decode(payload.subarray(8)) } };
}

function decodeStack(payload: Uint8Array): RawStack {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const head = { signal: view.getUint32(0, true), thread: view.getUint32(4, true) };
  return { ...head, offsets: [...words(payload.subarray(8))] };
}

/** Folds frames into `Collected`, holding the run to its protocol: hello first, names once, end last. */
export class Collector {
  readonly collected: Collected = { evidence: {}, answers: [], stacks: [], ended: false, hello: false };
  #decoder = new FrameDecoder();

  constructor(readonly nonce: string) {}

  /**
   * The frames that were accepted. Never throws: what cannot be read is recorded as malformed, once, and everything
   * after it is ignored.
   */
  feed(chunk: Uint8Array): Frame[] {
    const accepted: Frame[] = [];
    if (this.collected.malformed !== undefined) return accepted;
    try {
      for (const frame of this.#decoder.feed(chunk)) {
        this.#add(frame);
        accepted.push(frame);
      }
      if (this.collected.ended && !this.#decoder.complete) throw new Malformed("something after the last frame");
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.collected.malformed = error.message;
    }
    return accepted;
  }

  #add(frame: Frame): void {
    const all = this.collected;
    if (all.ended) throw new Malformed("a frame after the last one");
    if (frame.kind === "hello" || frame.kind === "end") {
      if (frame.kind === "end" && frame.nonce !== this.nonce) throw new Malformed("a frame of another run");
      if (frame.kind === "end" && frame.sent !== this.#decoder.before) throw new Malformed("bytes that no driver sent");
      if (all.hello !== (frame.kind === "end")) throw new Malformed("a first frame out of place");
      if (frame.kind === "end") all.ended = true;
      all.hello = true;
      return;
    }
    if (!all.hello) throw new Malformed("a frame before the first one");
    if (frame.kind === "count" || frame.kind === "series" || frame.kind === "rows") {
      if (frame.name in all.evidence) throw new Malformed(`'${frame.name}' twice`);
      all.evidence[frame.name] =
        frame.kind === "count" ? frame.value : frame.kind === "series" ? frame.values : frame.table;
    } else if (frame.kind === "printed") all.printed = frame.printed;
    else if (frame.kind === "broken_off") all.brokenOff ??= frame;
    else if (frame.kind === "answer") all.answers.push(frame.text);
    else if (frame.kind === "crash") all.crash ??= frame;
    else if (frame.kind === "stack") all.stacks.push(frame);
  }
}
