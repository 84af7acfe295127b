/**
 * The sender of the line benchmark, in a process of its own: just enough of the service for a
 * client to connect, and a socket that pours out prepared frames as fast as it is read. The frames
 * are encoded beforehand and written in blocks, so that the receiver is the limit, not the sender.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { conversationFrames } from "./conversations.ts";

const [frames = "500000", bytes = "682", perSecond = "0", kind = "presences"] =
  process.argv.slice(2);
const framesMax = Number(frames);
const presences = 500;

/** A frame of the wanted length, with a number at the beginning of its message. */
function frame(index: number): string {
  const id = randomUUID();
  const head = `{"topicName":"v2.users.${id}.presence","version":"2","eventBody":{"source":"PURECLOUD","presenceDefinition":{"id":"${randomUUID()}","systemPresence":"AVAILABLE"},"primary":true,"modifiedDate":"2026-01-05T08:00:00.000Z","message":"`;
  const tail = `"},"metadata":{"CorrelationId":"${randomUUID()}"}}`;
  return `${head}${String(index).padEnd(Number(bytes) - head.length - tail.length, ".")}${tail}`;
}

/** One unmasked text frame, as a server sends it (RFC 6455, 5.2). */
function encode(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(4);
  header[0] = 0x81;
  header[1] = 126;
  header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
}

const distinct =
  kind === "conversations"
    ? conversationFrames()
    : Array.from({ length: presences }, (_, index) => frame(index));
const block = Buffer.concat(distinct.map(encode));

async function pour(socket: Socket): Promise<void> {
  if (Number(perSecond) > 0) return pace(socket, Number(perSecond));
  for (let sent = 0; sent < framesMax; sent += distinct.length) {
    if (!socket.write(block)) await once(socket, "drain");
  }
}

/** Frames at a steady rate, each with the moment just before it is written. */
async function pace(socket: Socket, rate: number): Promise<void> {
  const startMs = performance.now();
  for (let sent = 0; sent < framesMax; await sleep(1)) {
    const due = Math.min(framesMax, ((performance.now() - startMs) / 1_000) * rate);
    for (; sent < due; sent++)
      socket.write(encode(frame(performance.timeOrigin + performance.now())));
  }
}

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const path = request.url ?? "";
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer(request, path)));
  });
});

function answer(request: IncomingMessage, path: string): unknown {
  if (path.startsWith("/oauth/token"))
    return { access_token: "token", token_type: "bearer", expires_in: 86_400 };
  if (path.endsWith("/channels") && request.method === "POST") {
    const id = randomUUID();
    return {
      id,
      connectUri: `ws://${request.headers.host ?? ""}/channels/${id}`,
      expires: "2030-01-01T00:00:00.000Z",
    };
  }
  if (path.includes("/subscriptions")) return { entities: [{ id: topic, state: "Permitted" }] };
  return { entities: [] };
}

const topic = `v2.users.${randomUUID()}.presence`;
const sockets = new WebSocketServer({ server });
sockets.on("connection", (_, request) => {
  // The client needs a moment for its own start; what is measured begins with the first frame.
  setTimeout(() => void pour(request.socket), 300);
});
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port, topic });
});
process.on("disconnect", () => process.exit());
