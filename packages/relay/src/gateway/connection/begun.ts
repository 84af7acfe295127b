/**
 * A subscription of a socket that has been answered, from its beginning to its end. There are thousands that rest, so it
 * keeps no more than it needs from now on: what was asked for stands in its feed, once for all that ask alike.
 */
import type { Entry } from "../../journal/entry.ts";
import { believedMs } from "../coverage.ts";
import type { Feed } from "../fan-out/feed.ts";
import { Subscriber, type SubscriberPorts } from "../fan-out/subscriber.ts";
import type { Grant } from "../grant.ts";
import type { Parts } from "../parts.ts";
import type { SocketOutlet } from "./outlet.ts";

export interface BegunAs {
  readonly id: string;
  readonly feed: Feed;
  readonly trunks: Grant["trunks"];
  /** - `resumed`: what was not carried since then is told first · `new`: only what comes from now on matters */
  readonly from: "resumed" | "new";
  readonly position: number;
}

export class Begun implements SubscriberPorts {
  readonly outlet: SocketOutlet;
  readonly feed: Feed;
  readonly subscriber: Subscriber;
  readonly #id: string;
  readonly #trunks: Grant["trunks"];
  readonly #from: BegunAs["from"];
  readonly #position: number;
  #phase: "begun" | "over" = "begun";
  /** Ends what makes it wanted. */
  #unwant: (() => void) | undefined;
  /** While it waits for what the trunks will say. */
  #waiting: AbortController | undefined;

  /** @param outlet of its socket */
  constructor(outlet: SocketOutlet, { id, feed, trunks, from, position }: BegunAs) {
    this.outlet = outlet;
    this.feed = feed;
    this.#id = id;
    this.#trunks = trunks;
    this.#from = from;
    this.#position = position;
    if (from === "new") this.#want(undefined);
    this.subscriber = new Subscriber(this, position);
  }

  get journal(): Parts["journal"] {
    return this.#parts.journal;
  }

  get hub(): Parts["hub"] {
    return this.#parts.hub;
  }

  get failed(): Parts["journalFailed"] {
    return this.#parts.journalFailed;
  }

  /** What is to be told first. Made where it is asked for: as a field it would be kept for as long as the subscription. */
  get prologue(): (() => Promise<readonly Entry[]>) | undefined {
    if (this.#from === "new" && !this.feed.asksOrganisation) return undefined;
    return () => this.#lookBack();
  }

  lagging(position: number): void {
    this.outlet.tell({
      type: "lagging",
      cursor: this.outlet.cursor(position),
      behind: Math.max(0, this.journal.head - position),
    });
  }

  caughtUp(): void {
    void this.#sayLive();
  }

  /** Nothing more is sent, and it is wanted no longer. */
  end(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#waiting?.abort();
    this.subscriber.stop();
    this.#unwant?.();
    this.#parts.feeds.leave(this.feed);
  }

  get #parts(): Parts {
    return this.outlet.ports.parts;
  }

  /** Is wanted from when it is known where it goes on until it ends. */
  #want(fromMs: number | undefined): void {
    if (this.#phase === "over") return;
    const { subscription } = this.feed;
    this.#unwant ??= this.#parts.interests.add({ subscription, trunks: this.#trunks, fromMs });
  }

  async #lookBack(): Promise<readonly Entry[]> {
    const { retrospect } = this.#parts;
    // Ahead of all else: only so is told from where on nobody has carried what is not carried yet.
    if (this.#from === "resumed") this.#want(await retrospect.timeOf(this.#position));
    // What comes before is known who belongs to it waits in the journal.
    await this.#listed();
    if (this.#from === "new") return [];
    return retrospect.since(this.#position, this.feed.concerns, this.#trunks);
  }

  /** Resolves when all is known of the organisations that decides what its events are, or it has ended. */
  async #listed(): Promise<void> {
    const { asksOrganisation, subscription } = this.feed;
    if (!asksOrganisation) return;
    while (this.#phase === "begun" && !this.#parts.isListed(subscription, this.#trunks))
      await this.#wait();
  }

  /** Once everything that can be had comes. */
  async #sayLive(): Promise<void> {
    const { interests, coverages } = this.#parts;
    while (this.#phase === "begun") {
      if (!interests.isGathering && coverages.of(this.feed, this.#trunks).isSettled) {
        const cursor = this.outlet.cursor(this.subscriber.position);
        return this.outlet.tell({ type: "live", subscriptionId: this.#id, cursor });
      }
      await this.#wait();
    }
  }

  async #wait(): Promise<void> {
    this.#waiting = new AbortController();
    await this.#parts.clock.sleep(believedMs, this.#waiting.signal);
    this.#waiting = undefined;
  }
}
