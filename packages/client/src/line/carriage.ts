/**
 * What a line carries, whichever of its sessions brings it: a topic is in doubt only where no session
 * vouches for it. Turns what happens to single sessions into the intervals and gaps of the line.
 *
 * A session joins once pairing with it is exact (`seam.ts`); until then it vouches for nothing,
 * unless it is the only one that is left. The line is settled up to an instant if for every topic
 * one session had brought all that was sent before, and had its topics confirmed since.
 */
import type { GapCause } from "../events.ts";
import type { Topic } from "../topics/names.ts";
import type { Coverage } from "../trunk/coverage.ts";
import type { Carried, CarriedUntil, Gaps } from "../trunk/gaps.ts";

export interface CarriagePorts {
  readonly line: number;
  readonly gaps: Pick<Gaps, "open" | "record" | "close">;
  readonly coverage: Pick<Coverage, "carry" | "leave" | "lose" | "loseAll" | "prove" | "interval">;
  /** Before this instant nothing was sent that the seam still holds. */
  readonly heldSinceMs: () => number;
  /** Whether a topic is wanted and on no session of any line. */
  readonly isMissed: (key: string) => boolean;
}

interface Session {
  readonly openedAtMs: number;
  phase: "joining" | "joined";
  /** When it began to carry the newest topic that another session had carried before. */
  lateMs: number;
  /** Topic key → what it carries, and since when. */
  readonly topics: Map<string, Carried>;
  /** Topics that were taken off, whose last events are not proven yet, and when. */
  readonly leaving: Map<string, number>;
  provenMs: number;
  confirmedMs: number;
}

/** What is believed of a session that is over. */
interface Pending {
  readonly confirmedMs: number;
  readonly endedMs: number;
}

/** What was told of proofs: everything before both instants is settled. */
interface Told {
  readonly provenMs: number;
  readonly confirmedMs: number;
}

export class Carriage {
  readonly #ports: CarriagePorts;
  readonly #sessions = new Map<number, Session>();
  /** How many topics joined sessions carry, each counted once. */
  #carried = 0;
  /**
   * Sessions that are over, though nobody else vouches for all that they have: until their topics are
   * read back, or their channel is left, nothing after their last confirmation is settled.
   */
  readonly #pending = new Map<number, Pending>();
  #told: Told = { provenMs: Number.NEGATIVE_INFINITY, confirmedMs: Number.NEGATIVE_INFINITY };

  constructor(ports: CarriagePorts) {
    this.#ports = ports;
  }

