/** HTTP to a relay over node:http: unlike fetch it calls every port, and says which error the road had. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { HttpAnswer, HttpDoor } from "../system.ts";

/** A socket of its own for each request: a kept one may be stale just when it is used again. */
export const http: HttpDoor = ({ method, url, headers, body }, signal) => {
  const target = new URL(url);
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  const outgoing = send(
    target,
    { method, headers: { ...headers, ...length }, agent: false, signal },
    (incoming) => resolve(answerOf(incoming)),
  );
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
};

function answerOf(incoming: IncomingMessage): HttpAnswer {
  incoming.setEncoding("utf8");
  // Whoever reads the body gets the error; nobody need read it.
  incoming.on("error", () => {});
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status: incoming.statusCode ?? 0, headers, body: incoming };
}
