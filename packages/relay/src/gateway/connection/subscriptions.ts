/** The subscriptions of one socket: what each gets goes past the socket's machine, straight from the fan-out. */
import type { Notice, ServerMessage, SubscribeMessage, Subscription } from "@trunkline/events";
import type { Entry } from "../../journal/entry.ts";
import { formatCursor } from "../../journal/cursor.ts";
import { believedMs } from "../coverage.ts";
import type { Feed, FeedShape } from "../fan-out/feed.ts";
import { Subscriber, type Outlet } from "../fan-out/subscriber.ts";
import { GatewayError, isGatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import { bufferedBytesMax, stuckReaderMs, subscriptionsPerSocketMax } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { positionOf } from "../position.ts";
import { mustRead } from "../rights.ts";
import { answerTo } from "./answers.ts";
import type { Wire } from "./wire.ts";

export interface SubscriptionsPorts {
  readonly parts: Parts;
  readonly wire: Pick<Wire, "bufferedBytes" | "cut">;
  readonly format: FeedShape["format"];
  /** Sends the text of a message. */
  readonly send: (text: string) => void;
}

interface Kept {
  readonly subscription: Subscription;
  readonly quit: () => void;
}

/** A subscription that has been answered. */
interface Begun {
  readonly id: string;
  readonly feed: Feed;
  readonly trunks: Grant["trunks"];
  /** What is to be told first. */
  readonly prologue: (() => Promise<readonly Entry[]>) | undefined;
}

const drainLookMs = 50;

/** What a subscription makes wanted, from when it is known where it goes on until it ends. */
class Wish {
  /** Undefined when it is over. */
  #want: ((fromMs: number | undefined) => () => void) | undefined;
  #unwant: (() => void) | undefined;

  constructor(want: (fromMs: number | undefined) => () => void) {
    this.#want = want;
  }

  begin(fromMs: number | undefined): void {
    this.#unwant ??= this.#want?.(fromMs);
  }

  end(): void {
    this.#want = undefined;
    this.#unwant?.();
  }
}

export class Subscriptions {
  readonly #ports: SubscriptionsPorts;
  readonly #subscribers = new Map<string, Subscriber>();
  /** What each is, by its name, and how to say that it is no longer wanted. */
  readonly #kept = new Map<string, Kept>();
  readonly #over = new AbortController();
  #named = 0;

  constructor(ports: SubscriptionsPorts) {
    this.#ports = ports;
  }

  /** A cursor up to which every subscription has had everything; undefined where there is none. */
  get cursor(): string | undefined {
    const { position } = this;
    return position === undefined ? undefined : this.#cursor(position);
  }

  /** The same as a position in the journal. */
  get position(): number | undefined {
    if (this.#subscribers.size === 0) return undefined;
    return Math.min(...[...this.#subscribers.values()].map((each) => each.position));
  }

  get count(): number {
    return this.#subscribers.size;
  }

  /** Those that read more slowly than entries come. */
  get lagging(): number {
    return [...this.#subscribers.values()].filter(({ isLagging }) => isLagging).length;
  }

  /** All of them. */
  get all(): readonly Subscription[] {
    return [...this.#kept.values()].map(({ subscription }) => subscription);
  }

  /**
   * The position that an acknowledged cursor names, as far as every subscription has had everything up to there: what
   * another one has not had yet must come again.
   * @param done everything up to there has been acknowledged already
   * @throws GatewayError CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_AHEAD
   */
  reached(cursor: string, done: number): number {
    const named = positionOf(cursor, this.#ports.parts.journal);
    const positions = [...this.#subscribers.values()].map(({ position }) => position);
    if (named > Math.max(done, ...positions))
      throw new GatewayError(
        "CURSOR_AHEAD",
        "The cursor names a place that nothing on this socket has reached yet.",
      );
    return Math.min(named, ...positions);
  }

  /**
   * Answers a subscription, and begins it.
   * @param resumed where it goes on if it names no cursor; undefined means the end of the journal
   * @throws GatewayError EVENT_TYPE_FORBIDDEN, FIELD_INVALID, SUBSCRIPTIONS_FULL, and as `positionOf`
   */
  add(message: SubscribeMessage, notices: readonly Notice[], grant: Grant, resumed?: number): void {
    const { parts, format } = this.#ports;
    const id = message.id ?? this.#name();
    this.#mustBeRoomFor(id, message, grant);
    const { since } = message;
    const isResumed = since !== undefined || resumed !== undefined;
    const position =
      (since === undefined ? resumed : undefined) ?? positionOf(since, parts.journal);
    const shape: FeedShape = {
      subscription: message.subscription,
      id: message.id,
      written: message.written,
      format,
      trunks: grant.trunks,
    };
    const { feed, leave } = parts.feeds.take(shape);
    const { summary: coverage } = parts.coverages.of(feed, grant.trunks);
    this.#send(answerTo(message, { id, cursor: this.#cursor(position), coverage, notices }));
    const { subscription } = message;
    const interest = { subscription, trunks: grant.trunks };
    const wish = new Wish((fromMs) => parts.interests.add({ ...interest, fromMs }));
    const lookBack = async (): Promise<readonly Entry[]> => {
      // Ahead of all else: only so is told from where on nobody has carried what is not carried yet.
      if (isResumed) wish.begin(await parts.retrospect.timeOf(position));
      // What comes before is known who belongs to it waits in the journal.
      await this.#listed(id, message.subscription, feed, grant.trunks);
      if (!isResumed) return [];
      return parts.retrospect.since(position, feed.concerns, grant.trunks);
    };
    if (!isResumed) wish.begin(undefined);
    const prologue = isResumed || feed.asksOrganisation ? lookBack : undefined;
    const subscriber = this.#createSubscriber(
      { id, feed, trunks: grant.trunks, prologue },
      position,
    );
    this.#subscribers.set(id, subscriber);
    const quit = (): void => {
      wish.end();
      leave();
    };
    this.#kept.set(id, { subscription, quit });
    subscriber.start();
  }

  /** Returns whether there was one. */
  remove(id: string): boolean {
    this.#subscribers.get(id)?.stop();
    this.#kept.get(id)?.quit();
    this.#kept.delete(id);
    return this.#subscribers.delete(id);
  }

  /** Another token may grant less: what it does not, ends. Returns names, and why. */
  narrow(grant: Grant): readonly { readonly id: string; readonly error: GatewayError }[] {
    const ended: { id: string; error: GatewayError }[] = [];
    for (const [id, { subscription }] of this.#kept) {
      try {
        mustRead(subscription, grant);
      } catch (error) {
        if (!isGatewayError(error)) throw error;
        this.remove(id);
        ended.push({ id, error });
      }
    }
    return ended;
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#over.abort();
    for (const subscriber of this.#subscribers.values()) subscriber.stop();
    this.#subscribers.clear();
    for (const { quit } of this.#kept.values()) quit();
    this.#kept.clear();
  }

  #name(): string {
    // The client may have taken such a name itself.
    for (;;) {
      const name = `subscription-${++this.#named}`;
      if (!this.#subscribers.has(name)) return name;
    }
  }

  #cursor(position: number): string {
    return formatCursor(this.#ports.parts.journal.id, position);
  }

  #send(message: ServerMessage): void {
    this.#ports.send(JSON.stringify(message));
  }

  #mustBeRoomFor(id: string, message: SubscribeMessage, grant: Grant): void {
    mustRead(message.subscription, grant);
    if (this.#subscribers.has(id))
      throw new GatewayError(
        "FIELD_INVALID",
        `There is a subscription ${JSON.stringify(id)} on this socket already; unsubscribe it first.`,
      );
    if (this.#subscribers.size >= subscriptionsPerSocketMax)
      throw new GatewayError(
        "SUBSCRIPTIONS_FULL",
        `A socket has ${subscriptionsPerSocketMax} subscriptions at most.`,
      );
  }

  #createSubscriber({ id, feed, trunks, prologue }: Begun, after: number): Subscriber {
    const { parts } = this.#ports;
    const { journal, hub, journalFailed } = parts;
    return new Subscriber(
      {
        journal,
        hub,
        feed,
        prologue,
        outlet: this.#createOutlet(),
        lagging: (position) =>
          this.#send({
            type: "lagging",
            cursor: this.#cursor(position),
            behind: Math.max(0, journal.head - position),
          }),
        caughtUp: () => void this.#sayLive(id, feed, trunks),
        failed: journalFailed,
      },
      after,
    );
  }

  #createOutlet(): Outlet {
    const { wire, send } = this.#ports;
    return {
      send,
      get isFull() {
        return wire.bufferedBytes > bufferedBytesMax;
      },
      drained: (signal) => this.#drained(signal),
    };
  }

  /** Waits until half of what may be buffered is free; a reader that takes nothing is cut off. */
  async #drained(signal: AbortSignal): Promise<void> {
    const { wire, parts } = this.#ports;
    const { clock, log } = parts;
    let sinceMs = clock.monotonicMs();
    let least = wire.bufferedBytes;
    while (!signal.aborted && wire.bufferedBytes > bufferedBytesMax / 2) {
      // Who takes anything is slow, and not stuck.
      if (wire.bufferedBytes < least) {
        least = wire.bufferedBytes;
        sinceMs = clock.monotonicMs();
      }
      if (clock.monotonicMs() - sinceMs > stuckReaderMs) {
        log.warn(
          { code: "READER_STUCK" },
          `A reader of the Event API took nothing for ${stuckReaderMs / 1_000} s and was cut off.`,
        );
        return wire.cut();
      }
      await clock.sleep(drainLookMs, signal);
    }
  }

  /** Resolves when all is known of the organisations that decides what the events of a subscription are, or it has ended. */
  async #listed(
    id: string,
    subscription: Subscription,
    feed: Feed,
    trunks: Grant["trunks"],
  ): Promise<void> {
    if (!feed.asksOrganisation) return;
    const { clock, isListed } = this.#ports.parts;
    const { signal } = this.#over;
    while (!isListed(subscription, trunks)) {
      await clock.sleep(believedMs, signal);
      if (signal.aborted || this.#subscribers.get(id)?.feed !== feed) return;
    }
  }

  /** Once everything that can be had comes. */
  async #sayLive(id: string, feed: Feed, trunks: Grant["trunks"]): Promise<void> {
    const { parts } = this.#ports;
    const { signal } = this.#over;
    for (;;) {
      const subscriber = this.#subscribers.get(id);
      if (signal.aborted || subscriber?.feed !== feed) return;
      if (!parts.interests.isGathering && parts.coverages.of(feed, trunks).isSettled) {
        const cursor = this.#cursor(subscriber.position);
        return this.#send({ type: "live", subscriptionId: id, cursor });
      }
      await parts.clock.sleep(believedMs, signal);
    }
  }
}
