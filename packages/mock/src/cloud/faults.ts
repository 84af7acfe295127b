/**
 * Faults by name and parameter. Standing ones hold until they have struck `count` times, are removed, or all are
 * cleared; the others are done at once.
 */

/** Which sockets: one, those of a channel, or (neither given) all, those opened later included. */
export interface SocketTarget {
  readonly socketId?: number;
  readonly channelId?: string;
}

/** Which requests: method in any case, path without query, `*` for anything; absent means every one. */
export interface RequestTarget {
  readonly method?: string;
  readonly path?: string;
}

/** How often; with neither, every time until it is cleared. */
export interface Times {
  /** It ends when it has struck so many times. */
  readonly count?: number;
  /** It strikes so large a part of its occasions, above 0 up to 1, by dice of the faults' own. @default 1 */
  readonly share?: number;
}

/** Which events: those to certain sockets, and of a topic (in any case, `*` for anything); absent means every one. */
export interface EventTarget extends SocketTarget, Times {
  readonly topic?: string;
}

/** Faults that hold until cleared, by name. What they mean is said once, in `server/fault-schema.ts`. */
export interface StandingFaults {
  readonly refuseUpgrades: Times & {
    readonly channelId?: string;
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly cutUpgrades: Times & { readonly channelId?: string };
  readonly failRequests: Times &
    RequestTarget & {
      readonly status: number;
      readonly code?: string;
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };
  readonly cutRequests: Times & RequestTarget & { readonly when?: "before" | "after" };
  readonly delayRequests: Times &
    RequestTarget & { readonly ms: number; readonly jitterMs?: number };
  readonly shiftDate: { readonly ms: number };
  readonly shiftClaims: { readonly nbfMs?: number; readonly expMs?: number };
  readonly silence: SocketTarget;
  readonly halfOpen: SocketTarget;
  readonly stopHeartbeats: SocketTarget;
  readonly ignorePings: SocketTarget;
  readonly delayFrames: SocketTarget & Times & { readonly ms: number; readonly jitterMs?: number };
  readonly fragmentFrames: SocketTarget & Times & { readonly fragments: number };
  readonly dropFrames: EventTarget;
  readonly duplicateFrames: EventTarget;
  readonly reorderFrames: EventTarget;
  readonly truncateFrames: EventTarget;
}

/** Which token: one by id, the one that made a channel, or all of a client. */
export interface TokenTarget {
  readonly tokenId?: number;
  readonly channelId?: string;
  readonly clientId?: string;
}

/** What `sendGarbage` can send. */
export const garbageKinds = ["not-json", "no-envelope", "binary", "bad-utf8"] as const;

/** Faults that are done at once, by name. */
export interface ImmediateFaults {
  readonly cutSockets: SocketTarget;
  readonly closeSockets: SocketTarget & { readonly code: number; readonly reason?: string };
  readonly announceClosing: SocketTarget & { readonly graceMs?: number };
  readonly dropChannel: { readonly channelId: string };
  readonly evictChannel: { readonly channelId: string };
  readonly expireChannel: { readonly channelId: string };
  readonly revokeToken: TokenTarget;
  readonly expireToken: TokenTarget;
  readonly disableClient: { readonly clientId: string };
  readonly enableClient: { readonly clientId: string };
  readonly sendText: SocketTarget & { readonly text: string };
  readonly sendGarbage: SocketTarget & { readonly kind?: (typeof garbageKinds)[number] };
  readonly sendHuge: SocketTarget & { readonly bytes: number; readonly topic?: string };
  readonly burst: { readonly events: number; readonly topic?: string };
  readonly publish: { readonly topic: string; readonly body: object };
}

type AllFaults = StandingFaults & ImmediateFaults;

/** The name of a fault: the same in process and over the control API. */
export type FaultName = keyof AllFaults;

/** A fault with its parameters, as the control API takes it. */
export type Fault<Name extends FaultName = FaultName> = {
  readonly [Each in Name]: { readonly fault: Each } & AllFaults[Each];
}[Name];

/** A standing fault, with its id and how often it has struck. */
export type StandingFault = Fault<keyof StandingFaults> & {
  readonly id: number;
  readonly struck: number;
};

/** What a fault did: the id of a standing one; how many sockets, channels, tokens an immediate one touched. */
export interface FaultReceipt {
  readonly id?: number;
  readonly affected: number;
}

/** One method for each fault, of its name. */
export type FaultMethods = {
  readonly [Name in FaultName]: (parameters: AllFaults[Name], nowMs: number) => FaultReceipt;
};

/** Injects faults, each by a method of its name: `faults.silence({ socketId: 3 }, nowMs)`. */
export interface Faults extends FaultMethods {
  inject<Name extends FaultName>(fault: Fault<Name>, nowMs: number): FaultReceipt;
  /** Standing faults, oldest first. */
  list(): readonly StandingFault[];
  /** Ends one standing fault; false when there is none of that id. */
  remove(id: number): boolean;
  /** Ends all standing faults and enables the clients that were disabled. What was done at once stays done. */
  clear(): void;
}
