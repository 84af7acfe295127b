/** Real WebSockets of subscribers, on the library `ws`. */
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import type { Wire } from "../gateway/connection/wire.ts";
import type { Accept, WireEvents } from "../gateway/gateway.ts";

/**
 * So much larger than allowed a message may be to be refused with a reason. What is larger still the library
 * refuses while it arrives, by a close of its own (1009).
 */
const heldTimes = 4;

/** What all sockets of a server share. */
interface Shared {
  readonly corked: Corked;
  readonly frames: Frames;
  readonly messageBytesMax: number;
}

export function createAccept(messageBytesMax: number): Accept {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: heldTimes * messageBytesMax,
    // Compression costs 300 kB and more a socket; entries are small, and the way is short.
    perMessageDeflate: false,
    clientTracking: false,
    WebSocket: Open,
  });
  const shared: Shared = { corked: new Corked(), frames: new Frames(), messageBytesMax };
  return (request, socket, head, begin) =>
    server.handleUpgrade(request, socket, head, (open) => {
      open.serve(new SocketWire(open, socket, shared), shared, begin);
    });
}

/**
 * Sockets that have been written to since the loop's last turn: whatever comes for one of them meanwhile leaves with one
 * call to the system, which costs far more than all that is done here for a message.
 */
class Corked {
  #sockets = new Set<Duplex>();

  add(socket: Duplex): void {
    if (this.#sockets.has(socket)) return;
    if (this.#sockets.size === 0) process.nextTick(() => this.#flush());
    this.#sockets.add(socket);
    socket.cork();
  }

  #flush(): void {
    const sockets = this.#sockets;
    this.#sockets = new Set();
    for (const socket of sockets) socket.uncork();
  }
}

/** Texts as frames (RFC 6455, 5.2). The fan-out sends one text to many sockets in a row, so the last one is kept. */
class Frames {
  #text = "";
  #frame = frameOf("");

  of(text: string): Buffer {
    if (text !== this.#text) {
      this.#text = text;
      this.#frame = frameOf(text);
    }
    return this.#frame;
  }
}

const finalText = 0x81;

function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = finalText;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, start);
  return frame;
}

/** There are thousands, so it is fields and shared methods instead of a closure for each. */
class SocketWire implements Wire {
  readonly #open: WebSocket;
  readonly #socket: Duplex;
  readonly #shared: Shared;

  constructor(open: WebSocket, socket: Duplex, shared: Shared) {
    this.#open = open;
    this.#socket = socket;
    this.#shared = shared;
  }

  /** Without compression the library holds nothing back: what is written here keeps its place among its own frames. */
  send(text: string): void {
    if (this.#open.readyState !== WebSocket.OPEN) return;
    this.#shared.corked.add(this.#socket);
    this.#socket.write(this.#shared.frames.of(text));
  }

  ping(): void {
    this.#open.ping();
  }

  close(code: number, reason: string): void {
    this.#open.close(code, reason);
  }

  cut(): void {
    this.#open.terminate();
  }

  get bufferedBytes(): number {
    return this.#open.bufferedAmount;
  }
}

/** A socket of the library that tells one listener, instead of keeping a list for each of its events. */
class Open extends WebSocket {
  #events: WireEvents | undefined;
  #messageBytesMax = 0;

  serve(wire: Wire, { messageBytesMax }: Shared, begin: (wire: Wire) => WireEvents): void {
    this.#messageBytesMax = messageBytesMax;
    this.#events = begin(wire);
  }

  override emit(name: string | symbol, ...values: unknown[]): boolean {
    switch (name) {
      case "message":
        this.#hear(...(values as [RawData, boolean]));
        break;
      case "ping":
      case "pong":
        this.#events?.onPong();
        break;
      case "close":
        this.#events?.onEnd();
        break;
      // Whatever an error is, a close follows.
    }
    return true;
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (isBinary) return this.#events?.onBinary();
    const bytes = bytesOf(data);
    if (bytes.length > this.#messageBytesMax) this.#events?.onTooLarge();
    else this.#events?.onText(bytes.toString());
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
