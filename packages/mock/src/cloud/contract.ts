import type { World } from "../centre/world.ts";
import type { Faults } from "./faults.ts";
import type { FrameForm } from "./frame.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import type { Settings } from "./settings.ts";

/** One HTTP request as the model sees it: already read, never longer than the transport's limit. */
export interface CloudRequest {
  readonly method: string;
  /** Path with query, as in the request line. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One HTTP reply. Header names are in lower case. */
export interface CloudResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `cut` means that the connection is destroyed without an answer. Whether the request was carried out first is the
 * model's business and already settled; the transport only cuts. It does either after `afterMs` of the cloud's time
 * (0 unless a fault delays answers).
 */
export type CloudAnswer = { readonly afterMs: number } & (
  | { readonly kind: "response"; readonly response: CloudResponse }
  | { readonly kind: "cut" }
);

/**
 * What became of a WebSocket upgrade. `refused` is answered as plain HTTP; `cut` destroys the connection. `frozen`: a fault
 * forbids reading from the connection from the start, as after a `freeze`.
 */
export type CloudUpgrade =
  | {
      readonly kind: "accepted";
      readonly socketId: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly frozen: boolean;
    }
  | { readonly kind: "refused"; readonly response: CloudResponse }
  | { readonly kind: "cut" };

/**
 * What the model tells its transport to do, in order. A `close` is followed by no `send` to that socket. `send` goes out in
 * so many fragments (1 unless a fault says otherwise), as a text frame in UTF-8 unless it has another `form`. `freeze`
 * stops reading from the connection, so that not even a close frame is answered, or goes on.
 */
export type CloudEffect =
  | {
      readonly type: "send";
      readonly socketId: number;
      readonly text: string;
      readonly fragments?: number;
      readonly form?: FrameForm;
    }
  | { readonly type: "freeze"; readonly socketId: number; readonly frozen: boolean }
  | {
      readonly type: "close";
      readonly socketId: number;
      readonly code: number;
      readonly reason: string;
    }
  | { readonly type: "cut"; readonly socketId: number };

/** An OAuth client of the organisation. */
export interface CloudClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Seconds, 300 to 172,800 (GENESYS.md 1.2). @default 86400 */
  readonly accessTokenValiditySeconds?: number;
  /** What its roles grant. @default "all" */
  readonly permissions?: "all" | readonly string[];
  /** `disabled`: its tokens are invalid; `inactive`: no new tokens (GENESYS.md 1.2). @default "active" */
  readonly state?: "active" | "disabled" | "inactive";
  readonly name?: string;
}

/** How a cloud is made. */
export interface CloudOptions {
  /** A whole number from which everything that looks like chance is drawn. */
  readonly seed: number;
  /** The cloud's wall clock at the start, epoch milliseconds. */
  readonly startAtMs: number;
  /** Mean events per second of the whole contact centre; 0 keeps it still. @default 0 */
  readonly rate?: number;
  /**
   * `day`: arrivals and shifts follow the hour of the day (UTC), and `rate` is the mean of a day; `flat`: every hour is alike.
   * @default "flat"
   */
  readonly rhythm?: "flat" | "day";
  /**
   * How many seconds of the cloud pass in one of its clients'. The transport lets time pass; the model needs it only to tell
   * durations (`expires_in`, `Retry-After`) in the seconds that a client measures. 1 to 10,000. @default 1
   */
  readonly speed?: number;
  /** Base of the REST hosts. Where their hosts differ, each serves only its own paths, as in Genesys Cloud. */
  readonly apiUrl?: string;
  readonly loginUrl?: string;
  /**
   * Base of `connectUri`, such as `ws://127.0.0.1:9080`. A function is given the host, with its port, of the streaming
   * service: `streaming.{domain}` for a request that came to `api.{domain}`, else the request's own Host header.
   */
  readonly streamingUrl: string | ((host: string | undefined) => string);
  /**
   * Where the organisation lives, as a domain or an AWS name (GENESYS.md 2): in other regions its clients and tokens are
   * not known. @default everywhere
   */
  readonly region?: string;
  readonly clients: readonly CloudClient[];
  readonly settings?: Partial<Settings>;
  /** Size of the contact centre. @default 6 queues, 30 agents */
  readonly queues?: number;
  readonly agents?: number;
  /** Called when `nextDeadlineMs()` has become earlier, so that a driver with one timer may set it anew. */
  readonly onEarlierDeadline?: () => void;
}

/** A channel as the model knows it; the id is a secret in the real service (GENESYS.md 4.1). */
export interface ChannelView {
  readonly channelId: string;
  readonly clientId: string;
  readonly tokenId: number;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly expiresAtMs: number;
  readonly topics: number;
  readonly socketIds: readonly number[];
}

/** An open socket as the model knows it. */
export interface SocketView {
  readonly socketId: number;
  readonly channelId: string;
  readonly openedAtMs: number;
  /** When the grace after `v2.system.socket_closing` ends, epoch ms. */
  readonly closesAtMs: number | undefined;
  readonly framesSent: number;
  readonly silenced: boolean;
  /** Frames that faults hold back. */
  readonly heldFrames: number;
  /** False when the channel has died and the socket was left open (settings). */
  readonly channelAlive: boolean;
}

/** The state of the whole model in numbers and lists. */
export interface CloudState {
  readonly nowMs: number;
  readonly clients: readonly {
    readonly clientId: string;
    readonly state: string;
    readonly liveTokens: number;
    readonly channels: number;
    /** Carried-out and refused API requests of this client since the start. */
    readonly requests: number;
    readonly tokensIssued: number;
    readonly channelsCreated: number;
  }[];
  readonly channels: readonly ChannelView[];
  readonly sockets: readonly SocketView[];
  readonly eventsEmitted: number;
  readonly oldestEvent: number | undefined;
}

/**
 * A Genesys Cloud without I/O, timers, clock or chance of its own. Every method is told the time, which never goes
 * backwards for the model: an earlier `nowMs` than the last is taken as the last. Effects reach the outlet during the
 * call that causes them, in order.
 */
export interface Cloud {
  /** Answers one HTTP request; never throws on anything a client may send. */
  request(request: CloudRequest, nowMs: number): CloudAnswer;
  /**
   * Decides on a WebSocket upgrade of this path (GENESYS.md 4.1). `host` is the Host header, where there is one. Only the
   * legacy face looks at the Authorization header: a channel's socket needs no token.
   */
  upgrade(path: string, nowMs: number, host?: string, authorization?: string): CloudUpgrade;
  /** A text frame came from a client. */
  received(socketId: number, text: string, nowMs: number): void;
  /** A socket is gone, whoever ended it. `cause` is noted in the history. Unknown ids are ignored. */
  closed(socketId: number, nowMs: number, cause?: string): void;
  /** Runs what is due: heartbeats, contact centre, expiries. */
  wake(nowMs: number): void;
  /** When `wake` is wanted next, epoch ms; undefined when nothing is ahead. */
  nextDeadlineMs(): number | undefined;
  /**
   * Publishes a notification as the real service would: to every channel that holds the topic. A body that is a string is
   * its JSON, and is sent as it is written.
   */
  emit(topic: string, body: object | string, nowMs: number): LedgerEntry;
  /** Whether a fault silences this socket: a transport then leaves protocol pings unanswered too. */
  silenced(socketId: number): boolean;
  /** Topics on which the contact centre will speak, busiest kinds first. */
  sampleTopics(count: number): readonly string[];
  state(): CloudState;
  readonly ledger: Ledger;
  readonly faults: Faults;
  /** Queues and agents of the contact centre. */
  readonly world: World;
  readonly settings: Settings;
}
