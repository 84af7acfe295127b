/** The routes on fastify, behind the guards: everything of the HTTP face but the socket. */
import type { RequestListener, Server } from "node:http";
import {
  fastify,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { HttpConfig } from "../config/config.ts";
import { nearMiss } from "../config/near-miss.ts";
import type { RelayErrorCode } from "../errors.ts";
import type { Clock, Log } from "../ports.ts";
import type { Service } from "../service.ts";
import { adminRoutes } from "./admin.ts";
import { documentRoutes } from "./documents/routes.ts";
import { mountEventApi, refusedByGuard, refuseEventApi, type EventApiRoute } from "./event-api.ts";
import { isOfEventApi, unknownOfEventApi } from "./event-api-unknown.ts";
import { createGuard, type Guard } from "./guards.ts";
import { healthRoutes } from "./health.ts";
import { answerTimeoutMs, bodyBytesMax, urlCharactersMax } from "./limits.ts";
import { createMetrics, metricsRoute, type Metrics } from "./metrics.ts";
import { answerMalformed } from "./malformed.ts";
import { refusalOf, refusalText, refuse, type Refusal } from "./refusal.ts";
import type { Answer, Route } from "./route.ts";
import { safeHeaders } from "./safe-headers.ts";
import { sinkRoutes } from "./sink-routes.ts";
import { Streams } from "./streams.ts";

export interface AppOptions {
  readonly config: HttpConfig;
  readonly service: Service;
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
  /** Aborts when the server is to close. */
  readonly stopping: AbortSignal;
  /** Whether the metrics tell of the process too. */
  readonly processMetrics: boolean;
  readonly createServer: (listener: RequestListener) => Server;
  /** Routes of the Event API, where it is served. */
  readonly eventApi?: readonly EventApiRoute[] | undefined;
}

interface Room {
  readonly guard: Guard;
  readonly metrics: Metrics;
  readonly streams: Streams;
  readonly routes: readonly Route[];
  readonly options: AppOptions;
}

export function createApp(options: AppOptions): FastifyInstance {
  const { config, service, log, clock, version, stopping, eventApi = [] } = options;
  const metrics = createMetrics(service, version, options.processMetrics);
  const room: Room = {
    guard: createGuard(config),
    metrics,
    streams: new Streams({ clock, log, stopping, onCount: (count) => metrics.streamsOpen(count) }),
    routes: routesOf(options, metrics),
    options,
  };
  const app = fastify({
    serverFactory: options.createServer,
    bodyLimit: bodyBytesMax,
    // It would answer in another shape; the hook below does it in ours.
    return503OnClosing: false,
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, _request, reply) => {
      void send(reply, frameworkRefusal(error) ?? refusalOf(error));
    },
  });
  readBodies(app);
  app.addHook("onRequest", async (request, reply) => admit(room, request, reply));
  app.addHook("onResponse", async (request, reply) => tell(room, request, reply));
  app.setErrorHandler(async (error, request, reply) =>
    // Its routes have a handler of their own; here only what is not there can have had a wrong body.
    isForEventApi(room, request)
      ? refuseUnknown(room, request, reply)
      : send(reply, frameworkRefusal(error) ?? unexpected(error, log)),
  );
  app.setNotFoundHandler(async (request, reply) =>
    isForEventApi(room, request)
      ? refuseUnknown(room, request, reply)
      : send(reply, unknownRoute([...room.routes, ...eventApi], request)),
  );
  mountEventApi(app, { routes: eventApi, log, clock, refused: metrics.countRefusal });
  for (const route of room.routes)
    app.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: route.method === "GET" && route.path !== "/admin/entries",
      handler: async (request, reply) => perform(room, route, request, reply),
    });
  return app;
}

/** All that can be asked. */
export function routesOf(
  {
    service,
    clock,
    version,
    eventApi,
  }: Pick<AppOptions, "service" | "clock" | "version" | "eventApi">,
  metrics: Metrics,
): readonly Route[] {
  const routes = [
    ...healthRoutes(service, version),
    metricsRoute(metrics),
    ...adminRoutes(service, clock),
    ...sinkRoutes(service),
  ];
  return [...routes, ...documentRoutes(version, routes, eventApi)];
}

