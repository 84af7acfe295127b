/** Real WebSockets of subscribers, on the library `ws`. */
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Wire } from "../gateway/connection/wire.ts";
import type { Accept, WireEvents } from "../gateway/gateway.ts";

/**
 * So much larger than allowed a message may be to be refused with a reason. What is larger still the library
 * refuses while it arrives, by a close of its own (1009).
 */
const heldTimes = 4;

export function createAccept(messageBytesMax: number): Accept {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: heldTimes * messageBytesMax,
    // Compression costs 300 kB and more a socket; entries are small, and the way is short.
    perMessageDeflate: false,
    clientTracking: false,
  });
  const corked = new Corked();
  const frames = new Frames();
  return (request, socket, head, begin) =>
    server.handleUpgrade(request, socket, head, (open) => {
      // Without compression the library holds nothing back: what is written here keeps its place among its own frames.
      const send = (text: string): void => {
        if (open.readyState !== open.OPEN) return;
        corked.add(socket);
        socket.write(frames.of(text));
      };
      listen(open, begin(wireOf(open, send)), messageBytesMax);
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

function wireOf(socket: WebSocket, send: Wire["send"]): Wire {
  return {
    send,
    ping: () => socket.ping(),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
  };
}

function listen(socket: WebSocket, events: WireEvents, messageBytesMax: number): void {
  socket.on("message", (data, isBinary) => {
    if (isBinary) return events.onBinary();
    const bytes = bytesOf(data);
    if (bytes.length > messageBytesMax) events.onTooLarge();
    else events.onText(bytes.toString());
  });
  socket.on("pong", () => events.onPong());
  socket.on("ping", () => events.onPong());
  // Whatever it is, a close follows.
  socket.on("error", () => undefined);
  socket.on("close", () => events.onEnd());
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
