/** From a request to upgrade to a connection, or to an HTTP answer that says why not. */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayConfig } from "../config/config.ts";
import { errorBody, errorHeaders, gatewayErrorOf } from "./error-body.ts";
import { GatewayError, isGatewayError } from "./gateway-error.ts";
import type { Access, Grant } from "./grant.ts";
import { readConsumerName } from "./standing/consumers.ts";
import type { FeedShape } from "./fan-out/feed.ts";
import { socketPath, socketPaths, type SocketPath } from "./paths.ts";

/** What is asked for by an upgrade. */
export interface Wanted extends SocketPath {
  readonly token: string | undefined;
  readonly format: FeedShape["format"];
  /** The cursor after which subscriptions begin that name none. */
  readonly since: string | undefined;
  /** The durable consumer that is read for. */
  readonly consumer: string | undefined;
}

const origin = "http://relay.invalid";

/** @throws GatewayError PATH_UNKNOWN, FIELD_INVALID */
export function readUpgrade({
  url = "/",
  headers,
}: Pick<IncomingMessage, "url" | "headers">): Wanted {
  const parsed = URL.parse(url, origin);
  const path = parsed === null ? undefined : socketPath(parsed.pathname);
  if (parsed === null || path === undefined)
    throw new GatewayError(
      "PATH_UNKNOWN",
      `No socket opens on ${url.split("?")[0]?.slice(0, 200) ?? ""}, but on ${socketPaths.join(", ")}.`,
    );
  const query = Object.fromEntries(parsed.searchParams);
  return { ...path, ...readQuery({ authorization: headers.authorization, query }) };
}

/** @throws GatewayError TOKEN_INVALID, FIELD_INVALID */
export function readQuery({
  authorization,
  query,
  lastEventId,
}: {
  readonly authorization: string | undefined;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The header `Last-Event-ID`: newer than the URL. */
  readonly lastEventId?: string | undefined;
}): Omit<Wanted, keyof SocketPath> {
  const one = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === "string" || value === undefined ? value : value.at(-1);
  };
  const format = one("format") ?? "events";
  if (format !== "events" && format !== "genesys")
    throw new GatewayError("FIELD_INVALID", "format can be events or genesys.");
  const consumer = one("consumer");
  return {
    token: bearerOf(authorization) ?? one("access_token"),
    format,
    since: lastEventId ?? one("since"),
    consumer: consumer === undefined ? undefined : readConsumerName(consumer),
  };
}

/** @throws GatewayError TOKEN_INVALID */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const token = /^Bearer +(?<token>\S+) *$/iu.exec(authorization)?.groups?.["token"];
  if (token !== undefined) return token;
  throw new GatewayError(
    "TOKEN_INVALID",
    "The header Authorization has not the form Bearer and a token.",
  );
}

/** How many connections there are, in all and by address. */
export class Connections {
  readonly #limits: Pick<GatewayConfig, "connectionsMax" | "connectionsPerAddressMax">;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(limits: Pick<GatewayConfig, "connectionsMax" | "connectionsPerAddressMax">) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes a place; the returned function gives it back. @throws GatewayError CONNECTIONS_FULL */
  enter(address: string): () => void {
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#count >= connectionsMax)
      throw full(`There are ${connectionsMax} connections, which is the limit.`);
    if (ofAddress >= connectionsPerAddressMax)
      throw full(
        `There are ${connectionsPerAddressMax} connections from this address, which is the limit.`,
      );
    this.#count++;
    this.#byAddress.set(address, ofAddress + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#count--;
      const left = (this.#byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#byAddress.set(address, left);
      else this.#byAddress.delete(address);
    };
  }
}

function full(message: string): GatewayError {
  return new GatewayError("CONNECTIONS_FULL", message, { retryAfterMs: fullRetryMs });
}

const fullRetryMs = 10_000;

/** @throws GatewayError as `verify`, and SCOPE_MISSING */
export async function grantFor(
  token: string | undefined,
  access: Access,
): Promise<Grant | undefined> {
  if (token === undefined) return undefined;
  const grant = await access.verify(token);
  if (grant.mayConnect) return grant;
  throw new GatewayError(
    "SCOPE_MISSING",
    `The token has the scopes ${grant.scopes.join(" ")}, none of which lets it connect.`,
  );
}

/** Answers an upgrade that is refused, as any other request would be. Returns what was told. */
export function refuseUpgrade(
  socket: Duplex,
  error: unknown,
): { readonly refused: GatewayError; readonly contextId: string; readonly isForeseen: boolean } {
  const refused = gatewayErrorOf(error);
  const contextId = randomUUID();
  const body = `${JSON.stringify(errorBody(refused, contextId))}\n`;
  const { status } = errorBody(refused, contextId);
  const headers = {
    connection: "close",
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    ...errorHeaders(refused),
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // Nobody reads from it any more, so nobody would hear its peer go: it would stay for ever.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${head.join("")}\r\n${body}`);
  return { refused, contextId, isForeseen: isGatewayError(error) };
}
