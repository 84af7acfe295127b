/** The standing faults, asked by the model at each request, upgrade and new socket, and at each frame that one concerns. */
import type { Dice } from "./dice.ts";
import type {
  EventTarget,
  Fault,
  RequestTarget,
  SocketTarget,
  StandingFault,
  StandingFaults,
} from "./faults.ts";

/** Standing faults as they concern one socket. */
export interface SocketFaults {
  /** Nothing is sent and nothing is heard. */
  readonly silenced: boolean;
  /** Nor is anything read. */
  readonly frozen: boolean;
  readonly withoutHeartbeats: boolean;
  readonly withoutPongs: boolean;
  /** Whether frames must be asked for their fate one by one. */
  readonly frames: boolean;
}

/** What becomes of one frame. */
export interface FrameFate {
  readonly dropped: boolean;
  readonly truncated: boolean;
  readonly reordered: boolean;
  readonly copies: number;
  readonly fragments: number;
  readonly delayMs: number;
}

/** What the model does about an incoming request because of a fault. */
export type RequestFault = Fault<"failRequests" | "cutRequests">;
/** What the model does about an upgrade because of a fault. */
export type UpgradeFault = Fault<"refuseUpgrades" | "cutUpgrades">;

interface Rule {
  readonly id: number;
  readonly fault: Standing;
  struck: number;
}

const eventFaults = ["dropFrames", "duplicateFrames", "reorderFrames", "truncateFrames"] as const;
const frameFaults = ["delayFrames", "fragmentFrames", ...eventFaults] as const;
const socketFaults = [
  "silence",
  "halfOpen",
  "stopHeartbeats",
  "ignorePings",
  ...frameFaults,
] as const;

type Standing = Fault<keyof StandingFaults>;

// Sets, because frames ask often.
const eventFaultNames: ReadonlySet<string> = new Set(eventFaults);
const frameFaultNames: ReadonlySet<string> = new Set(frameFaults);
const socketFaultNames: ReadonlySet<string> = new Set(socketFaults);

function isEventFault(fault: Standing): fault is Fault<(typeof eventFaults)[number]> {
  return eventFaultNames.has(fault.fault);
}

function isFrameFault(fault: Standing): fault is Fault<(typeof frameFaults)[number]> {
  return frameFaultNames.has(fault.fault);
}

export function isSocketFault(fault: Standing): fault is Fault<(typeof socketFaults)[number]> {
  return socketFaultNames.has(fault.fault);
}

const unhurt: SocketFaults = {
  silenced: false,
  frozen: false,
  withoutHeartbeats: false,
  withoutPongs: false,
  frames: false,
};

export const unhurtFrame: FrameFate = {
  dropped: false,
  truncated: false,
  reordered: false,
  copies: 1,
  fragments: 1,
  delayMs: 0,
};

export class FaultBook {
  readonly #dice: Dice;
  readonly #onChange: () => void;
  #rules: readonly Rule[] = [];
  #nextId = 1;

  /** `onChange` is called when other faults stand than before. */
  constructor(dice: Dice, onChange: () => void) {
    this.#dice = dice;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#rules.length;
  }

  list(): readonly StandingFault[] {
    return this.#rules.map(({ id, struck, fault }) => ({ ...fault, id, struck }));
  }