/** JSON alone is read; an empty body is none, whatever its type. */
function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => {
      if (body === "") done(null, undefined);
      else void parse(request, body, done);
    },
  );
}

/** Before anything is read: is it asked of us, by somebody who may? */
async function admit(
  room: Room,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { guard, routes, options } = room;
  const path = request.routeOptions.url;
  const isEventApi = isForEventApi(room, request);
  const turnAway = (refusal: Refusal): FastifyReply =>
    isEventApi
      ? refuseEventApi(request, reply, refusedByGuard(refusal), plainly(room))
      : send(reply, refusal);
  const admission = guard.admit(request);
  if (admission.kind === "refused") return turnAway(admission);
  if (admission.foreignOrigin !== undefined) {
    reply.headers({
      "access-control-allow-origin": admission.foreignOrigin,
      "access-control-expose-headers": "trunkline-cursor, www-authenticate, retry-after",
      vary: "origin",
    });
    if (request.method === "OPTIONS") return allowMethods(reply);
  }
  if (options.stopping.aborted) return turnAway(refuse("SHUTTING_DOWN", "The relay is ending."));
  if (request.url.length > urlCharactersMax)
    return turnAway(refuse("URL_TOO_LONG", `The path is longer than ${urlCharactersMax}.`));
  const isOpen = isEventApi || routes.some((route) => route.isOpen && route.path === path);
  if (!isOpen && !guard.isTrusted(request)) return send(reply, tokenRequired(request));
  return undefined;
}

/** Whether a route of the Event API is asked for, or what might be one, where it is served. */
function isForEventApi({ options: { eventApi = [] } }: Room, request: FastifyRequest): boolean {
  const path = request.routeOptions.url ?? pathOf(request);
  return (
    eventApi.length > 0 && (eventApi.some((route) => route.path === path) || isOfEventApi(path))
  );
}

function refuseUnknown(room: Room, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathOf(request);
  const at = (room.options.eventApi ?? []).filter((route) => isPathOf(route, path));
  const { error, allowed } = unknownOfEventApi(at, request.method, path);
  if (allowed.length > 0) void reply.header("allow", allowed.join(", "));
  return refuseEventApi(request, reply, error, plainly(room));
}

/** Refused before a route of the Event API has been found. */
function plainly({ metrics, options }: Room): Parameters<typeof refuseEventApi>[3] {
  return { routes: [], log: options.log, refused: metrics.countRefusal };
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? "";
}

/** A browser asks before it lets a page of a listed origin send its request. */
function allowMethods(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .headers({
      "access-control-allow-methods": "GET, POST, DELETE",
      "access-control-allow-headers": "authorization, content-type, last-event-id",
      "access-control-max-age": "600",
    })
    .send();
}

function tokenRequired({ headers }: FastifyRequest): Refusal {
  const isWrong = headers.authorization !== undefined;
  return refuse(
    "TOKEN_REQUIRED",
    isWrong ? "The token is not the right one." : "The request carries no token.",
    {
      headers: {
        "www-authenticate": `Bearer realm="trunkline"${isWrong ? ', error="invalid_token"' : ""}`,
      },
    },
  );
}

/** Asks a route, and writes what it says. */
async function perform(
  room: Room,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const answer = await answerInTime(room, route, request, gone.signal);
  if (answer.kind !== "stream") return send(reply, answer);
  const refusal = room.streams.refusal();
  if (refusal !== undefined) return send(reply, refusal);
  reply.hijack();
  // The connection ends with the stream, so that closing the server waits for nothing else.
  const headers = { ...safeHeaders, ...reply.getHeaders(), ...answer.headers, connection: "close" };
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.raw.flushHeaders();
  void room.streams.carry(answer, reply.raw, gone.signal);
  return reply;
}

