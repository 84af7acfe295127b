/** One HTTP request as the model wants it, and its answer on the wire. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CloudRequest, CloudResponse } from "../cloud/contract.ts";

/** What is too much is read and thrown away up to here, so that the sender gets to read its 413. */
const drainBytesMax = 64 * 1024 * 1024;

export interface ReadRequest extends CloudRequest {
  /** The body was longer than the limit: what there is of it is one byte longer. */
  readonly truncated: boolean;
}

/** Undefined when the connection went away before the end. */
export async function readRequest(
  request: IncomingMessage,
  bytesMax: number,
): Promise<ReadRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      // One byte beyond the limit is enough for the model to answer 413.
      if (bytes <= bytesMax) chunks.push(chunk.subarray(0, bytesMax + 1 - bytes));
      bytes += chunk.length;
      if (bytes > drainBytesMax) return undefined;
    }
  } catch {
    return undefined;
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
    truncated: bytes > bytesMax,
  };
}

export function writeResponse(
  response: ServerResponse,
  answer: CloudResponse,
  hangUp: boolean,
): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(answer.body === "" ? {} : { "content-length": Buffer.byteLength(answer.body) }),
    ...(hangUp ? { connection: "close" } : {}),
  });
  response.end(answer.body);
}
