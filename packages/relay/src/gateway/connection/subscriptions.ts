/** The subscriptions of one socket: what each gets goes past the socket's machine, straight from the fan-out. */
import type { Notice, SubscribeMessage, Subscription } from "@trunkline/events";
import { GatewayError, isGatewayError } from "../gateway-error.ts";
import type { Grant } from "../grant.ts";
import { subscriptionsPerSocketMax } from "../limits.ts";
import { positionOf } from "../position.ts";
import { mustRead } from "../rights.ts";
import { answerTo } from "./answers.ts";
import { Begun } from "./begun.ts";
import { SocketOutlet, type OutletPorts } from "./outlet.ts";

export class Subscriptions {
  readonly #outlet: SocketOutlet;
  readonly #begun = new Map<string, Begun>();
  #named = 0;

  constructor(ports: OutletPorts) {
    this.#outlet = new SocketOutlet(ports);
  }

  /** A cursor up to which every subscription has had everything; undefined where there is none. */
  get cursor(): string | undefined {
    const { position } = this;
    return position === undefined ? undefined : this.#outlet.cursor(position);
  }

  /** The same as a position in the journal. */
  get position(): number | undefined {
    return this.#begun.size === 0 ? undefined : Math.min(...this.#positions);
  }

  get count(): number {
    return this.#begun.size;
  }

  /** Those that read more slowly than entries come. */
  get lagging(): number {
    return [...this.#begun.values()].filter(({ subscriber }) => subscriber.isLagging).length;
  }

  /** All of them. */
  get all(): readonly Subscription[] {
    return [...this.#begun.values()].map(({ feed }) => feed.subscription);
  }

  /**
   * The position that an acknowledged cursor names, as far as every subscription has had everything up to there: what
   * another one has not had yet must come again.
   * @param done everything up to there has been acknowledged already
   * @throws GatewayError CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_AHEAD
   */
  reached(cursor: string, done: number): number {
    const named = positionOf(cursor, this.#outlet.ports.parts.journal);
    const positions = this.#positions;
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
    const { parts, format } = this.#outlet.ports;
    const id = message.id ?? this.#name();
    this.#mustBeRoomFor(id, message, grant);
    const { since } = message;
    const { trunks } = grant;
    const position =
      (since === undefined ? resumed : undefined) ?? positionOf(since, parts.journal);
    const feed = parts.feeds.take({
      subscription: message.subscription,
      id: message.id,
      written: message.written,
      format,
      trunks,
    });
    const { summary: coverage } = parts.coverages.of(feed, trunks);
    const cursor = this.#outlet.cursor(position);
    this.#outlet.tell(answerTo(message, { id, cursor, coverage, notices }));
    const from = since === undefined && resumed === undefined ? "new" : "resumed";
    const begun = new Begun(this.#outlet, { id, feed, trunks, from, position });
    this.#begun.set(id, begun);
    begun.subscriber.start();
  }

  /** Returns whether there was one. */
  remove(id: string): boolean {
    this.#begun.get(id)?.end();
    return this.#begun.delete(id);
  }

  /** Another token may grant less: what it does not, ends. Returns names, and why. */
  narrow(grant: Grant): readonly { readonly id: string; readonly error: GatewayError }[] {
    const ended: { id: string; error: GatewayError }[] = [];
    for (const [id, { feed }] of this.#begun) {
      try {
        mustRead(feed.subscription, grant);
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
    for (const begun of this.#begun.values()) begun.end();
    this.#begun.clear();
  }

  #name(): string {
    // The client may have taken such a name itself.
    for (;;) {
      const name = `subscription-${++this.#named}`;
      if (!this.#begun.has(name)) return name;
    }
  }

  /** Up to where each has had everything. */
  get #positions(): readonly number[] {
    return [...this.#begun.values()].map(({ subscriber }) => subscriber.position);
  }

  #mustBeRoomFor(id: string, message: SubscribeMessage, grant: Grant): void {
    mustRead(message.subscription, grant);
    if (this.#begun.has(id))
      throw new GatewayError(
        "FIELD_INVALID",
        `There is a subscription ${JSON.stringify(id)} on this socket already; unsubscribe it first.`,
      );
    if (this.#begun.size >= subscriptionsPerSocketMax)
      throw new GatewayError(
        "SUBSCRIPTIONS_FULL",
        `A socket has ${subscriptionsPerSocketMax} subscriptions at most.`,
      );
  }
}
