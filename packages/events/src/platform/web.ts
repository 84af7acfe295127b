/** The doors to the outside as browsers and Node.js have them in common: timers, `fetch`, `WebSocket`. */
import type { Clock } from "@trunkline/client";
import type { SubscriberPorts, WebDial, WebFetch, WebSocketHandle } from "../subscriber/ports.ts";

/** Longest wait that a timer can hold. */
const timerMaxMs = 2_147_483_647;
/** Answers are those of a token's URL, or a refusal. */
const answerCharactersMax = 1_048_576;

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.ceil(ms), timerMaxMs));
      signal.addEventListener("abort", done);
    }),
};

const webFetch: WebFetch = async (url, { method, headers, body }, signal) => {
  const response = await fetch(url, {
    method,
    headers,
    signal,
    // A redirect would carry credentials to where nobody has sent them.
    redirect: "error",
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (text.length > answerCharactersMax)
    throw new Error(`The answer is longer than ${answerCharactersMax} characters.`);
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: text,
  };
};

const dial: WebDial = (url, listener): WebSocketHandle => {
  const socket = new WebSocket(url);
  socket.addEventListener("open", () => listener.opened());
  socket.addEventListener("message", ({ data }: { readonly data: unknown }) =>
    // What is binary is no message of the Event API.
    listener.heard(typeof data === "string" ? data : ""),
  );
  // After an error there is always a close.
  socket.addEventListener("close", ({ code, reason }) => listener.lost(code, reason));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};

/** The doors of this machine: those that a subscriber has where no others are given. */
export const webPorts: SubscriberPorts = {
  clock,
  random: () => Math.random(),
  fetch: webFetch,
  dial,
};