  add(fault: Standing): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#set([...this.#rules, { id, fault, struck: 0 }]);
    return id;
  }

  remove(id: number): boolean {
    const before = this.#rules.length;
    this.#set(this.#rules.filter((rule) => rule.id !== id));
    return this.#rules.length < before;
  }

  clear(): void {
    this.#set([]);
  }

  socketFaults(socketId: number, channelId: string): SocketFaults {
    const rules = this.#rules.filter(
      ({ fault }) => isSocketFault(fault) && concerns(fault, socketId, channelId),
    );
    if (rules.length === 0) return unhurt;
    const holds = (name: keyof StandingFaults): boolean =>
      rules.some(({ fault }) => fault.fault === name);
    return {
      silenced: holds("halfOpen") || holds("silence"),
      frozen: holds("halfOpen"),
      withoutHeartbeats: holds("stopHeartbeats"),
      withoutPongs: holds("ignorePings"),
      frames: rules.some(({ fault }) => isFrameFault(fault)),
    };
  }

  /** Draws and counts; `topic` is undefined for frames that are no events, which only latency and fragments strike. */
  frameFate(
    socketId: number,
    channelId: string,
    topic: string | undefined,
    mayReorder: boolean,
  ): FrameFate {
    const fate = { ...unhurtFrame };
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (!isFrameFault(fault) || !concerns(fault, socketId, channelId)) continue;
      if (fault.fault === "reorderFrames" && !mayReorder) continue;
      if (isEventFault(fault) && !isOfTopic(fault, topic)) continue;
      if (!this.#strikes(rule)) continue;
      switch (fault.fault) {
        case "delayFrames":
          fate.delayMs += this.#latencyMs(fault);
          break;
        case "fragmentFrames":
          fate.fragments = fault.fragments;
          break;
        case "dropFrames":
          return { ...fate, dropped: true };
        case "duplicateFrames":
          fate.copies += 1;
          break;
        case "reorderFrames":
          fate.reordered = true;
          break;
        case "truncateFrames":
          fate.truncated = true;
      }
    }
    return fate;
  }

  /** The first fault that strikes this request; its count goes down. */
  forRequest(method: string, path: string): RequestFault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.fault !== "failRequests" && fault.fault !== "cutRequests") continue;
      if (isOfRequest(fault, method, path) && this.#strikes(rule)) return fault;
    }
    return undefined;
  }

  /** For how long the answer to this request is held back, all delays together. */
  requestDelayMs(method: string, path: string): number {
    let delayMs = 0;
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.fault !== "delayRequests" || !isOfRequest(fault, method, path)) continue;
      if (this.#strikes(rule)) delayMs += this.#latencyMs(fault);
    }
    return delayMs;
  }

  forUpgrade(channelId: string | undefined): UpgradeFault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (fault.fault !== "refuseUpgrades" && fault.fault !== "cutUpgrades") continue;
      if (fault.channelId !== undefined && fault.channelId !== channelId) continue;
      if (this.#strikes(rule)) return fault;
    }
    return undefined;
  }

  /** By how much the `Date` header is off, all shifts together. */
  dateShiftMs(): number {
    let shiftMs = 0;
    for (const { fault } of this.#rules) if (fault.fault === "shiftDate") shiftMs += fault.ms;
    return shiftMs;
  }

  /** By how much the claims of tokens that are issued now are off, all shifts together. */
  claimShift(): { readonly nbfMs: number; readonly expMs: number } {
    const shift = { nbfMs: 0, expMs: 0 };
    for (const { fault } of this.#rules) {
      if (fault.fault !== "shiftClaims") continue;
      shift.nbfMs += fault.nbfMs ?? 0;
      shift.expMs += fault.expMs ?? 0;
    }
    return shift;
  }

  #set(rules: readonly Rule[]): void {
    this.#rules = rules;
    this.#onChange();
  }

  /** Whether chance lets it strike; one that has struck often enough stands no longer. */
  #strikes(rule: Rule): boolean {
    const { fault } = rule;
    if ("share" in fault && fault.share !== undefined && !this.#dice.chance(fault.share))
      return false;
    rule.struck += 1;
    if ("count" in fault && fault.count !== undefined && rule.struck >= fault.count)
      this.remove(rule.id);
    return true;
  }

  #latencyMs({ ms, jitterMs = 0 }: { readonly ms: number; readonly jitterMs?: number }): number {
    return jitterMs === 0 ? ms : ms + this.#dice.below(jitterMs + 1);
  }
}

function concerns(target: SocketTarget, socketId: number, channelId: string): boolean {
  return (
    (target.socketId === undefined || target.socketId === socketId) &&
    (target.channelId === undefined || target.channelId === channelId)
  );
}

function isOfTopic(fault: EventTarget, topic: string | undefined): boolean {
  if (topic === undefined) return false;
  return fault.topic === undefined || matches(fault.topic.toLowerCase(), topic.toLowerCase());
}

function isOfRequest(target: RequestTarget, method: string, path: string): boolean {
  return (
    (target.method === undefined || target.method.toUpperCase() === method.toUpperCase()) &&
    (target.path === undefined || matches(target.path, path))
  );
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
