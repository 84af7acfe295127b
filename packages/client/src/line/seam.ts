/**
 * Tells which arrivals on the sessions of one line are the same event. Sessions that carry a topic
 * together each bring all of it, so an arrival is dropped if another session has brought the same
 * (topic and raw body) and this one has not yet: the two are paired, one for one. Nothing is
 * counted, so a body that truly recurs comes as often as it was sent. With one session nothing is kept.
 *
 * What an arrival may be paired with ends by proof: a session that has answered a ping has brought
 * all that was sent before it, so what it has not brought by then it never will, and it is not taken
 * for the other session's next event with the same body. Half an overlap bounds it where proofs
 * are slow. Where it cannot be told, the event is passed on and said to be doubtful.
 *
 * What arrives about when a session opens may have been sent before, and so to the others alone. If its
 * body recurs, pairing may be off by one from then on, until it has been quiet for as long as a proof
 * takes. Nothing is lost by that as long as the eldest session lives, which brings everything: so what
 * is dropped of such a body is held until the eldest is proven beyond it, and handed on after
 * all, as doubtful, if that one ends before.
 *
 * The same where the counterpart came long before: the service may have sent that twice, or the other
 * session is slow. If it was another event, the session that brought it is yet to bring this one. Proofs
 * are asked for then, since one ends the doubt.
 */
import { hash } from "node:crypto";

/** Arrivals that wait for their counterpart, at most. */
const waitingMax = 50_000;
/** Sessions bring the same event within so long of one another, as a rule. */
const promptMs = 250;
/** What has waited so many windows is forgotten altogether. */
const rememberedWindows = 4;

/** What an arrival is: new; brought by another session before; or one of the two, and nobody knows which. */
export type Arrival = "first" | "again" | "doubtful";

/** An event that at least one session has brought. */
interface Brought {
  readonly key: string;
  readonly atMs: number;
  /** The sessions that have brought it. */
  readonly by: number[];
}

interface Session {
  readonly openedAtMs: number | undefined;
  /**
   * It has brought everything that was sent to it before this instant. At first when it was dialled: the
   * service opens it before we know, so that what others bring from then on may come on it as well.
   */
  provenMs: number;
  /**
   * The sessions that were open before it, and when each was first proven up to its opening: what
   * they bring after that was sent to this session as well.
   */
  readonly elders: Map<number, number | undefined>;
}

/** An arrival that was dropped, though what it was paired with may have been another. */
interface Held<E> {
  readonly event: E;
  /** Proven up to `untilMs`, all of these have brought both. */
  readonly on: readonly number[];
  readonly untilMs: number;
  /** It was sent after this instant. */
  readonly sinceMs: number;
}

/** @typeParam E what arrives */
export class Seam<E> {
  readonly #windowMs: number;
  readonly #onLate: () => void;
  readonly #sessions = new Map<number, Session>();
  /** What waits for a counterpart, by key, oldest first. */
  readonly #waiting = new Map<string, Brought[]>();
  /** The same in order of arrival; what has been paired since stays until it is at the head. */
  readonly #order: Brought[] = [];
  #head = 0;
  /** Keys for which pairing may be off by one, and when one last arrived. */
  readonly #unsure = new Map<string, number>();
  #held: Held<E>[] = [];
  /** The arrival of the newest that was forgotten, for want of room or after long, though its counterpart may still come. */
  #forgottenMs = Number.NEGATIVE_INFINITY;
  paired = 0;
  doubtful = 0;

  /**
   * @param windowMs for how long an arrival may be paired: half an overlap
   * @param onLate hears that one was paired late: the sooner the sessions are proven, the better
   */
  constructor(windowMs: number, onLate: () => void = () => undefined) {
    this.#windowMs = windowMs;
    this.#onLate = onLate;
  }

  /** Whether arrivals must be shown to `take`: two sessions carry, or something waits for its counterpart. */
  get isOpen(): boolean {
    return this.#sessions.size > 1 || this.#head < this.#order.length;
  }

  /** From some moment after this one on the service sends to this session as well. */
  dialled(session: number, nowMs: number): void {
    this.#sessions.set(session, { openedAtMs: undefined, provenMs: nowMs, elders: new Map() });
  }

