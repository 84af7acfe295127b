/** What cannot even be read as a request is answered on the bare socket, in the shape of all refusals. */
import type { Socket } from "node:net";
import { headersBytesMax, headersTimeoutMs, requestTimeoutMs } from "./limits.ts";
import { STATUS_CODES } from "./node-http.ts";
import { refusalText, refuse, type Refusal } from "./refusal.ts";

/** Answers and ends the connection, if there is still somebody to answer to. */
export function answerMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable) socket.end(responseText(malformedRefusal(error.code)));
  else socket.destroy();
}

function malformedRefusal(code: string | undefined): Refusal {
  switch (code ?? "") {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return refuse(
        "REQUEST_MALFORMED",
        `The request was too slow: headers may take ${headersTimeoutMs / 1_000} s, all of it ${requestTimeoutMs / 1_000} s.`,
        { status: 408 },
      );
    case "HPE_HEADER_OVERFLOW":
      return refuse(
        "REQUEST_MALFORMED",
        `The path and the headers have more than ${headersBytesMax} bytes.`,
        { status: 431 },
      );
    default:
      return refuse("REQUEST_MALFORMED", "This is not a valid HTTP request.");
  }
}

function responseText(refusal: Refusal): string {
  const body = refusalText(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ""}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    "x-content-type-options: nosniff",
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
