/** The real sockets behind the model's socket ids. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import type { Cloud, CloudEffect, CloudResponse } from "../cloud/contract.ts";
import { refusals } from "../cloud/errors.ts";
import { isSendableCloseCode } from "./close-code.ts";
import { hangUp, malformed } from "./malformed.ts";

const closeReasonBytesMax = 123;

export class SocketBank {
  readonly #sockets = new Map<number, WebSocket>();
  readonly #server: WebSocketServer;
  readonly #sendBufferBytesMax: number;
  readonly #handshakeHeaders = new WeakMap<IncomingMessage, CloudResponse["headers"]>();
  #cloud: Cloud | undefined;
  #nowMs: () => number = () => 0;

  constructor(limits: {
    readonly sendBufferBytesMax: number;
    readonly inboundFrameBytesMax: number;
  }) {
    this.#sendBufferBytesMax = limits.sendBufferBytesMax;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: limits.inboundFrameBytesMax,
      autoPong: false,
    });
    this.#server.on("headers", (lines, request) => {
      for (const [name, value] of Object.entries(this.#handshakeHeaders.get(request) ?? {}))
        lines.push(`${name}: ${value}`);
    });
  }

  serve(cloud: Cloud, nowMs: () => number): void {
    this.#cloud = cloud;
    this.#nowMs = nowMs;
  }

  /** What the model tells the transport to do. */
  perform(effect: CloudEffect): void {
    const socket = this.#sockets.get(effect.socketId);
    if (socket === undefined) return;
    switch (effect.type) {
      case "send":
        write(socket, effect);
        if (socket.bufferedAmount > this.#sendBufferBytesMax)
          this.#drop(effect.socketId, socket, "slow reader");
        return;
      case "freeze":
        if (effect.frozen) socket.pause();
        else socket.resume();
        return;
      case "close":
        this.#sockets.delete(effect.socketId);
        if (isSendableCloseCode(effect.code)) socket.close(effect.code, fitting(effect.reason));
        else socket.terminate();
        return;
      case "cut":
        this.#sockets.delete(effect.socketId);
        socket.terminate();
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const cloud = this.#cloud;
    if (cloud === undefined) return void socket.destroy();
    socket.on("error", () => socket.destroy());
    // A handshake that is no handshake must not displace anybody.
    if (!isHandshake(request)) return hangUp(socket, noHandshake());
    const { host, authorization } = request.headers;
    const upgrade = cloud.upgrade(request.url ?? "/", this.#nowMs(), host, authorization);
    if (upgrade.kind === "cut") return void socket.destroy();
    if (upgrade.kind === "refused") return hangUp(socket, upgrade.response);
    const { socketId } = upgrade;
    this.#handshakeHeaders.set(request, upgrade.headers);
    let accepted = false;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      accepted = true;
      this.#keep(cloud, socketId, webSocket);
      if (upgrade.frozen) webSocket.pause();
    });
    if (!accepted) this.#gone(socketId, "handshake failed");
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#sockets.clear();
    this.#server.close();
  }

  #keep(cloud: Cloud, socketId: number, socket: WebSocket): void {
    this.#sockets.set(socketId, socket);
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary || !this.#sockets.has(socketId)) return;
      cloud.received(socketId, textOf(data), this.#nowMs());
    });
    socket.on("ping", (data: Buffer) => {
      if (!cloud.silenced(socketId)) socket.pong(data);
    });
    socket.on("error", () => socket.terminate());
    socket.on("close", (code: number) => {
      this.#sockets.delete(socketId);
      this.#gone(socketId, `closed by the client with ${code}`);
    });
  }

  #drop(socketId: number, socket: WebSocket, why: string): void {
    this.#sockets.delete(socketId);
    socket.terminate();
    this.#gone(socketId, why);
  }

  #gone(socketId: number, why: string): void {
    this.#cloud?.closed(socketId, this.#nowMs(), why);
  }
}

/** Fragments are cut by bytes, wherever a character may end, as RFC 6455 allows. */
function write(socket: WebSocket, effect: CloudEffect & { readonly type: "send" }): void {
  const { text, fragments = 1, form } = effect;
  if (fragments === 1 && form === undefined) return socket.send(text);
  const bytes = Buffer.from(text, form === "latin1" ? "latin1" : "utf8");
  const size = Math.ceil(bytes.length / fragments);
  for (let fragment = 1; fragment <= fragments; fragment += 1)
    socket.send(bytes.subarray((fragment - 1) * size, fragment * size), {
      binary: form === "binary",
      fin: fragment === fragments,
    });
}

function isHandshake(request: IncomingMessage): boolean {
  const { headers, method } = request;
  const version = headers["sec-websocket-version"];
  return (
    method === "GET" &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    /^[+/0-9A-Za-z]{22}==$/u.test(headers["sec-websocket-key"] ?? "") &&
    (version === "13" || version === "8") &&
    areProtocols(headers["sec-websocket-protocol"])
  );
}

/** Tokens, each once, as the library wants them (RFC 6455, 4.1, item 10); none is the rule (GENESYS.md 4.1). */
function areProtocols(header: string | undefined): boolean {
  if (header === undefined) return true;
  const names = header.split(",").map((name) => name.trim());
  return (
    new Set(names).size === names.length &&
    names.every((name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u.test(name))
  );
}

function noHandshake(): CloudResponse {
  const refusal = refusals.badRequest("This is no WebSocket handshake (RFC 6455, 4.2.1).");
  return malformed(refusal, { "sec-websocket-version": "13, 8" });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString("utf8");
}

/** A close reason has at most 123 bytes. */
function fitting(reason: string): string {
  let fits = reason;
  while (Buffer.byteLength(fits) > closeReasonBytesMax) fits = fits.slice(0, -1);
  return fits;
}
