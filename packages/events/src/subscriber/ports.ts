/**
 * The doors of a subscriber to the outside: clock, dice, HTTP and sockets. The shapes are those that browsers and Node.js
 * have in common; a subscriber reaches the world through them alone, so that it runs on simulated time as well.
 */
import type { Clock, Random } from "@trunkline/client";

/** One request. Header names are lower-case. */
export interface WebRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer, read to its end. */
export interface WebResponse {
  readonly status: number;
  /** By a name in lower case; undefined where there is none, or a browser hides it. */
  header(name: string): string | undefined;
  readonly body: string;
}

/** Resolves with the whole answer, whatever its status; rejects where there is none, it is too large, or the signal has aborted. */
export type WebFetch = (
  url: string,
  request: WebRequest,
  signal: AbortSignal,
) => Promise<WebResponse>;

/** Hears what a socket does. */
export interface WebSocketListener {
  opened(): void;
  /** A text message, whole. */
  heard(text: string): void;
  /** Exactly once, and last. @param code of the close; 1006 where there was none */
  lost(code: number, reason: string): void;
}

/** A socket that has been dialled. */
export interface WebSocketHandle {
  /** Does nothing where it is not open. */
  send(text: string): void;
  /** Begins to close; the listener may still hear of it. */
  close(): void;
}

/** Dials a WebSocket address. Failures are told to the listener, never thrown. */
export type WebDial = (url: string, listener: WebSocketListener) => WebSocketHandle;

/** All of them. */
export interface SubscriberPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: WebFetch;
  readonly dial: WebDial;
}
