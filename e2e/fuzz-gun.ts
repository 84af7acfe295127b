/** Sends shots to a mock and says what was wrong about its answer. */
import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import type { FrameShot, RequestShot } from "./fuzz-shots.ts";

/** Where to shoot, and what is alive there. */
export interface Target {
  readonly port: number;
  readonly token: string;
  readonly channelId: string;
}

/** What was wrong, or undefined. */
export type Finding = string | undefined;

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
/** A connection on which nothing ends by then was left hanging. */
const hangMs = 8_000;
/** Codes that a WebSocket server may close with (RFC 6455, 7.4.1); 1011 would be an error of the server's own. */
const closeCodes = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010]);

function aimed(text: string, { token, channelId }: Target): string {
  return text.replaceAll("CHANNEL", channelId).replaceAll("TOKEN", token);
}

/** Connections that stay open for the next shot are closed. */
export function holster(): void {
  agent.destroy();
}

export async function shoot(shot: RequestShot, target: Target): Promise<Finding> {
  const { method } = shot;
  const path = aimed(shot.path, target);
  const headers = Object.fromEntries(
    Object.entries(shot.headers).map(([name, value]) => [name, aimed(value, target)]),
  );
  const body = aimed(shot.body, target);
  let late: Finding;
  const sent = request({
    agent,
    host: "127.0.0.1",
    port: target.port,
    method,
    path,
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
    timeout: hangMs,
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer")));
  sent.on("error", (error) => (late = String(error)));
  sent.end(body);
  try {
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const { statusCode = 0, headers: answered } = response;
    if (late !== undefined) return `${statusCode} ${late}`;
    const isControl = path.startsWith("/_control");
    if (!isControl && answered["inin-correlation-id"] === undefined)
      return `${statusCode} without a correlation id`;
    if (statusCode >= 500) return `${statusCode} ${text}`;
    return statusCode < 400 || method === "HEAD" ? undefined : uncoded(statusCode, text);
  } catch (error) {
    return String(error);
  }
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

/** Whether a refusal is one of the three kinds: the API's, OAuth's, or control's. */
function uncoded(status: number, text: string): Finding {
  let json: {
    readonly code?: unknown;
    readonly message?: unknown;
    readonly status?: unknown;
    readonly contextId?: unknown;
    readonly description?: unknown;
    readonly error_description?: unknown;
    readonly error?: string | { readonly code?: unknown; readonly message?: unknown };
  };
  try {
    json = JSON.parse(text) as typeof json;
  } catch {
    return `${status} without JSON: ${text.slice(0, 200)}`;
  }
  const { error } = json;
  const coded =
    typeof error === "object"
      ? areTexts(error.code, error.message)
      : typeof error === "string"
        ? areTexts(json.description, json.error_description)
        : areTexts(json.code, json.message, json.contextId) && json.status === status;
  return coded ? undefined : `${status} without its code: ${text.slice(0, 200)}`;
}

/** Everything that comes back for these bytes, until the other side has closed. */
async function exchange(port: number, bytes: Uint8Array | string): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A connection that the other side resets is one way to end it.
  socket.on("error", () => {});
  const timer = setTimeout(() => {
    chunks.push(Buffer.from("hanging"));
    socket.destroy();
  }, hangMs);
  socket.end(bytes);
  await once(socket, "close").catch(() => undefined);
  clearTimeout(timer);
  return Buffer.concat(chunks);
}

/** Bytes that are no request, or nearly one: an answer with a code, or none. */
export async function shootBytes(bytes: Uint8Array | string, target: Target): Promise<Finding> {
  const shot = typeof bytes === "string" ? aimed(bytes, target) : bytes;
  const answer = (await exchange(target.port, shot)).toString("latin1");
  if (answer === "hanging") return "left hanging";
  const [, head = "", rest = ""] = /^HTTP\/1\.1 ([^]*?)\r\n\r\n([^]*)$/u.exec(answer) ?? [];
  if (head === "") return answer === "" ? undefined : `no HTTP: ${answer.slice(0, 100)}`;
  const status = Number.parseInt(head, 10);
  if (status >= 500) return `${status} ${rest}`;
  const isHead = Buffer.from(shot).subarray(0, 5).toString() === "HEAD ";
  if (status < 400 || isHead) return undefined;
  const length = Number(/^content-length: (\d+)/imu.exec(head)?.[1] ?? "0");
  return uncoded(status, rest.slice(0, length));
}

/** Says it on an open socket: it is borne with, or the socket is closed with a code that says why. */
export async function shootFrame(shot: FrameShot, target: Target): Promise<Finding> {
  const socket = new WebSocket(`ws://127.0.0.1:${target.port}/channels/${target.channelId}`, {
    handshakeTimeout: hangMs,
  });
  const timer = setTimeout(() => socket.terminate(), hangMs);
  const ended = new Promise<Finding>((resolve) => {
    socket.on("error", (error) => resolve(String(error)));
    socket.on("close", (code) =>
      // The raw bytes may hold a close frame, or half a frame that the end of the connection leaves unfinished.
      resolve(
        closeCodes.has(code) || (shot.kind === "raw" && [1005, 1006].includes(code))
          ? undefined
          : `closed with ${code}`,
      ),
    );
  });
  const opened = await Promise.race([once(socket, "open"), ended]);
  if (typeof opened === "string") return opened;
  const answered = new Promise<Finding>((resolve) => {
    socket.on("message", (data: Buffer) => {
      if (data.toString().includes('"pong"')) resolve(undefined);
    });
  });
  if (shot.kind === "text") socket.send(shot.text);
  else if (shot.kind === "binary") socket.send(shot.bytes);
  else if (shot.kind === "ping") socket.ping(shot.bytes);
  else rawOf(socket).end(shot.bytes);
  if (shot.kind !== "raw") socket.send('{"message":"ping"}');
  const finding = await Promise.race([answered, ended]);
  clearTimeout(timer);
  socket.terminate();
  return finding;
}

/** The connection under a socket: what is written there need be no frame. */
function rawOf(socket: WebSocket): { end(bytes: Uint8Array): void } {
  return (socket as unknown as { readonly _socket: { end(bytes: Uint8Array): void } })._socket;
}
