/** Real WebSockets of subscribers, on the library `ws`. */
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
  return (request, socket, head, begin) =>
    server.handleUpgrade(request, socket, head, (open) =>
      listen(open, begin(wireOf(open)), messageBytesMax),
    );
}

function wireOf(socket: WebSocket): Wire {
  return {
    send: (text) => socket.send(text),
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