async function answerInTime(
  { guard, options: { clock, log, stopping } }: Room,
  route: Route,
  request: FastifyRequest,
  gone: AbortSignal,
): Promise<Answer | Refusal> {
  const timeoutMs = route.timeoutMs ?? answerTimeoutMs;
  const over = new AbortController();
  const signal = AbortSignal.any([gone, stopping, over.signal]);
  try {
    return await Promise.race([
      route.answer({
        query: request.query,
        body: request.body ?? undefined,
        names: request.params as Readonly<Record<string, string>>,
        host: request.headers.host ?? "",
        isSecure: request.protocol === "https" || request.headers["x-forwarded-proto"] === "https",
        signal,
        isTrusted: guard.isTrusted(request),
      }),
      clock
        .sleep(timeoutMs, over.signal)
        .then(() => refuse("ANSWER_TIMEOUT", `There was no answer within ${timeoutMs / 1_000} s.`)),
    ]);
  } catch (error) {
    return unexpected(error, log);
  } finally {
    over.abort();
  }
}

/** What went wrong behind a request. What nobody foresaw is logged here, and not told to strangers. */
function unexpected(error: unknown, log: Log): Refusal {
  const refusal = refusalOf(error);
  const { code, message, help } = refusal.problem;
  if (code === "INTERNAL")
    log.error(
      {
        code,
        help,
        cause: error instanceof Error ? (error.stack ?? error.message) : String(error),
      },
      message,
    );
  return refusal;
}

function send(
  reply: FastifyReply,
  answer: Refusal | Extract<Answer, { kind: "text" }>,
): FastifyReply {
  reply.headers(safeHeaders).code(answer.status);
  if (answer.kind === "text") return reply.type(answer.type).send(answer.text);
  return reply
    .headers(answer.headers ?? {})
    .type("application/json; charset=utf-8")
    .send(refusalText(answer));
}

const frameworkCodes: Readonly<Record<string, readonly [RelayErrorCode, string]>> = {
  FST_ERR_BAD_URL: ["REQUEST_MALFORMED", "The path is not valid: a % in it begins no character."],
  FST_ERR_MAX_PARAM_LENGTH: ["URL_TOO_LONG", "A part of the path is too long."],
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", `The body has more than ${bodyBytesMax} bytes.`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["CONTENT_TYPE_UNSUPPORTED", "The body is not declared as JSON."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["REQUEST_MALFORMED", "The body is not as long as declared."],
  FST_ERR_CTP_INVALID_JSON_BODY: ["JSON_INVALID", "The body is not valid JSON."],
};

/** What fastify itself objects to, in our words; undefined for anything else. */
function frameworkRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("code" in error || "statusCode" in error)) return undefined;
  const { code, statusCode } = error as Partial<FastifyError>;
  const known = frameworkCodes[code ?? ""];
  if (known !== undefined) return refuse(...known);
  // A body that is no JSON, or names __proto__, or ended early: an error of the parser, not ours.
  return statusCode === 400 ? refuse("JSON_INVALID", "The body is not valid JSON.") : undefined;
}

/** 405 where the path is right, else 404 with what may have been meant. */
function unknownRoute(routes: readonly Place[], request: FastifyRequest): Refusal {
  const { method } = request;
  const path = pathOf(request);
  const allowed = routes
    .filter((route) => isPathOf(route, path))
    .flatMap((route) =>
      route.method === "GET" && route.path !== "/admin/entries" ? ["GET", "HEAD"] : [route.method],
    );
  if (allowed.length > 0)
    return refuse("METHOD_NOT_ALLOWED", `${method} is not possible here.`, {
      help: `Possible: ${allowed.join(", ")}.`,
      headers: { allow: allowed.join(", ") },
    });
  const near = nearMiss(
    path.slice(0, pathShownMax),
    routes.map((route) => route.path),
  );
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return refuse("ROUTE_UNKNOWN", `There is nothing at this path.${hint}`);
}

const pathShownMax = 100;

type Place = Pick<Route, "method" | "path">;

function isPathOf(route: Place, path: string): boolean {
  const wanted = route.path.split("/");
  const given = path.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(":") || part === given[index])
  );
}

function tell({ metrics, options }: Room, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? "none";
  const { method } = request;
  metrics.countRequest(method, route, reply.statusCode);
  options.log.debug(
    { method, route, status: reply.statusCode, tookMs: Math.round(reply.elapsedTime) },
    "request answered",
  );
}