  /** From now on the service sends to this session for sure. */
  opened(session: number, nowMs: number): void {
    const provenMs = this.#sessions.get(session)?.provenMs ?? nowMs;
    // In the order of their opening.
    this.#sessions.delete(session);
    const open = [...this.#sessions].filter(([, state]) => state.openedAtMs !== undefined);
    const elders = new Map(open.map(([elder]) => [elder, undefined]));
    this.#sessions.set(session, { openedAtMs: nowMs, provenMs, elders });
  }

  /** The session brings nothing any more, or has never opened. Returns what is doubtful, and must be handed on. */
  ended(session: number): readonly E[] {
    this.#sessions.delete(session);
    for (const { elders } of this.#sessions.values()) elders.delete(session);
    this.#forgetResolved();
    const released = this.#held.filter(({ on }) => on.includes(session));
    if (released.length === 0) return [];
    this.#held = this.#held.filter(({ on }) => !on.includes(session));
    this.doubtful += released.length;
    return released.map(({ event }) => event);
  }

  /** The session has brought everything that was sent to it before `untilMs`. */
  proven(session: number, untilMs: number, nowMs: number): void {
    const state = this.#sessions.get(session);
    if (state === undefined) return;
    state.provenMs = Math.max(state.provenMs, untilMs);
    if (this.#held.length > 0) this.#held = this.#held.filter((held) => this.#isOpenTo(held));
    for (const { openedAtMs, elders } of this.#sessions.values()) {
      if (elders.has(session) && untilMs >= (openedAtMs ?? Number.POSITIVE_INFINITY))
        elders.set(session, elders.get(session) ?? nowMs);
    }
    this.#forgetResolved();
    this.#forgetQuiet();
  }

  /**
   * Whether pairing with this session is exact: nothing that an elder has brought was sent before
   * this session opened, and is still taken for something that came to both. If an elder is lost
   * before, its pairings with this session prove nothing.
   */
  isSettled(session: number): boolean {
    const state = this.#sessions.get(session);
    return state !== undefined && state.provenMs >= settleableMs(state);
  }

  /** Whether a proof of the session itself, asked for now, is all that is missing for it to be settled. */
  needsProof(session: number): boolean {
    const state = this.#sessions.get(session);
    return state !== undefined && Number.isFinite(settleableMs(state));
  }

  /** Whatever was sent before this instant has been handed on: what is held was sent after it. */
  get heldSinceMs(): number {
    return this.#held.reduce(
      (least, { sinceMs }) => Math.min(least, sinceMs),
      Number.POSITIVE_INFINITY,
    );
  }

  /** One arrival: to be handed on unless it came before. */
  take(session: number, key: string, event: E, nowMs: number): Arrival {
    const state = this.#sessions.get(session);
    if (state === undefined) return "first";
    this.#forgetOld(nowMs);
    if (this.#unsure.has(key) || this.#isOpening()) this.#unsure.set(key, nowMs);
    let isDoubtful = state.provenMs < this.#forgottenMs;
    for (const brought of this.#waiting.get(key) ?? []) {
      if (brought.by.includes(session)) continue;
      // Brought before this session was dialled, or proven not to have come to it.
      if (brought.atMs <= state.provenMs) continue;
      if (nowMs - brought.atMs > this.#windowMs) {
        isDoubtful = true;
        continue;
      }
      const others = brought.by.filter((one) => this.#sessions.has(one));
      brought.by.push(session);
      const isLate = nowMs - brought.atMs > promptMs;
      if (isLate) this.#onLate();
      if (isLate || this.#unsure.has(key)) {
        if (others.length === 0 || this.#held.length >= waitingMax) {
          // Nobody who brought it is left: it may have been another, which would never come again.
          isDoubtful = true;
          this.#remove(brought);
          break;
        }
        const eldest = this.#unsure.has(key) ? this.#eldest() : undefined;
        const on = [...(isLate ? others : []), ...(eldest === undefined ? [] : [eldest])];
        this.#held.push({ event, on, untilMs: nowMs, sinceMs: state.provenMs });
      }
      this.paired++;
      if (!this.#isAwaited(brought)) this.#remove(brought);
      this.#forgetResolved();
      return "again";
    }
    if (this.#sessions.size > 1) this.#add({ key, atMs: nowMs, by: [session] });
    if (!isDoubtful) return "first";
    this.doubtful++;
    return "doubtful";
  }

  /** Whether another session may still bring it. */
  #isAwaited({ by, atMs }: Brought): boolean {
    for (const [session, { provenMs }] of this.#sessions)
      if (!by.includes(session) && provenMs < atMs) return true;
    return false;
  }

  /** Whether one of those that must bring what is held may not have yet. */
  #isOpenTo({ on, untilMs }: Held<E>): boolean {
    return on.some((session) => (this.#sessions.get(session)?.provenMs ?? untilMs) < untilMs);
  }

  /** The session that was open before all others: whatever is sent, it brings. */
  #eldest(): number | undefined {
    for (const [session, { openedAtMs }] of this.#sessions)
      if (openedAtMs !== undefined) return session;
    return undefined;
  }

  /** Whether a session is so new that others may still bring what was sent before it opened. */
  #isOpening(): boolean {
    for (const { openedAtMs, elders } of this.#sessions.values()) {
      if (openedAtMs === undefined) return true;
      for (const provenAtMs of elders.values()) if (provenAtMs === undefined) return true;
    }
    return false;
  }

  /** Once every session is proven beyond its last arrival, all counterparts of a key have come. */
  #forgetQuiet(): void {
    if (this.#unsure.size === 0 || this.#isOpening()) return;
    const provenMs = Math.min(...[...this.#sessions.values()].map((state) => state.provenMs));
    for (const [key, lastMs] of this.#unsure) {
      if (lastMs >= provenMs) continue;
      this.#unsure.delete(key);
      for (const brought of this.#waiting.get(key)?.slice() ?? []) this.#remove(brought);
    }
  }

  #add(brought: Brought): void {
    const same = this.#waiting.get(brought.key);
    if (same === undefined) this.#waiting.set(brought.key, [brought]);
    else same.push(brought);
    this.#order.push(brought);
    if (this.#order.length - this.#head > waitingMax) {
      this.#forgottenMs = this.#order[this.#head]?.atMs ?? this.#forgottenMs;
      this.#shift();
    }
  }

  #remove(brought: Brought): void {
    const same = this.#waiting.get(brought.key);
    const place = same?.indexOf(brought) ?? -1;
    if (same === undefined || place === -1) return;
    same.splice(place, 1);
    if (same.length === 0) this.#waiting.delete(brought.key);
  }

  #forgetOld(nowMs: number): void {
    const sinceMs = nowMs - rememberedWindows * this.#windowMs;
    for (
      let first = this.#order[this.#head];
      first !== undefined;
      first = this.#order[this.#head]
    ) {
      if (first.atMs >= sinceMs) return;
      if (this.#isAwaited(first)) this.#forgottenMs = first.atMs;
      this.#shift();
    }
  }

  /** What every session has brought, or never will, from the oldest on. */
  #forgetResolved(): void {
    for (
      let first = this.#order[this.#head];
      first !== undefined;
      first = this.#order[this.#head]
    ) {
      if (this.#isAwaited(first)) return;
      this.#shift();
    }
  }

  #shift(): void {
    const first = this.#order[this.#head];
    if (first !== undefined) this.#remove(first);
    this.#head++;
    if (this.#head < 1_024 && this.#head < this.#order.length) return;
    this.#order.splice(0, this.#head);
    this.#head = 0;
  }
}

/** A proof of what was sent before this instant settles the session; infinity while nothing does. */
function settleableMs({ openedAtMs, elders }: Session): number {
  if (openedAtMs === undefined) return Number.POSITIVE_INFINITY;
  const sinceMs = [...elders.values()].map((provenAtMs) => provenAtMs ?? Number.POSITIVE_INFINITY);
  return Math.max(Number.NEGATIVE_INFINITY, ...sinceMs);
}

/**
 * What is the same on both sessions of one event: its topic and its body as it was sent. The rest of
 * the frame is not compared: whether the service writes the same metadata for both is not established.
 */
export function keyOfEvent(topic: string, raw: string, body: unknown): string {
  const from = raw.indexOf('"eventBody"');
  const to = raw.lastIndexOf('"metadata"');
  // In the order of every known frame the body stands between; any other is written anew.
  const isKnown = from > 0 && to > from && raw.length - to < tailMax && isWhole(raw.slice(to));
  return hash(
    "sha1",
    `${topic.toLowerCase()}\n${isKnown ? raw.slice(from, to) : JSON.stringify(body)}`,
    "base64",
  );
}

/** Characters from the metadata to the end of a frame; in all known ones it is the last field, and short. */
const tailMax = 300;

/** Whether this is the last field of the frame, and not of something inside the body. */
function isWhole(tail: string): boolean {
  try {
    JSON.parse(`{${tail}`);
    return true;
  } catch {
    return false;
  }
}
