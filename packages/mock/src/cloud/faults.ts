/**
 * Faults: what standing ones change about the model, and what is done at once.
 * Standing ones hold until they have been used `count` times, are removed, or all are cleared.
 */
import type { SocketFaults } from "./sockets.ts";

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

/** How many times; absent means until cleared. */
export interface Times {
  readonly count?: number;
}

/** Faults that hold until cleared, by name. */
export interface StandingFaults {
  /** Upgrades are answered with this status (503), headers and body. */
  readonly refuseUpgrades: Times & {
    readonly channelId?: string;
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /** The connection is destroyed instead of being upgraded. */
  readonly cutUpgrades: Times & { readonly channelId?: string };
  /** Half-open: the socket stays open, nothing is sent, nothing heard; events are recorded as not sent. */
  readonly silence: SocketTarget;
  readonly stopHeartbeats: SocketTarget;
  readonly ignorePings: SocketTarget;
  /** Requests are answered with this status, and not carried out. The body defaults to an error body of the API. */
  readonly failRequests: Times &
    RequestTarget & {
      readonly status: number;
      readonly code?: string;
      readonly retryAfterSeconds?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    };
  /** The connection is destroyed without an answer, before the request is carried out or after. */
  readonly cutRequests: Times & RequestTarget & { readonly when?: "before" | "after" };
}

/** Faults that are done at once, by name. */
export interface ImmediateFaults {
  /** No close frame: what the other side sees as 1006. */
  readonly cutSockets: SocketTarget;
  readonly closeSockets: SocketTarget & { readonly code: number; readonly reason?: string };
  /** `v2.system.socket_closing`, then the grace, then the close (GENESYS.md 4.5). */
  readonly announceClosing: SocketTarget;
  /** The channel is gone: 404 from now on. */
  readonly dropChannel: { readonly channelId: string };
  /** One token by id, the one that made a channel, or all of a client. */
  readonly revokeToken: {
    readonly tokenId?: number;
    readonly channelId?: string;
    readonly clientId?: string;
  };
  /** Its tokens become invalid and no new ones are issued, until enabled or cleared. */
  readonly disableClient: { readonly clientId: string };
  readonly enableClient: { readonly clientId: string };
  /** Raw text, well-formed or not, of any length. */
  readonly sendText: SocketTarget & { readonly text: string };
  /** Emits a notification. */
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

interface Rule {
  readonly id: number;
  readonly fault: Fault<keyof StandingFaults>;
  struck: number;
}

/** What the model does about an incoming request because of a fault. */
export type RequestFault = Fault<"failRequests" | "cutRequests">;
/** What the model does about an upgrade because of a fault. */
export type UpgradeFault = Fault<"refuseUpgrades" | "cutUpgrades">;

const unhurt: SocketFaults = {
  silenced: false,
  withoutHeartbeats: false,
  withoutPongs: false,
};

/** The standing faults, asked by the model at each request, upgrade and new socket. */
export class FaultBook {
  #rules: Rule[] = [];
  #nextId = 1;

  get size(): number {
    return this.#rules.length;
  }

  list(): readonly StandingFault[] {
    return this.#rules.map(({ id, struck, fault }) => ({ ...fault, id, struck }));
  }

  add(fault: Fault<keyof StandingFaults>): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#rules.push({ id, fault, struck: 0 });
    return id;
  }

  remove(id: number): boolean {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
    return this.#rules.length < before;
  }

  clear(): void {
    this.#rules = [];
  }

  socketFaults(socketId: number, channelId: string): SocketFaults {
    if (this.#rules.length === 0) return unhurt;
    const holds = (name: "silence" | "stopHeartbeats" | "ignorePings"): boolean =>
      this.#rules.some(({ fault }) => {
        if (fault.fault !== name) return false;
        return (
          (fault.socketId === undefined || fault.socketId === socketId) &&
          (fault.channelId === undefined || fault.channelId === channelId)
        );
      });
    return {
      silenced: holds("silence"),
      withoutHeartbeats: holds("stopHeartbeats"),
      withoutPongs: holds("ignorePings"),
    };
  }

  /** The first fault that strikes this request; its count goes down. */
  forRequest(method: string, path: string): RequestFault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.fault !== "failRequests" && fault.fault !== "cutRequests") continue;
      if (fault.method !== undefined && fault.method.toUpperCase() !== method.toUpperCase())
        continue;
      if (fault.path !== undefined && !matches(fault.path, path)) continue;
      this.#strike(rule);
      return fault;
    }
    return undefined;
  }

  forUpgrade(channelId: string | undefined): UpgradeFault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.fault !== "refuseUpgrades" && fault.fault !== "cutUpgrades") continue;
      if (fault.channelId !== undefined && fault.channelId !== channelId) continue;
      this.#strike(rule);
      return fault;
    }
    return undefined;
  }

  #strike(rule: Rule): void {
    rule.struck += 1;
    const { fault } = rule;
    if ("count" in fault && fault.count !== undefined && rule.struck >= fault.count)
      this.remove(rule.id);
  }
}

/** Whether a path fits a pattern in which `*` stands for any characters. */
export function matches(pattern: string, path: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (!path.startsWith(head)) return false;
  const tail = rest.pop();
  if (tail === undefined) return path === head;
  let from = head.length;
  for (const part of rest) {
    const found = path.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return path.length - tail.length >= from && path.endsWith(tail);
}
