/**
 * Routes of the Event API on fastify. They differ from the others: tokens of their own instead of
 * `http.token`, bodies that the route itself reads, and refusals in the one shape of the Event API.
 */
import { randomUUID } from "node:crypto";
import type { EventApiErrorCode } from "@trunkline/events";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errorBody, errorHeaders, gatewayErrorOf } from "../gateway/error-body.ts";
import { GatewayError, isGatewayError } from "../gateway/gateway-error.ts";
import type { Wire } from "../gateway/connection/wire.ts";
import type { Clock, Log } from "../ports.ts";
import { answerTimeoutMs, bodyBytesMax } from "./limits.ts";
import type { Refusal } from "./refusal.ts";
import { safeHeaders } from "./safe-headers.ts";

/** A request that has passed the guards of host and origin, as a route of the Event API sees it. */
export interface EventApiCall {
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** As it came; empty where there is none. */
  readonly body: string;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parts of the path that stand for something, as `:name`. */
  readonly names: Readonly<Record<string, string>>;
  /** The name, with its port, under which it was asked. */
  readonly host: string;
  /** Whether whoever asks speaks TLS, with us or with a proxy that says so. */
  readonly isSecure: boolean;
  /** The header `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /** Of whoever asks; that of a proxy, where one stands in between. */
  readonly address: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export type EventApiAnswer =
  | {
      /** @default 200 */
      readonly status?: number;
      /** Becomes JSON. */
      readonly value: unknown;
    }
  /** Server-Sent Events, which are written to the wire from then on. */
  | {
      readonly open: (wire: Wire) => StreamEvents;
      /** In place of `open`, where nobody waits for the answer any more. */
      readonly abandoned: () => void;
    };

/** What a stream tells, once it is open. */
export interface StreamEvents {
  readonly onEnd: () => void;
}

export interface EventApiRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Segments that begin with a colon stand for something. */
  readonly path: string;
  /** Whether refusals carry `error` and `error_description` for programs that speak OAuth. @default false */
  readonly isOAuth?: boolean;
  /** Whether it may answer with a stream. @default false */
  readonly isStream?: boolean;
  /** @throws GatewayError */
  answer(call: EventApiCall): Promise<EventApiAnswer>;
}

export interface EventApiOptions {
  readonly routes: readonly EventApiRoute[];
  readonly log: Log;
  readonly clock: Clock;
  /** Hears of each refusal. */
  readonly refused: (code: EventApiErrorCode) => void;
}

/** Puts the routes in a scope of their own: neither parsers nor error handlers of the others count there. */
export function mountEventApi(app: FastifyInstance, options: EventApiOptions): void {
  const { routes } = options;
  void app.register((scope, _, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.setErrorHandler(async (error, request, reply) =>
      refuseEventApi(request, reply, foreseen(error), options),
    );
    for (const route of routes)
      scope.route({
        method: route.method,
        url: route.path,
        exposeHeadRoute: route.method === "GET" && route.isStream !== true,
        handler: async (request, reply) => {
          try {
            const answer = await answerInTime(route, request, reply, options);
            if ("open" in answer) return openStream(answer, reply);
            const { status = 200, value } = answer;
            return await reply
              .headers(safeHeaders)
              .code(status)
              .type("application/json; charset=utf-8")
              .send(`${JSON.stringify(value)}\n`);
          } catch (error) {
            return refuseEventApi(request, reply, error, options);
          }
        },
      });
    done();
  });
}

function openStream(
  { open, abandoned }: Extract<EventApiAnswer, { readonly open: unknown }>,
  reply: FastifyReply,
): FastifyReply {
  const { raw } = reply;
  reply.hijack();
  if (raw.destroyed) {
    abandoned();
    return reply;
  }
  const headers = {
    ...safeHeaders,
    ...reply.getHeaders(),
    "content-type": "text/event-stream; charset=utf-8",
    // Proxies that gather answers before they pass them on leave this one alone.
    "x-accel-buffering": "no",
    connection: "close",
  };
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) raw.setHeader(name, value);
  raw.flushHeaders();
  // What goes wrong on the way to the reader is the reader's; the close tells it.
  raw.on("error", () => undefined);
  const { onEnd } = open({
    send: (text) => void raw.write(text),
    ping: () => undefined,
    close: () => void raw.end(),
    cut: () => void raw.destroy(),
    get bufferedBytes() {
      return raw.writableLength;
    },
  });
  raw.once("close", onEnd);
  return reply;
}

async function answerInTime(
  route: EventApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  { clock }: EventApiOptions,
): Promise<EventApiAnswer> {
  const over = new AbortController();
  const lastEventId = request.headers["last-event-id"];
  reply.raw.once("close", () => over.abort());
  try {
    return await Promise.race([
      route.answer({
        authorization: request.headers.authorization,
        contentType: request.headers["content-type"],
        body: typeof request.body === "string" ? request.body : "",
        query: request.query as EventApiCall["query"],
        names: request.params as EventApiCall["names"],
        host: request.headers.host ?? "",
        isSecure: request.protocol === "https" || request.headers["x-forwarded-proto"] === "https",
        lastEventId: lastEventId === "" || Array.isArray(lastEventId) ? undefined : lastEventId,
        address: request.ip,
        signal: over.signal,
      }),
      clock.sleep(answerTimeoutMs, over.signal).then((): never => {
        throw new GatewayError(
          "UNAVAILABLE",
          `There was no answer within ${answerTimeoutMs / 1_000} s.`,
        );
      }),
    ]);
  } finally {
    over.abort();
  }
}

/** Answers a refusal. What nobody foresaw is logged, and not told to strangers. */
export function refuseEventApi(
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  { routes, log, refused: hear }: Omit<EventApiOptions, "clock">,
): FastifyReply {
  const contextId = randomUUID();
  const path = request.routeOptions.url;
  const refused = gatewayErrorOf(error);
  hear(refused.code);
  const fields = { code: refused.code, contextId, route: path };
  if (isGatewayError(error)) log.debug(fields, refused.message);
  else log.error({ ...fields, help: refused.help, cause: causeOf(error) }, refused.message);
  const isOAuth = routes.some((route) => route.path === path && route.isOAuth === true);
  const body = errorBody(refused, contextId, isOAuth);
  return reply
    .headers({ ...safeHeaders, ...errorHeaders(refused) })
    .code(body.status)
    .type("application/json; charset=utf-8")
    .send(`${JSON.stringify(body)}\n`);
}

function causeOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What the guards refuse, which stand before all routes, in the words of the Event API. */
export function refusedByGuard({ problem }: Refusal): GatewayError {
  const { code, message } = problem;
  if (code === "HOST_FORBIDDEN" || code === "ORIGIN_FORBIDDEN" || code === "SHUTTING_DOWN")
    return new GatewayError(code, message);
  return new GatewayError("MESSAGE_TOO_LARGE", message);
}

/** What fastify itself objects to, in our words; anything else stays what it is. */
function foreseen(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new GatewayError("MESSAGE_TOO_LARGE", `The body has more than ${bodyBytesMax} bytes.`);
  if (code === "FST_ERR_CTP_INVALID_CONTENT_LENGTH")
    return new GatewayError("FIELD_INVALID", "The body is not as long as declared.");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new GatewayError("FIELD_INVALID", "The header content-type is not valid.");
  return error;
}
