/** A port of this machine to serve on, and what went wrong where there is none. */
import { createServer, type IncomingMessage, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { MockError, type MockErrorCode } from "../mock-error.ts";
import { answerMalformed } from "./malformed.ts";

/** A certificate with its key, both PEM. */
export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

const keepAliveMs = 65_000;
const requestMs = 30_000;

export function newServer(tls: TlsPair | undefined): Server {
  // Java's HTTP client asks every plain server for HTTP/2; that is no reason not to answer it.
  // Node would refuse a request without a Host without a code; the model does not need to be told its host.
  const options = { shouldUpgradeCallback: isWebSocket, requireHostHeader: false };
  const server = tls === undefined ? createServer(options) : secureServer({ ...options, ...tls });
  server.keepAliveTimeout = keepAliveMs;
  server.requestTimeout = requestMs;
  answerMalformed(server);
  return server;
}

function secureServer(options: ServerOptions & TlsPair): Server {
  try {
    return createTlsServer(options);
  } catch (cause) {
    throw new MockError("OPTION_INVALID", "tls holds no certificate with its key, both as PEM", {
      cause,
    });
  }
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

const listenErrors: Readonly<Record<string, MockErrorCode>> = {
  EADDRINUSE: "PORT_TAKEN",
  EACCES: "PORT_FORBIDDEN",
  EADDRNOTAVAIL: "ADDRESS_UNAVAILABLE",
  ENOTFOUND: "ADDRESS_UNAVAILABLE",
};

/** Resolves with the port that was taken. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return Promise.reject(new MockError("OPTION_INVALID", "port must be from 0 to 65535"));
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const code = listenErrors[cause.code ?? ""] ?? "LISTEN_FAILED";
      reject(new MockError(code, `cannot listen on ${host}:${port}`, { cause }));
    });
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve(taken);
    });
  });
}
