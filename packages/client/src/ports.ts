/**
 * The four doors to the outside: clock, dice, HTTP and sockets. Everything in this package but
 * `platform/` reaches the world through them alone, so that a whole world can run on simulated
 * time from one seed.
 */

/** Reads time and waits. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. May stand still while the machine sleeps. */
  monotonicMs(): number;
  /** Milliseconds since 1970 as the machine believes them to be; may jump either way. */
  wallMs(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A number in [0, 1). */
export type Random = () => number;

/** One HTTP request. Header names are lower-case. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP answer, read to its end. Header names are lower-case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends a request and resolves with the whole answer, whatever its status. Rejects when there is
 * no answer: no connection, cut, body too large (a `TrunklineError`), or aborted.
 */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;

/** Why a socket is no more. */
export type SocketLoss =
  /** A close frame came, or we closed and the peer agreed. */
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  /** The connection ended without a close frame (a browser would say 1006). */
  | { readonly kind: "cut"; readonly detail: string }
  /** The upgrade was answered with an HTTP status other than 101. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly via: string | undefined;
      readonly server: string | undefined;
      /** The answer's `Retry-After`, in milliseconds. */
      readonly retryAfterMs?: number | undefined;
    }
  /** There was no connection: name, TCP, TLS or proxy failed. */
  | {
      readonly kind: "unreachable";
      readonly detail: string;
      /** The certificate of the peer is not trusted. */
      readonly isUntrusted?: boolean | undefined;
    }
  /** The peer sent a frame larger than the limit, or broke the WebSocket protocol. */
  | { readonly kind: "protocol"; readonly detail: string; readonly oversized: boolean };

/** Hears what a socket does. `lost` comes exactly once and last. */
export interface SocketListener {
  opened(): void;
  /** A text frame, whole. */
  heard(text: string): void;
  lost(loss: SocketLoss): void;
}

/** A socket that has been dialled. After `cut` the listener hears nothing any more. */
export interface Socket {
  send(text: string): void;
  /** Stops reading, so that the peer feels back-pressure. */
  pause(): void;
  resume(): void;
  /** Starts the closing handshake with code 1000. */
  close(): void;
  /** Destroys the connection at once, waiting for nothing. */
  cut(): void;
}

/** Dials a WebSocket address. Failures are told to the listener, never thrown. */
export type Dial = (url: string, listener: SocketListener) => Socket;

/** All four. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  readonly dial: Dial;
}
