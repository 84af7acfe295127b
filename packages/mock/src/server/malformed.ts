/** What cannot be read as a request is refused with a code all the same, as everything else is (GENESYS.md 3.6). */
import { randomUUID } from "node:crypto";
import { STATUS_CODES, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { CloudResponse } from "../cloud/contract.ts";
import { refusals, type Refusal } from "../cloud/errors.ts";
import { refused, toResponse } from "../cloud/reply.ts";
import { machineClock } from "../platform/clock.ts";

/** The statuses that Node itself gives such requests; any other is a 400. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** What Node says of bytes that it cannot read. */
interface Unreadable extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** Answers in place of the server where it would refuse a request without asking the model. */
export function answerMalformed(server: Server): void {
  server.on("clientError", (error: Unreadable, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = statuses[error.code ?? ""] ?? 400;
    const answer = malformed({ ...refusals.badRequest("The request is no HTTP/1.1."), status });
    // What follows the head of an answer to HEAD would be taken for another answer.
    const isHead = error.rawPacket?.subarray(0, 5).toString() === "HEAD ";
    hangUp(socket, isHead ? { ...answer, body: "" } : answer);
  });
  server.on("checkExpectation", (request, response) => {
    request.resume();
    const what = refusals.badRequest("The expectation of the request cannot be met.");
    const { status, headers, body } = malformed({ ...what, status: 417 });
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  });
}

/** An answer of the server's own, with an id as the model's have. */
export function malformed(
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): CloudResponse {
  return toResponse(refused(refusal), randomUUID(), machineClock.wallMs(), headers);
}

/** The last thing on a connection. */
export function hangUp(socket: Duplex, response: CloudResponse): void {
  const { status, headers, body } = response;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.once("finish", () => socket.destroy());
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
