/**
 * The subscribers of the gateway benchmark, in a process of their own: bare TCP sockets that upgrade, say one thing, and
 * read frames, so that they cost far less than the server that they watch. Ends when its parent does.
 */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { machineMs } from "./sender.ts";

/** What the parent asks for; `Joined` and `Found` are the answers, and while events come there is a `Progress` now and then. */
export type Order =
  /** Opens so many sockets; each says the next of `hellos`, in turns, and is ready once it is told `live`. */
  | {
      readonly ask: "join";
      readonly port: number;
      readonly path: string;
      readonly token: string;
      readonly hellos: readonly string[];
      readonly count: number;
    }
  /** What has come since the last time. The moments, by position from `first` on, are those from which time is counted. */
  | { readonly ask: "look"; readonly first: number; readonly sinceMs: Float64Array };

export interface Progress {
  readonly received: number;
}

export interface Joined {
  readonly joined: number;
}

export interface Found {
  readonly arrived: number;
  /** Of the texts of events. */
  readonly bytes: number;
  /** Events that came to a socket after a later one, or twice. */
  readonly outOfOrder: number;
  /** Texts and ends that nobody has foreseen, some of them. */
  readonly strange: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

const kept = { positions: new Uint32Array(2 ** 24), atMs: new Float64Array(2 ** 24) };
const strangeMax = 10;
const openAtOnce = 64;
const progressEveryMs = 2;
let count = 0;
let bytes = 0;
let outOfOrder = 0;
let received = 0;
let strange: string[] = [];

/** One buffer for all sockets: what is in it has been looked at when the next one is read. */
const chunk = Buffer.allocUnsafeSlow(262_144);
const eventHead = Buffer.from('{"type":"event","cursor":"');
const quote = 0x22;
const dash = 0x2d;
const expected = /^\{"type":"(?:auth-success|subscribed|heartbeat|live)"/u;

/** A short frame as a client sends it; a mask of zeros leaves the bytes as they are. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? Buffer.from([0x80 | length])
      : Buffer.from([0x80 | 126, length >> 8, length & 0xff]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), size, Buffer.alloc(4), payload]);
}

class Reader {
  readonly #hello: string;
  readonly #write: (data: Buffer) => void;
  readonly #ready: () => void;
  #isOpen = false;
  #rest: Buffer | undefined;
  #position = 0;

  constructor(hello: string, write: (data: Buffer) => void, ready: () => void) {
    this.#hello = hello;
    this.#write = write;
    this.#ready = ready;
  }

  take(read: Buffer): void {
    const data = this.#rest === undefined ? read : Buffer.concat([this.#rest, read]);
    const nowMs = machineMs();
    let at = this.#isOpen ? 0 : this.#upgraded(data);
    while (data.length - at >= 2) {
      const short = (data[at + 1] ?? 0) & 0x7f;
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
      if (data.length < start) break;
      const length =
        short < 126
          ? short
          : short === 126
            ? data.readUInt16BE(at + 2)
            : data.readUIntBE(at + 4, 6);
      if (data.length < start + length) break;
      this.#frame((data[at] ?? 0) & 0x0f, data, start, start + length, nowMs);
      at = start + length;
    }
    this.#rest = at < data.length ? Buffer.from(data.subarray(at)) : undefined;
  }

  /** Where the frames begin. */
  #upgraded(data: Buffer): number {
    const end = data.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const head = data.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`refused: ${data.toString()}`);
    this.#isOpen = true;
    this.#write(frameOf(1, Buffer.from(this.#hello)));
    return end + 4;
  }

  #frame(opcode: number, data: Buffer, start: number, end: number, nowMs: number): void {
    if (opcode === 9) return this.#write(frameOf(10, data.subarray(start, end)));
    const text = start + eventHead.length;
    if (end < text || data.compare(eventHead, 0, eventHead.length, start, text) !== 0)
      return this.#other(opcode, data.toString("utf8", start, end));
    let position = 0;
    for (let at = text; data[at] !== quote; at++)
      position = data[at] === dash ? 0 : position * 10 + (data[at] ?? 0) - 48;
    if (position <= this.#position) outOfOrder++;
    this.#position = position;
    kept.positions[count] = position;
    kept.atMs[count] = nowMs;
    count++;
    received++;
    bytes += end - start;
  }

  #other(opcode: number, text: string): void {
    if (text.startsWith('{"type":"live"')) return this.#ready();
    if (opcode === 1 && expected.test(text)) return;
    if (strange.length < strangeMax) strange.push(`${opcode} ${text}`);
  }
}

function join(
  { port, path, token }: Extract<Order, { ask: "join" }>,
  hello: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reader = new Reader(hello, (data) => void socket.write(data), resolve);
  const socket = connect({
    port,
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      buffer: chunk,
      callback: (length, buffer) => {
        reader.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    },
  });
  socket.on("error", reject);
  socket.on("close", () => {
    if (strange.length < strangeMax) strange.push("a socket was closed");
  });
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: Upgrade\r\n` +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  return promise;
}

async function joinAll(order: Extract<Order, { ask: "join" }>): Promise<void> {
  let next = 0;
  const some = async (): Promise<void> => {
    while (next < order.count) await join(order, order.hellos[next++ % order.hellos.length] ?? "");
  };
  await Promise.all(Array.from({ length: openAtOnce }, some));
  process.send?.({ joined: order.count } satisfies Joined);
}

function look({ first, sinceMs }: Extract<Order, { ask: "look" }>): Found {
  const tookMs = Float64Array.from(
    { length: sinceMs.length === 0 ? 0 : count },
    (_, index) =>
      (kept.atMs[index] ?? 0) - (sinceMs[(kept.positions[index] ?? 0) - first] ?? Number.NaN),
  ).toSorted();
  const at = (share: number): number =>
    Number((tookMs[Math.floor((tookMs.length - 1) * share)] ?? Number.NaN).toFixed(2));
  const found = { arrived: count, bytes, outOfOrder, strange };
  count = bytes = outOfOrder = 0;
  strange = [];
  return { ...found, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

process.on("message", (order: Order) => {
  if (order.ask === "join") void joinAll(order);
  else process.send?.(look(order));
});
let told = 0;
setInterval(() => {
  if (received === told) return;
  told = received;
  process.send?.({ received } satisfies Progress);
}, progressEveryMs);
process.on("disconnect", () => process.exit());
