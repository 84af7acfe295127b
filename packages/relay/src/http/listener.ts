/** The socket: its limits, its certificate, and why it cannot be had. */
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { HttpConfig } from "../config/config.ts";
import { RelayError } from "../errors.ts";
import { inHost, isUnspecified } from "./guards.ts";
import {
  connectionsMax,
  headersBytesMax,
  headersTimeoutMs,
  keepAliveMs,
  requestTimeoutMs,
  stillSocketMs,
  timeoutCheckMs,
} from "./limits.ts";
import { createServer } from "./node-http.ts";

export function createListener(config: HttpConfig, listener: RequestListener): Server | TlsServer {
  const options = {
    maxHeaderSize: headersBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
    keepAliveTimeout: keepAliveMs,
    // Its own answer would have no reason in it; the guard refuses such a request with one.
    requireHostHeader: false,
    shouldUpgradeCallback: isWebSocket,
  };
  const server =
    config.tls === undefined
      ? createServer(options, listener)
      : createTlsServer(
          { ...options, minVersion: "TLSv1.2", handshakeTimeout: headersTimeoutMs },
          listener,
        );
  server.maxConnections = connectionsMax;
  server.timeout = stillSocketMs;
  return server;
}

/**
 * An offer of any other protocol is passed over, and the request answered (RFC 9110, 7.8): Java's own client
 * makes one of HTTP/2 with whatever it asks.
 */
function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

/** Reads a file as text. */
export type ReadText = (path: string) => string | Promise<string>;

/**
 * Takes certificate and key from their files; new connections get them.
 * @throws RelayError TLS_INVALID; then the server keeps those that it had
 */
export async function loadCertificate(
  server: Server | TlsServer,
  tls: NonNullable<HttpConfig["tls"]>,
  readText: ReadText,
): Promise<void> {
  if (!("setSecureContext" in server)) return;
  const cert = await readPem("certificate", tls.certFile, readText);
  const key = await readPem("private key", tls.keyFile, readText);
  try {
    server.setSecureContext({ cert, key, minVersion: "TLSv1.2" });
  } catch (error) {
    throw new RelayError(
      "TLS_INVALID",
      `The certificate in ${tls.certFile} cannot be used with the key in ${tls.keyFile}: ${reason(error)}.`,
      { cause: error },
    );
  }
}

async function readPem(what: string, path: string, readText: ReadText): Promise<string> {
  try {
    return await readText(path);
  } catch (error) {
    throw new RelayError("TLS_INVALID", `The ${what} ${path} cannot be read: ${reason(error)}.`, {
      cause: error,
    });
  }
}

/** The system's or the library's own code, which names no content. */
function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : "unknown";
}

/** Why there is nobody to ask, as an error with a code. */
export function listenError(error: unknown, { host, port }: HttpConfig): RelayError {
  const { code = "unknown" } = error as NodeJS.ErrnoException;
  const where = `${inHost(host)}:${port}`;
  const cause = { cause: error };
  switch (code) {
    case "EADDRINUSE":
      return new RelayError("PORT_IN_USE", `Port ${port} of ${host} is taken.`, cause);
    case "EACCES":
    case "EPERM":
      return new RelayError("PORT_FORBIDDEN", `This user may not listen on ${where}.`, cause);
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new RelayError(
        "ADDRESS_UNAVAILABLE",
        `${host} is no address of this machine (${code}).`,
        cause,
      );
    default:
      return new RelayError("LISTEN_FAILED", `Listening on ${where} failed: ${code}.`, cause);
  }
}

/**
 * The address to listen on. `localhost` may be two addresses, of which the second would be a server
 * without our limits; one of them is enough.
 */
export function listenHost(host: string): string {
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
}

/** Where the relay can be asked from this machine. */
export function urlOf({ host, tls }: HttpConfig, port: number): string {
  const loopback = host === "::" ? "::1" : "127.0.0.1";
  return `${tls === undefined ? "http" : "https"}://${inHost(isUnspecified(host) ? loopback : host)}:${port}`;
}
