/** The HTTP face without a socket, on simulated time, before a fake service. */
import { createServer } from "node:http";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";
import { SimClock } from "@trunkline/testkit";
import type { HttpConfig } from "../config/config.ts";
import type { ErrorReply } from "../http/api.ts";
import { createApp } from "../http/app.ts";
import type { EventApiRoute } from "../http/event-api.ts";
import type { Log, LogFields } from "../ports.ts";
import { createFakeService, type FakeService } from "./fake-service.ts";

export const plainHttp: HttpConfig = {
  host: "127.0.0.1",
  port: 0,
  token: undefined,
  hosts: [],
  origins: [],
  tls: undefined,
};

export interface LogLine extends LogFields {
  readonly level: keyof Log;
  readonly message: string;
}

/** A log that keeps what it is told. */
export function keepLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Log) =>
    (fields: LogFields, message: string): void => {
      lines.push({ ...fields, level, message });
    };
  return {
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    lines,
  };
}

export interface HttpStage {
  readonly app: FastifyInstance;
  readonly service: FakeService;
  readonly clock: SimClock;
  readonly lines: readonly LogLine[];
  readonly stopping: AbortController;
  /** Asks as a program on this machine would. */
  readonly ask: (url: string, options?: InjectOptions) => Promise<LightMyRequestResponse>;
  readonly post: (url: string, body?: unknown) => Promise<LightMyRequestResponse>;
  readonly delete: (url: string, body?: unknown) => Promise<LightMyRequestResponse>;
}

export function stageHttp(
  config: Partial<HttpConfig> = {},
  eventApi: readonly EventApiRoute[] = [],
  clock: SimClock = new SimClock(Date.UTC(2026, 10, 21)),
  version = "1.2.3",
): HttpStage {
  const service = createFakeService();
  const { log, lines } = keepLog();
  const stopping = new AbortController();
  const app = createApp({
    config: { ...plainHttp, ...config },
    service,
    log,
    clock,
    version,
    stopping: stopping.signal,
    processMetrics: false,
    createServer,
    eventApi,
  });
  const ask: HttpStage["ask"] = (url, options = {}) =>
    app.inject({ url, ...options, headers: { host: "localhost:8484", ...options.headers } });
  const withBody =
    (method: "POST" | "DELETE"): HttpStage["post"] =>
    (url, body) =>
      ask(url, {
        method,
        ...(body === undefined
          ? {}
          : { payload: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
  return {
    app,
    service,
    clock,
    lines,
    stopping,
    ask,
    post: withBody("POST"),
    delete: withBody("DELETE"),
  };
}

/** The code of a refusal, which must be whole. */
export function codeOf(response: LightMyRequestResponse): string {
  const { error } = response.json<ErrorReply>();
  if (error.message === "" || error.help === "") throw new Error(`no words: ${response.body}`);
  return error.code;
}