  /** A session's socket is open. Alone, it vouches at once for what it carries. */
  opened(session: number, nowMs: number): void {
    const isAlone = ![...this.#sessions.values()].some(({ phase }) => phase === "joined");
    this.#sessions.set(session, {
      openedAtMs: nowMs,
      phase: isAlone ? "joined" : "joining",
      lateMs: Number.NEGATIVE_INFINITY,
      topics: new Map(),
      leaving: new Map(),
      provenMs: nowMs,
      confirmedMs: Number.NEGATIVE_INFINITY,
    });
  }

  isJoined(session: number): boolean {
    return this.#sessions.get(session)?.phase === "joined";
  }

  /** Pairing with the session is exact: it vouches for what was sent since it opened. */
  join(session: number, nowMs: number): void {
    const state = this.#sessions.get(session);
    if (state?.phase === "joining") this.#join(state, state.openedAtMs, nowMs);
  }

  /** Whether a session has joined, and all that was sent before it opened is settled. */
  hasTakenOver(session: number): boolean {
    const state = this.#sessions.get(session);
    return state?.phase === "joined" && state.openedAtMs <= this.settledMs;
  }

  /** The line is settled up to this instant. */
  get settledMs(): number {
    return Math.min(this.#told.provenMs, this.#told.confirmedMs);
  }

  /** A session carries topics from an instant on. */
  carry(session: number, topics: Iterable<Topic>, sinceMs: number): void {
    const state = this.#sessions.get(session);
    if (state === undefined) return;
    const added: Topic[] = [];
    for (const { key, name } of topics) {
      if (state.topics.has(key)) continue;
      const topic = { key, name, sinceMs };
      state.topics.set(key, topic);
      added.push(topic);
      if (state.phase === "joined") this.#add(state, key, sinceMs);
    }
    if (state.phase === "joined") this.#ports.coverage.carry(this.#ports.line, added, sinceMs);
  }

  /** A session is about to be without topics that nobody wants on it; what was sent before is still to be proven. */
  leave(session: number, topics: readonly Carried[], nowMs: number): void {
    const { coverage, gaps, line, isMissed } = this.#ports;
    const state = this.#sessions.get(session);
    const left: Carried[] = [];
    for (const topic of topics) {
      if (state?.topics.delete(topic.key) === true && state.phase === "joined")
        this.#drop(topic.key);
      if (this.#isCarried(topic.key)) continue;
      left.push(topic);
    }
    coverage.leave(line, keysOf(left), nowMs);
    gaps.open(
      line,
      "unsubscribed",
      nowMs,
      left.filter(({ key }) => isMissed(key)),
    );
    for (const { key } of left) if (this.isLeaving(key)) state?.leaving.set(key, nowMs);
  }

  /** Whether a topic that was taken off still waits for the proof of what was sent before. */
  isLeaving(key: string): boolean {
    const interval = this.#ports.coverage.interval(key);
    return interval?.line === this.#ports.line && interval.isLeaving;
  }

  /** Everything sent to a session before an instant has been handed on, and its topics were confirmed then. */
  prove(session: number, provenMs: number, confirmedMs: number): void {
    const state = this.#sessions.get(session);
    if (state === undefined) return;
    state.provenMs = provenMs;
    state.confirmedMs = confirmedMs;
    if (confirmedMs >= (this.#pending.get(session)?.endedMs ?? 0)) this.#pending.delete(session);
    this.#tell();
    for (const [key, leftMs] of state.leaving)
      if (leftMs <= this.#told.provenMs || !this.isLeaving(key)) state.leaving.delete(key);
  }

  /** A session does not carry some topics, as it turns out, and has not since `sinceMs`, perhaps. */
  lost(session: number, cause: GapCause, sinceMs: number, topics: readonly Carried[]): void {
    const state = this.#sessions.get(session);
    for (const { key } of topics)
      if (state?.topics.delete(key) === true && state.phase === "joined") this.#drop(key);
    // Of a session that has not joined it is the one before on this channel that may have vouched in vain.
    this.#doubt(cause, sinceMs, topics);
  }

  /**
   * A session is over: what was sent to it since `sinceMs` may not have arrived.
   * @param topics what it carried
   * @param left what was taken off it a while ago
   */
  ended(
    session: number,
    cause: GapCause,
    sinceMs: number,
    topics: readonly Carried[],
    left: readonly CarriedUntil[],
    nowMs: number,
  ): void {
    const state = this.#sessions.get(session);
    this.#sessions.delete(session);
    if (state?.phase !== "joined") return;
    for (const key of state.topics.keys()) this.#drop(key);
    const { confirmedMs } = state;
    if (!this.#isBacked(state)) this.#pending.set(session, { confirmedMs, endedMs: nowMs });
    const sessions = [...this.#sessions.values()];
    if (!sessions.some(({ phase }) => phase === "joined")) {
      // Nothing vouches for the line any more: what is left must, from now on.
      this.#ports.coverage.loseAll(this.#ports.line);
      this.#lose(cause, sinceMs, topics);
      this.#recordLeft(cause, sinceMs, left);
      for (const next of sessions) this.#join(next, nowMs, nowMs);
      return;
    }
    this.#doubt(cause, sinceMs, topics);
    this.#recordLeft(cause, sinceMs, left);
    this.#tell();
  }

  /** What was carried by a session that is over, its channel left for another: unproven since `sinceMs`. */
  doubt(
    session: number,
    cause: GapCause,
    sinceMs: number,
    topics: readonly Carried[],
    left: readonly CarriedUntil[],
  ): void {
    this.#doubt(cause, sinceMs, topics);
    this.#recordLeft(cause, sinceMs, left);
    this.#pending.delete(session);
    this.#tell();
  }

  /** Whether a session has taken on a channel whose topics are still to be read back for one that is over. */
  isPending(session: number): boolean {
    return this.#pending.has(session);
  }

  /** A session goes on with the channel of one that is over: what is pending of that is read back by this one. */
  succeed(old: number, next: number): void {
    const pending = this.#pending.get(old);
    if (pending === undefined) return;
    this.#pending.delete(old);
    this.#pending.set(next, pending);
  }

  /** Something that arrived was lost, whoever else has brought it: a gap for all that is carried. */
  broken(
    cause: GapCause,
    sinceMs: number,
    topics: readonly Carried[],
    left: readonly CarriedUntil[],
  ): void {
    this.#ports.gaps.open(this.#ports.line, cause, Math.max(sinceMs, this.settledMs), topics);
    this.#recordLeft(cause, sinceMs, left);
  }

  /** From `untilMs` on, what is permitted on a session is delivered; what others carry or nobody wants is not missed. */
  close(session: number, untilMs: number, isPermitted: (key: string) => boolean): void {
    const { gaps, isMissed } = this.#ports;
    // A session that has not joined vouches for nothing yet.
    gaps.close(untilMs, (key) => (isPermitted(key) && this.isJoined(session)) || !isMissed(key));
  }

  #join(state: Session, sinceMs: number, nowMs: number): void {
    state.phase = "joined";
    const { coverage, gaps, line } = this.#ports;
    const groups = new Map<number, Topic[]>();
    for (const [key, topic] of state.topics) {
      const fromMs = Math.max(sinceMs, topic.sinceMs);
      this.#add(state, key, fromMs);
      state.topics.set(key, { ...topic, sinceMs: fromMs });
      const group = groups.get(fromMs) ?? [];
      groups.set(fromMs, group);
      group.push(topic);
    }
    for (const [fromMs, topics] of groups) coverage.carry(line, topics, fromMs);
    gaps.close(nowMs, (key) => state.topics.has(key));
    this.#tell();
  }

  /** Topics that a session no longer vouches for since `sinceMs`: where no other one does, a gap. */
  #doubt(cause: GapCause, sinceMs: number, topics: readonly Carried[]): void {
    const { coverage, gaps, line } = this.#ports;
    const uncovered: Carried[] = [];
    const late = new Map<number, Carried[]>();
    for (const topic of topics) {
      const fromMs = this.#coveredSince(topic.key);
      const doubtMs = Math.max(sinceMs, topic.sinceMs, this.settledMs);
      if (fromMs === undefined) uncovered.push(topic);
      else if (fromMs > doubtMs) {
        const group = late.get(fromMs) ?? [];
        late.set(fromMs, group);
        group.push(topic);
      }
    }
    this.#lose(cause, sinceMs, uncovered);
    for (const [fromMs, covered] of late) {
      this.#lose(cause, sinceMs, covered);
      coverage.carry(line, covered, fromMs);
      const keys = new Set(keysOf(covered));
      gaps.close(fromMs, (key) => keys.has(key));
    }
  }

  #lose(cause: GapCause, sinceMs: number, topics: readonly Carried[]): void {
    const { coverage, gaps, line } = this.#ports;
    coverage.lose(line, keysOf(topics));
    gaps.open(line, cause, Math.max(sinceMs, this.settledMs), topics);
  }

  #recordLeft(cause: GapCause, sinceMs: number, left: readonly CarriedUntil[]): void {
    const doubtMs = Math.max(sinceMs, this.settledMs);
    this.#ports.gaps.record(
      this.#ports.line,
      cause,
      doubtMs,
      left.filter(({ key, untilMs }) => {
        const fromMs = this.#coveredSince(key);
        return untilMs > doubtMs && (fromMs === undefined || fromMs > doubtMs);
      }),
    );
  }

  /** Whether another session has carried all that this one did since before the line was settled. */
  #isBacked({ topics }: Session): boolean {
    const settledMs = this.settledMs;
    return [...topics.keys()].every((key) => {
      const sinceMs = this.#coveredSince(key);
      return sinceMs !== undefined && sinceMs <= settledMs;
    });
  }

  /** Since when a joined session has carried a topic, if one does. */
  #coveredSince(key: string): number | undefined {
    let sinceMs: number | undefined;
    for (const { phase, topics } of this.#sessions.values()) {
      const topic = phase === "joined" ? topics.get(key) : undefined;
      if (topic !== undefined) sinceMs = Math.min(sinceMs ?? topic.sinceMs, topic.sinceMs);
    }
    return sinceMs;
  }

  /** A joined session carries a topic from now on. */
  #add(state: Session, key: string, sinceMs: number): void {
    if (this.#isCarried(key, state)) state.lateMs = Math.max(state.lateMs, sinceMs);
    else this.#carried++;
  }

  /** A joined session no longer has a topic. */
  #drop(key: string): void {
    if (!this.#isCarried(key)) this.#carried--;
  }

  /** Whether a joined session, other than this one, carries a topic. */
  #isCarried(key: string, but?: Session): boolean {
    for (const session of this.#sessions.values())
      if (session !== but && session.phase === "joined" && session.topics.has(key)) return true;
    return false;
  }

  /**
   * What is settled for every topic: by the best of the sessions that carry all of them, else by what
   * holds for each. One that began to carry a topic later than others counts once they have proven
   * up to then.
   */
  #tell(): void {
    const joined = [...this.#sessions.values()].filter(({ phase }) => phase === "joined");
    if (joined.length === 0) return;
    const settledMs = this.settledMs;
    const able = joined.filter(
      (session) =>
        joined.length === 1 ||
        (session.topics.size === this.#carried &&
          session.lateMs <= settledMs &&
          joined.every((other) => other === session || other.leaving.size === 0)),
    );
    const [best] = able.toSorted((one, other) => settled(other) - settled(one));
    const told = best ?? {
      provenMs: Math.min(...joined.map(({ provenMs }) => provenMs)),
      confirmedMs: Math.min(...joined.map(({ confirmedMs }) => confirmedMs)),
    };
    const provenMs = Math.min(told.provenMs, this.#ports.heldSinceMs());
    const confirmedMs = Math.min(
      told.confirmedMs,
      ...[...this.#pending.values()].map((pending) => pending.confirmedMs),
    );
    if (Math.min(provenMs, confirmedMs) < settledMs) return;
    this.#told = { provenMs, confirmedMs };
    this.#ports.coverage.prove(this.#ports.line, provenMs, confirmedMs);
  }
}

function settled({ provenMs, confirmedMs }: Told): number {
  return Math.min(provenMs, confirmedMs);
}

function keysOf(topics: readonly Carried[]): readonly string[] {
  return topics.map(({ key }) => key);
}
