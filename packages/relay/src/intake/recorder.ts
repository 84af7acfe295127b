/**
 * What a client tells, as drafts for the journal. It keeps what a journal cannot know: which gap of
 * the client is which of the journal's, and what an earlier run has left unproven. No clock, no waiting.
 */
import type { ClientEvent, GapCertainty, GapEvent, NotificationEvent } from "@trunkline/client";
import type { Draft, GapCause, GapDraft, GapEntry } from "../journal/entry.ts";
import type { Coverage } from "../journal/journal.ts";
import type { Derived } from "./conversations.ts";

export interface RecorderPorts {
  readonly trunk: string;
  /** An id that no gap of this journal ever had. */
  readonly nextGapId: () => string;
  readonly redact: (topic: string, raw: string) => string;
  /** What an event is by what is in it, as it is stored. */
  readonly derive: (event: NotificationEvent, raw: string) => Derived | undefined;
}

/** What the journal knows of a trunk when a run begins. */
export interface Inheritance {
  readonly coverage: readonly Coverage[];
  readonly openGaps: readonly GapEntry[];
}

/** A gap of an earlier run that is still open for some topics. */
interface Inherited {
  readonly gapId: string;
  readonly topic: string;
  readonly fromMs: number;
  readonly cause: GapCause;
  readonly certainty: GapCertainty;
}

const none: readonly Draft[] = [];

export class Recorder {
  readonly #ports: RecorderPorts;
  /** By topic key. */
  readonly #inherited = new Map<string, Inherited[]>();
  /** Topics that somebody waits for since an instant, and that were not carried yet, by key. */
  readonly #joining = new Map<string, { readonly topic: string; readonly sinceMs: number }>();
  /** The client's id of a gap → ours, and the topics for which it is open. */
  readonly #gaps = new Map<string, { readonly gapId: string; readonly open: Set<string> }>();

  constructor(ports: RecorderPorts) {
    this.#ports = ports;
  }

