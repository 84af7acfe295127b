/** Reads from a WebSocket. */
import { on, once } from "node:events";
import { WebSocket } from "ws";
import { addressOf, answerMs, errorOf, newToken, Refused, silenceMs, tell } from "./relay.js";

/** Connects, and listens until nothing is left to be read. It throws when the connection ends before. */
export async function listenOnSocket(subscription, progress) {
  const { token, useMs } = await newToken();
  const address = addressOf("/api/v2/analytics/events");
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: answerMs,
  });
  socket.once("unexpected-response", (_, response) => {
    void refuse(socket, response);
  });
  // The library answers pings by itself. That nothing comes any more we must notice ourselves.
  const watch = setTimeout(() => socket.terminate(), silenceMs);
  let renewal;
  const renewIn = (ms) => {
    renewal = setTimeout(() => {
      renew().catch((error) => socket.emit("error", error));
    }, ms);
  };
  /** A new token on the open socket keeps it. */
  const renew = async () => {
    const next = await newToken();
    send(socket, { type: "auth", data: { token: next.token } });
    renewIn(next.useMs);
  };
  try {
    const messages = on(socket, "message", { close: ["close"] });
    await once(socket, "open");
    renewIn(useMs);
    send(socket, { id: "mine", ...subscription, since: progress.since });
    for await (const [text] of messages) {
      watch.refresh();
      hear(JSON.parse(text), socket, progress);
      if (progress.left === 0) return;
    }
    throw new Error("the connection has ended");
  } finally {
    clearTimeout(watch);
    clearTimeout(renewal);
    // What still comes from a socket that is let go of concerns nobody.
    socket.on("error", () => {});
    socket.close();
  }
}

function hear(message, socket, progress) {
  const { type, cursor } = message;
  if (type === "event") progress.take(message);
  // Events, gaps and heartbeats say how far everything has been sent.
  if (cursor && (type === "gap" || type === "heartbeat")) progress.since = cursor;
  if (type === "subscribed") progress.since ??= cursor;
  if (type === "heartbeat") send(socket, { type: "keepalive" });
  if (type === "auth-success") console.error(`token accepted, until ${message.expires}`);
  if (type === "error") throw new Refused(message);
  tell(message);
}

function send(socket, message) {
  socket.send(JSON.stringify(message));
}

/** An upgrade that is refused is an HTTP answer: its body says why. */
async function refuse(socket, response) {
  let body = "";
  for await (const part of response) body += part;
  socket.emit("error", errorOf(response.statusCode, body));
}
