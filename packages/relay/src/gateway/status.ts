/** What the gateway tells of itself: its subscribers as they are now, and what was counted since the start. */
import type { EventApiErrorCode } from "@trunkline/events";

export interface GatewayStatus {
  /** Bounded by `gateway.connectionsMax`. */
  readonly connections: readonly ConnectionStatus[];
  /** Kinds of subscriptions that get the same messages, each filtered and written once for all. */
  readonly shapes: number;
  /** Messages on all connections since the start. */
  readonly sent: number;
  readonly received: number;
  /** Messages on sockets, and upgrades, that were refused. */
  readonly refusals: readonly RefusalCount[];
  /** Connections that have ended; without a code where the peer closed it, or the network. */
  readonly closes: readonly CloseCount[];
}

export interface ConnectionStatus {
  /** A WebSocket, or a stream of Server-Sent Events. */
  readonly kind: "socket" | "stream";
  /** Undefined until it has shown a token. */
  readonly clientId: string | undefined;
  readonly ageMs: number;
  readonly sent: number;
  readonly received: number;
  readonly subscriptions: number;
  /** Subscriptions that had caught up, and read more slowly than entries come. */
  readonly lagging: number;
  /** Every subscription has had everything up to here; undefined where there is none. */
  readonly position: number | undefined;
}

/** What is to be said of a connection that is over. */
export interface ConnectionEnd {
  readonly clientId: string | undefined;
  /** Why we closed it; undefined where the peer did, or the network. */
  readonly code: EventApiErrorCode | undefined;
  readonly ageMs: number;
  readonly sent: number;
  readonly received: number;
}

/** Where something was refused. */
export type RefusalPlace = "socket" | "upgrade" | "stream";

export interface RefusalCount {
  readonly place: RefusalPlace;
  readonly code: EventApiErrorCode;
  readonly count: number;
}

export interface CloseCount {
  readonly code: EventApiErrorCode | undefined;
  readonly count: number;
}

/** Counts what ends and what is refused; codes are of one table, so there are few. */
export class Tally {
  sent = 0;
  received = 0;
  readonly #refusals = {
    socket: new Map<EventApiErrorCode, number>(),
    upgrade: new Map<EventApiErrorCode, number>(),
    stream: new Map<EventApiErrorCode, number>(),
  };
  readonly #closes = new Map<EventApiErrorCode | undefined, number>();

  refused(place: RefusalPlace, code: EventApiErrorCode): void {
    increment(this.#refusals[place], code);
  }

  /** A connection is over. */
  ended(end: { code: EventApiErrorCode | undefined; sent: number; received: number }): void {
    increment(this.#closes, end.code);
    this.sent += end.sent;
    this.received += end.received;
  }

  get refusals(): readonly RefusalCount[] {
    return (["socket", "upgrade", "stream"] as const).flatMap((place) =>
      [...this.#refusals[place]].map(([code, count]) => ({ place, code, count })),
    );
  }

  get closes(): readonly CloseCount[] {
    return [...this.#closes].map(([code, count]) => ({ code, count }));
  }
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