  /** Gaps open and not closed in full. */
  get openGaps(): number {
    const ids = new Set([...this.#inherited.values()].flat().map(({ gapId }) => gapId));
    return ids.size + this.#gaps.size;
  }

  /**
   * Takes over from the run before: what was carried then is unproven since its last stored proof. A
   * run that stops in peace leaves nothing carried behind; one that was started since, and did not come
   * as far as here, has changed nothing of that. The drafts are to be stored before anything of this run.
   */
  inherit({ coverage, openGaps }: Inheritance, nowMs: number): readonly Draft[] {
    const doubtfulMs = doubtfulSince(coverage);
    // Where the clock was set back since, the gap has begun by now: how much earlier cannot be known.
    for (const { gapId, topics, fromMs, cause, certainty: told } of openGaps) {
      // Whatever began it, nobody has listened between the two runs.
      const certainty = told === "unlikely" ? "possible" : told;
      for (const topic of topics) {
        const beganMs = Math.min(fromMs, nowMs, doubtfulMs.get(keyOf(topic)) ?? fromMs);
        this.#inheritOne({ gapId, topic, fromMs: beganMs, cause, certainty });
      }
    }
    const groups = new Map<number, string[]>();
    for (const { topic, untilMs, provenMs } of coverage) {
      if (untilMs !== undefined) continue;
      const beganMs = doubtfulMs.get(keyOf(topic)) ?? provenMs;
      const group = groups.get(beganMs);
      if (group === undefined) groups.set(beganMs, [topic]);
      else group.push(topic);
    }
    const [cause, certainty] = ["killed", "possible"] as const;
    return [...groups].flatMap(([provenMs, topics]): readonly Draft[] => {
      const gapId = this.#ports.nextGapId();
      const fromMs = Math.min(provenMs, nowMs);
      for (const topic of topics) this.#inheritOne({ gapId, topic, fromMs, cause, certainty });
      return [
        this.#gap({
          gapId,
          state: "open",
          topics,
          fromMs,
          toMs: undefined,
          cause,
          certainty,
          nowMs,
        }),
        { kind: "released", trunk: this.#ports.trunk, topics, untilMs: provenMs },
      ];
    });
  }

  /**
   * Somebody subscribes, or a queue is new: from then until these topics are carried nobody hears their events, which
   * is told before the first of them. What an earlier run has left open is told already.
   */
  join(topics: readonly string[], sinceMs: number): void {
    for (const topic of topics) {
      const key = keyOf(topic);
      if (this.#inherited.has(key) || this.#joining.has(key)) continue;
      this.#joining.set(key, { topic, sinceMs });
    }
  }

  /** Somebody goes on from an instant: what is not carried yet, and never was, is waited for since then. @param carried keys of topics that were once */
  extend(fromMs: number, carried: ReadonlySet<string>): void {
    for (const [key, { topic, sinceMs }] of this.#joining)
      if (fromMs < sinceMs && !carried.has(key)) this.#joining.set(key, { topic, sinceMs: fromMs });
  }

  /** What is to be stored before an event of a topic that was not said to be carried yet. */
  beforeEvent({ topic, receivedAtMs }: NotificationEvent, nowMs: number): readonly Draft[] {
    return this.#joining.size === 0 ? none : this.#endJoining([topic], receivedAtMs, nowMs);
  }

  /** What is no longer wanted is waited for no more: its inherited gaps end here. */
  want(topics: readonly string[], nowMs: number): readonly Draft[] {
    const wanted = new Set(topics.map(keyOf));
    for (const key of this.#joining.keys()) if (!wanted.has(key)) this.#joining.delete(key);
    const dropped = [...this.#inherited.keys()].filter((key) => !wanted.has(key));
    return this.#closeInherited(dropped, nowMs, nowMs);
  }

  /** A notification, less what must not be kept of it. */
  event(event: NotificationEvent): Draft {
    const { trunk, redact, derive } = this.#ports;
    const { topic, receivedAtMs, maybeDuplicate } = event;
    const raw = redact(topic, event.raw);
    const derived = derive(event, raw);
    return {
      kind: "event",
      trunk,
      topic,
      receivedAtMs,
      maybeDuplicate,
      raw,
      derived: derived?.derived,
      conversations: derived?.conversations,
    };
  }

  /** One event of the client. */
  record(event: ClientEvent, nowMs: number): readonly Draft[] {
    const { trunk } = this.#ports;
    switch (event.type) {
      case "gap":
        return this.#recordGap(event, nowMs);
      case "subscribed": {
        const { line, topics, fromMs } = event;
        return [
          ...this.#endJoining(topics, fromMs, nowMs),
          { kind: "carried", trunk, line, topics, fromMs },
          ...this.#closeInherited(topics.map(keyOf), fromMs, nowMs),
        ];
      }
      case "unsubscribed":
        return [{ kind: "released", trunk, topics: event.topics, untilMs: event.untilMs }];
      case "proof":
        // After a kill nobody can look whether the topics still stood on the channel since they were confirmed.
        return [
          {
            kind: "proof",
            trunk,
            line: event.line,
            untilMs: Math.min(event.untilMs, event.confirmedMs),
          },
        ];
      case "identified":
        return event.organizationId === undefined
          ? []
          : [{ kind: "trunk", trunk, organizationId: event.organizationId }];
      case "notification":
        return [this.event(event)];
      case "connected":
      case "disconnected":
      case "rotated":
      case "rejected":
      case "budget":
      case "warning":
      case "trace":
        return [];
      default:
        return event satisfies never;
    }
  }

  #recordGap(event: GapEvent, nowMs: number): readonly Draft[] {
    const { id, state, topics, fromMs, toMs, cause, certainty, serverOffsetMs } = event;
    const known = this.#gaps.get(id);
    const gap = known ?? { gapId: this.#ports.nextGapId(), open: new Set<string>() };
    const draft = this.#gap({
      gapId: gap.gapId,
      state,
      topics,
      fromMs,
      toMs,
      cause,
      certainty,
      serverOffsetMs,
      nowMs,
    });
    if (state === "open") {
      for (const topic of topics) gap.open.add(keyOf(topic));
      this.#gaps.set(id, gap);
      return [draft];
    }
    for (const topic of topics) gap.open.delete(keyOf(topic));
    if (gap.open.size === 0) this.#gaps.delete(id);
    return [draft];
  }

  /** One gap for all that somebody waited for since the same instant. */
  #endJoining(topics: readonly string[], toMs: number, nowMs: number): readonly Draft[] {
    const groups = new Map<number, string[]>();
    for (const key of topics.map(keyOf)) {
      const joining = this.#joining.get(key);
      if (joining === undefined) continue;
      this.#joining.delete(key);
      const { topic, sinceMs } = joining;
      if (sinceMs === toMs) continue;
      const group = groups.get(sinceMs);
      if (group === undefined) groups.set(sinceMs, [topic]);
      else group.push(topic);
    }
    const [cause, certainty] = ["unsubscribed", "possible"] as const;
    return [...groups].map(([fromMs, joined]) => {
      const gapId = this.#ports.nextGapId();
      // Where the clock was set back meanwhile, both of its readings are inside.
      const bounds = { fromMs: Math.min(fromMs, toMs), toMs: Math.max(fromMs, toMs) };
      return this.#gap({
        gapId,
        state: "closed",
        topics: joined,
        ...bounds,
        cause,
        certainty,
        nowMs,
      });
    });
  }

