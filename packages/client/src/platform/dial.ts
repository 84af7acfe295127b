import { WebSocket, type ClientOptions, type RawData } from "ws";
import type { Dial, Socket, SocketListener, SocketLoss } from "../ports.ts";
import { parseRetryAfterMs } from "../rest/budget.ts";
import { networkDetail, type Road } from "./road.ts";

/** How long the answer to our own close frame is awaited before the connection is destroyed. */
const goodbyeMs = 1_000;

/** Sockets over `ws`, which unlike the global WebSocket shows the HTTP status of a refused upgrade. */
export function createDial(road: Road, frameBytesMax: number): Dial {
  return (address, listener) => {
    const url = new URL(address);
    const options: ClientOptions & { closeTimeout: number } = {
      agent: road.agent(url),
      maxPayload: frameBytesMax,
      perMessageDeflate: false,
      followRedirects: false,
      closeTimeout: goodbyeMs,
    };
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, options);
    } catch (error) {
      queueMicrotask(() =>
        listener.lost({ kind: "unreachable", detail: networkDetail(error).detail }),
      );
      return nowhere;
    }
    const end = listen(socket, listener);
    return {
      send: (text) => {
        // A socket that is just dying says so by `lost`; there is nothing to add here.
        if (socket.readyState === WebSocket.OPEN) socket.send(text, ignore);
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close: () => {
        end();
        socket.close(1000);
      },
      cut: () => {
        end();
        socket.terminate();
      },
    };
  };
}

/** An address that cannot be dialled. */
const nowhere: Socket = { send: ignore, pause: ignore, resume: ignore, close: ignore, cut: ignore };

/** Wires a socket to its listener. The returned function makes the listener deaf. */
function listen(socket: WebSocket, listener: SocketListener): () => void {
  let heard: SocketListener | undefined = listener;
  let opened = false;
  const lose = (loss: SocketLoss): void => {
    const last = heard;
    heard = undefined;
    last?.lost(loss);
  };
  socket.on("open", () => {
    opened = true;
    heard?.opened();
  });
  socket.on("message", (data: RawData) => heard?.heard(textOf(data)));
  socket.on("unexpected-response", (request, response) => {
    const { statusCode = 0, headers } = response;
    const { via, server } = headers;
    request.destroy();
    const retryAfter = one(headers["retry-after"]);
    const retryAfterMs = parseRetryAfterMs({
      ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
      ...(headers.date === undefined ? {} : { date: headers.date }),
    });
    lose({ kind: "refused", status: statusCode, via: one(via), server: one(server), retryAfterMs });
  });
  socket.on("error", (error: Error & { code?: string }) => {
    lose(lossOf(error, opened));
    socket.terminate();
  });
  socket.on("close", (code, reason) => {
    if (code === 1006) lose({ kind: "cut", detail: "the connection ended without a close frame" });
    else lose({ kind: "closed", code, reason: reason.toString("utf8") });
  });
  return () => {
    heard = undefined;
  };
}

function lossOf(error: Error & { code?: string }, opened: boolean): SocketLoss {
  const { detail, isTrust } = networkDetail(error);
  if (error.code?.startsWith("WS_ERR_") === true) {
    const oversized = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    return { kind: "protocol", detail: error.message, oversized };
  }
  return opened ? { kind: "cut", detail } : { kind: "unreachable", detail, isUntrusted: isTrust };
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(", ") : header;
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString("utf8");
  return Array.isArray(data)
    ? Buffer.concat(data).toString("utf8")
    : Buffer.from(data).toString("utf8");
}

function ignore(): void {
  // Failures are told by `lost`.
}
