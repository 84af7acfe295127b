import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { TrunklineError } from "../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../ports.ts";
import { http, networkError, type Road } from "./road.ts";

/** The largest answer that is read. The catalogue of topics is about 200 kB. */
const bodyBytesMax = 16 * 1024 * 1024;

/** HTTP over node:http: unlike fetch it shares its agent, and so its proxy and CAs, with the sockets. */
export function createHttp(road: Road): Http {
  const exchange = (
    request: HttpRequest,
    signal: AbortSignal,
    mayRepeat: boolean,
  ): Promise<HttpResponse> => {
    const url = new URL(request.url);
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    const send = url.protocol === "https:" ? httpsRequest : http.request;
    const body = request.body === undefined ? undefined : Buffer.from(request.body);
    const outgoing = send(
      url,
      {
        method: request.method,
        headers: { ...request.headers, ...lengthOf(request.method, body) },
        agent: road.agent(url),
        signal,
      },
      (incoming) => {
        readBody(incoming, url).then(
          (text) =>
            resolve({ status: incoming.statusCode ?? 0, headers: flat(incoming), body: text }),
          (error: unknown) => reject(named(error, url, signal)),
        );
      },
    );
    outgoing.on("error", (error: Error & { code?: string }) => {
      // The server closed a kept connection just as we used it again: that says nothing about now.
      const isStale = outgoing.reusedSocket && error.code === "ECONNRESET" && !signal.aborted;
      if (isStale && mayRepeat) resolve(exchange(request, signal, false));
      else reject(named(error, url, signal));
    });
    outgoing.end(body);
    return promise;
  };
  return (request, signal) => exchange(request, signal, repeatable.has(request.method));
}

/** Methods that may be carried out twice. POST is none: it may have made a channel. */
const repeatable = new Set(["GET", "HEAD", "PUT"]);

function named(error: unknown, url: URL, signal: AbortSignal): unknown {
  return signal.aborted || error instanceof TrunklineError ? error : networkError(error, url);
}

function lengthOf(method: string, body: Buffer | undefined): Record<string, string> {
  if (body !== undefined) return { "content-length": String(body.length) };
  return method === "POST" || method === "PUT" ? { "content-length": "0" } : {};
}

async function readBody(incoming: IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) {
      throw new TrunklineError(
        "BODY_TOO_LARGE",
        `${url.origin} answered with more than ${bodyBytesMax} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}