  #inheritOne(inherited: Inherited): void {
    const key = keyOf(inherited.topic);
    const others = this.#inherited.get(key);
    if (others === undefined) this.#inherited.set(key, [inherited]);
    else others.push(inherited);
  }

  /** Closes what is inherited of some topics, one entry a gap. */
  #closeInherited(keys: readonly string[], toMs: number, nowMs: number): readonly Draft[] {
    const gaps = new Map<string, Inherited[]>();
    for (const key of keys) {
      for (const inherited of this.#inherited.get(key) ?? []) {
        const group = gaps.get(inherited.gapId);
        if (group === undefined) gaps.set(inherited.gapId, [inherited]);
        else group.push(inherited);
      }
      this.#inherited.delete(key);
    }
    return [...gaps].map(([gapId, parts]) => {
      const topics = parts.map(({ topic }) => topic);
      const { cause, certainty } = parts[0] ?? { cause: "killed", certainty: "possible" };
      // Where the clock was set back meanwhile, nobody knows by which of its readings it was; both are inside.
      const instants = [toMs, ...parts.map((part) => part.fromMs)];
      const bounds = { fromMs: Math.min(...instants), toMs: Math.max(...instants) };
      return this.#gap({ gapId, state: "closed", topics, ...bounds, cause, certainty, nowMs });
    });
  }

  #gap({
    nowMs,
    serverOffsetMs,
    ...gap
  }: Pick<GapDraft, "gapId" | "state" | "topics" | "fromMs" | "toMs" | "cause" | "certainty"> & {
    readonly serverOffsetMs?: number | undefined;
    readonly nowMs: number;
  }): GapDraft {
    const { trunk } = this.#ports;
    return { kind: "gap", trunk, ...gap, serverOffsetMs, recordedAtMs: nowMs };
  }
}

/**
 * Since when each topic is unproven, by its newest intervals, oldest first. A line that was lost had
 * been proven by pings, but its topics only up to their last confirmation: whether they had vanished
 * since is found out by the next one. Where the run ended before that, it never was.
 */
function doubtfulSince(coverage: readonly Coverage[]): ReadonlyMap<string, number> {
  const since = new Map<string, number>();
  for (const { topic, fromMs, untilMs, provenMs } of coverage) {
    const key = keyOf(topic);
    const before = since.get(key) ?? provenMs;
    if (provenMs <= fromMs) since.set(key, Math.min(before, provenMs));
    else if (untilMs !== undefined && provenMs >= untilMs) since.delete(key);
    else since.set(key, provenMs);
  }
  return since;
}

function keyOf(topic: string): string {
  return topic.toLowerCase();
}
