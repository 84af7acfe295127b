/**
 * The HTTP face of the relay: health, metrics, and what an operator asks and does.
 *
 * ```
 * listener   the socket and its limits        app      guards, then routes, on fastify
 * route      what a route is                  health · metrics · admin · sink-routes
 * streams    entries, at the reader's pace:   entry-stream (journal → lines) → pump (lines → reader)
 * ```
 */
import type { AddressInfo } from "node:net";
import type { HttpConfig } from "../config/config.ts";
import type { Clock, Log } from "../ports.ts";
import type { Service } from "../service.ts";
import { createApp } from "./app.ts";
import type { EventApiRoute } from "./event-api.ts";
import { closeGraceMs } from "./limits.ts";
import { createGuard } from "./guards.ts";
import { takeUpgrades, type TakeUpgrade } from "./upgrades.ts";
import {
  createListener,
  listenError,
  listenHost,
  loadCertificate,
  urlOf,
  type ReadText,
} from "./listener.ts";

export interface HttpOptions {
  readonly config: HttpConfig;
  readonly service: Service;
  readonly log: Log;
  readonly clock: Clock;
  /** Of the relay, for `/healthz` and the metrics. */
  readonly version: string;
  /** For the files of `config.tls`. */
  readonly readText: ReadText;
  /** Routes of the Event API, where it is served. */
  readonly eventApi?: readonly EventApiRoute[] | undefined;
  /** Takes sockets of the Event API, where it is served, and how many there may be. */
  readonly sockets?: { readonly take: TakeUpgrade; readonly countMax: number } | undefined;
}

export interface HttpFace {
  /**
   * Serves from now on. `url` is where this machine reaches it.
   * @throws RelayError PORT_IN_USE, PORT_FORBIDDEN, ADDRESS_UNAVAILABLE, LISTEN_FAILED, TLS_INVALID
   */
  listen(): Promise<{ readonly url: string }>;
  /**
   * Reads certificate and key again, for connections to come.
   * @throws RelayError TLS_INVALID; then those that were there are kept
   */
  renewCertificate(): Promise<void>;
  /**
   * Takes no more requests, and lets those under way end: streams that follow the journal at once,
   * between two lines. What has not ended after 5 s is cut. May be called again.
   */
  close(): Promise<void>;
}

export function createHttp(options: HttpOptions): HttpFace {
  const { config, clock, readText, sockets } = options;
  const stopping = new AbortController();
  const app = createApp({
    ...options,
    stopping: stopping.signal,
    processMetrics: true,
    createServer: (listener) => createListener(config, listener),
  });
  if (sockets !== undefined) {
    takeUpgrades(app.server, createGuard(config), sockets.take);
    app.server.maxConnections += sockets.countMax;
  }
  const renewCertificate = async (): Promise<void> => {
    if (config.tls !== undefined) await loadCertificate(app.server, config.tls, readText);
  };
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    stopping.abort();
    const closed = new AbortController();
    const late = clock
      .sleep(closeGraceMs, closed.signal)
      .then(() => app.server.closeAllConnections());
    await app.close();
    closed.abort();
    await late;
  };
  return {
    listen: async () => {
      await renewCertificate();
      try {
        await app.listen({ host: listenHost(config.host), port: config.port });
      } catch (error) {
        throw listenError(error, config);
      }
      const { port } = app.server.address() as AddressInfo;
      return { url: urlOf(config, port) };
    },
    renewCertificate,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
