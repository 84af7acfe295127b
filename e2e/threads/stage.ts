/**
 * What the five threads' own programs are run against: the mock's legacy face, and a relay on a mock. The programs have none
 * of our code: raw sockets, and fetch for curl.
 */
import { once } from "node:events";
import type { MockOptions, RunningMock } from "@trunkline/mock";
import type { WebSocket } from "ws";
import { mockHere, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { eventually } from "../relay-rig.ts";

export type Message = Readonly<Record<string, unknown>>;

/** What a program could write to its log about one socket. */
export interface Seen {
  readonly messages: Message[];
  opened?: true;
  closed?: { readonly code: number; readonly reason: string };
  /** The answer to an upgrade that was refused. */
  refused?: {
    readonly status: number | undefined;
    readonly headers: object;
    readonly body: string;
  };
}

/** Listens to a socket of a thread's program, beside the program itself. */
export function watch(socket: WebSocket): Seen {
  onEnd(() => socket.terminate());
  const seen: Seen = { messages: [] };
  socket.on("open", () => (seen.opened = true));
  socket.on("message", (data: Buffer) =>
    seen.messages.push(JSON.parse(data.toString()) as Message),
  );
  socket.on("close", (code, reason) => (seen.closed = { code, reason: reason.toString() }));
  socket.on("error", () => undefined);
  socket.on("unexpected-response", (_, response) => {
    let body = "";
    response.on("data", (part: Buffer) => (body += part.toString()));
    response.on("end", () => {
      seen.refused = { status: response.statusCode, headers: response.headers, body };
    });
  });
  return seen;
}

export const closed = (seen: Seen): Promise<{ code: number; reason: string }> =>
  eventually("the end of the socket", () => seen.closed);

export const refused = async (
  seen: Seen,
): Promise<{ status: number | undefined; body: Message }> => {
  const { status, body } = await eventually("an answer that refuses", () => seen.refused);
  return { status, body: JSON.parse(body) as Message };
};

/** The first message of a type. */
export const heard = (seen: Seen, type: string): Promise<Message> =>
  eventually(`a message ${type}`, () => seen.messages.find((message) => message["type"] === type));

export interface Complaint {
  readonly code: string;
  /** JSON pointer. */
  readonly pointer: string;
  readonly message: string;
  readonly help: string;
}

/** Everything that a relay found wrong with a message. */
export function complaints(error: Message): readonly Complaint[] {
  return error["details"] as readonly Complaint[];
}

/** Whatever was sent before has been dealt with when it resolves: frames are read in order. */
export async function roundTrip(socket: WebSocket): Promise<void> {
  socket.ping();
  await once(socket, "pong");
}

/** A mock with its legacy face. */
export function legacyHere(options: MockOptions = {}): Promise<RunningMock> {
  return mockHere({ legacy: true, ...options });
}

/** A token, as every one of the threads gets it: `grant_type=client_credentials`. */
export async function login(base: string, clientId: string, clientSecret: string): Promise<string> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const response = await fetch(`${base}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${response.status}`);
  return token;
}

export const tokenOf = ({ apiUrl, clientId, clientSecret }: RunningMock): Promise<string> =>
  login(apiUrl, clientId, clientSecret);

/** Why the mock ended its legacy sockets, and when by the cloud's clock: what the client is not told. */
export function ends(
  mock: RunningMock,
): readonly { what: string; atMs: number; detail?: string }[] {
  return mock.cloud.ledger.history().filter(({ what }) => what === "legacy-socket-ended");
}

/** A base URL as a WebSocket's. */
export const ws = (base: string): string => base.replace(/^http/u, "ws");
