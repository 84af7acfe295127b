/** Requests to webhook receivers over node:http: each connection goes to an address that the guard has seen. */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Guard } from "../sinks/webhook/guard.ts";
import type { WebhookAnswer, WebhookHttp, WebhookRequest } from "../sinks/webhook/http.ts";

/** `import` would evaluate the lazy export `WebSocket` of node:http, and with it 10 MB that nobody here uses. */
const http = process.getBuiltinModule("node:http");

/** Of an answer so much is read, and so long; its status stands whatever becomes of its body. */
const bodyBytesMax = 4_096;
const bodyWaitMs = 2_000;
/** All header lines of an answer. */
const headerBytesMax = 16_384;
/** Connections to a receiver at a time; a sink has few requests under way. */
const socketsMax = 64;
/** An idle connection is kept for so long; receivers often close after 60 s or more. */
const idleMs = 30_000;

export interface WebhookHttpOptions {
  /** For tests: how names are resolved. */
  readonly lookup?: typeof systemLookup;
  /** For tests: certificate authorities in PEM, instead of the usual ones. */
  readonly ca?: string;
}

export function createWebhookHttp(guard: Guard, options: WebhookHttpOptions = {}): WebhookHttp {
  const common = { keepAlive: true, maxSockets: socketsMax, timeout: idleMs };
  const plain = new http.Agent(common);
  const secure = new HttpsAgent({
    ...common,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const resolve = options.lookup ?? systemLookup;

  const exchange = (
    request: WebhookRequest,
    signal: AbortSignal,
    mayRepeat: boolean,
  ): Promise<WebhookAnswer> => {
    const { promise, resolve: settle } = Promise.withResolvers<WebhookAnswer>();
    const url = new URL(request.url);
    const isSecure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/gu, "");
    // A literal address is never looked up, so it is judged here.
    const objection = isIP(host) === 0 ? undefined : guard.objection(host, host, isSecure);
    if (objection !== undefined) return Promise.resolve(failed("forbidden", objection));
    if (signal.aborted) return Promise.resolve(failed("aborted", "called off"));
    const body = request.body === undefined ? undefined : Buffer.from(request.body);
    const outgoing: ClientRequest = (isSecure ? httpsRequest : http.request)(url, {
      method: request.method,
      headers: {
        ...request.headers,
        ...(body === undefined ? {} : { "content-length": String(body.length) }),
      },
      agent: isSecure ? secure : plain,
      lookup: guardedLookup(resolve, guard, isSecure),
      maxHeaderSize: headerBytesMax,
      signal,
    });
    let isAnswered = false;
    outgoing.on("response", (incoming) => {
      isAnswered = true;
      void readAnswer(incoming, signal).then(settle);
    });
    outgoing.on("error", (error: Error & { code?: string }) => {
      // What goes wrong with the rest of an answer does not unsay its status.
      if (isAnswered) return;
      const isStale = outgoing.reusedSocket && /^(?:ECONNRESET|EPIPE)$/u.test(error.code ?? "");
      // The receiver closed a kept connection just as it was used again: that says nothing about now.
      // Should it have taken the request all the same, webhook-id tells it that this is the same one.
      if (isStale && mayRepeat && !signal.aborted) settle(exchange(request, signal, false));
      else settle(signal.aborted ? failed("aborted", "called off") : failure(error));
    });
    outgoing.end(body);
    return promise;
  };
  return {
    send: (request, signal) => exchange(request, signal, true),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

class ForbiddenAddress extends Error {
  override readonly name: string = "ForbiddenAddress";
}

/** The connection is made to what comes out here, and to nothing else. */
function guardedLookup(
  resolve: typeof systemLookup,
  guard: Guard,
  isSecure: boolean,
): LookupFunction {
  return (host, lookupOptions, callback) => {
    resolve(host, { ...lookupOptions, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, "");
      const objections: string[] = [];
      const allowed = addresses.filter(({ address }) => {
        const objection = guard.objection(host, address, isSecure);
        if (objection !== undefined) objections.push(objection);
        return objection === undefined;
      });
      const [first] = allowed;
      if (first === undefined)
        return callback(new ForbiddenAddress(objections[0] ?? "the name has no address"), "");
      if (lookupOptions.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Resolves with the status in any case; a body that breaks off, drags on or swells is cut. */
function readAnswer(incoming: IncomingMessage, signal: AbortSignal): Promise<WebhookAnswer> {
  const { promise, resolve } = Promise.withResolvers<WebhookAnswer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", finish);
    if (!incoming.readableEnded) incoming.destroy();
    const body = Buffer.concat(chunks).subarray(0, bodyBytesMax).toString("utf8");
    resolve({ kind: "answered", status: incoming.statusCode ?? 0, headers: flat(incoming), body });
  };
  const timer = setTimeout(finish, bodyWaitMs);
  signal.addEventListener("abort", finish, { once: true });
  incoming.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bodyBytesMax) finish();
  });
  incoming.on("end", finish);
  incoming.on("error", finish);
  incoming.on("close", finish);
  return promise;
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

const untrusted = /^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT|HOSTNAME_MISMATCH)/u;

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "the connection was refused: nothing listens there",
  ECONNRESET: "the connection was cut before an answer",
  EPIPE: "the connection was cut before an answer",
  ETIMEDOUT: "no answer to the connection attempt",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  EPROTO: "what answers there does not speak TLS, or another kind of it",
};

function failure(error: unknown): WebhookAnswer {
  if (error instanceof ForbiddenAddress) return failed("forbidden", error.message);
  const code = codeOf(error);
  if (code === undefined) return failed("unreachable", "the request failed");
  if (code.startsWith("HPE_")) return failed("unreachable", `what answers is not HTTP (${code})`);
  if (untrusted.test(code)) return failed("untrusted", `the certificate is not trusted (${code})`);
  const meaning = words[code.startsWith("ERR_SSL_") ? "EPROTO" : code] ?? "the request failed";
  return failed("unreachable", `${meaning} (${code})`);
}

/** Happy eyeballs reports several failures as one AggregateError: the first one speaks. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

function failed(why: "forbidden" | "untrusted" | "unreachable" | "aborted", detail: string) {
  return { kind: "failed", why, detail } as const;
}
