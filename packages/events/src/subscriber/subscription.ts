/** A subscription: what a backend tells, queued and delivered at the reader's pace. */
import type { CoverageSummary, NoticeMessage } from "../server-messages.ts";
import { compareCursors } from "./cursor.ts";
import type { Backend, BackendRequest, Flow, Told } from "./backend.ts";
import { SubscriberError } from "./errors.ts";
import type { Arrival } from "./event-data.ts";

/**
 * How a subscription is doing.
 * - `connecting`: it has not been answered yet
 * - `catching-up`: connected; what came before, or what is not proven to come yet, is still due
 * - `live`: all that can be had comes
 * - `waiting`: there is no connection; the next one is tried in `retryInMs`
 * - `paused`: the reader is behind; no more is taken until it has caught up
 * - `closed`: it is over; with an error, if neither `close` nor the reader has ended it
 */
export type SubscriptionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "catching-up"; readonly coverage: CoverageSummary }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly error: SubscriberError; readonly retryInMs: number }
  | { readonly kind: "paused" }
  | { readonly kind: "closed"; readonly error: SubscriberError | undefined };

/** What happens beside events and gaps. */
export interface SubscriptionWatch {
  /** The state has changed. */
  readonly onState?: ((state: SubscriptionState) => void) | undefined;
  /** Something to know, that stops nothing. */
  readonly onNotice?: ((notice: NoticeMessage) => void) | undefined;
}

/** What waits for the reader at most; beyond it the backend is paused. Each pause costs a connection, so it is not small. */
const queueMaxDefault = 5_000;
/** When so little of it is left, the backend goes on. */
const resumeShare = 0.25;

/** An async iterable of events and gaps. Made by {@link createEventSubscription}. */
export class EventSubscription<Type extends string = string>
  implements AsyncIterable<Arrival<Type>>, AsyncDisposable
{
  readonly #watch: SubscriptionWatch;
  readonly #queueMax: number;
  readonly #release: () => void;
  readonly #queue: Arrival<Type>[] = [];
  readonly #flow: Flow;
  #state: SubscriptionState = { kind: "connecting" };
  #cursor: string | undefined;
  /** Given to the reader, who has not come back for the next one. */
  #inHand: Arrival<Type> | undefined;
  /** The reader that waits for more. */
  #hungry: (() => void) | undefined;
  #hasReader = false;

  /** @param release called once, when it is over */
  constructor(
    backend: Backend,
    request: BackendRequest,
    options: SubscriptionWatch & {
      readonly queueMax?: number | undefined;
      readonly release: () => void;
    },
  ) {
    this.#watch = options;
    this.#queueMax = options.queueMax ?? queueMaxDefault;
    this.#release = options.release;
    this.#cursor = request.since;
    this.#flow = backend.open(request, (told) => this.#hear(told));
  }

  /** How it is doing. */
  get state(): SubscriptionState {
    return this.#state;
  }

  /** The place up to which the reader has dealt with everything: begin with it as `since` next time. Undefined before there is one. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Ends it. What waits in the queue is not delivered; it comes again after `cursor`. */
  close(): void {
    if (this.#state.kind === "closed") return;
    this.#queue.length = 0;
    this.#flow.close();
    this.#end(undefined);
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * What comes, in order. Asking for the next one says that the one before is dealt with. There is one reader: leaving the
   * loop closes the subscription. It ends when the subscription was closed, and throws a {@link SubscriberError} when that
   * has failed for good, after all that came before.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Arrival<Type>, void, undefined> {
    if (this.#hasReader)
      throw new SubscriberError("OPTION_INVALID", "Somebody reads this subscription already.", {
        help: "Read it in one place: by the callbacks or by one loop.",
      });
    this.#hasReader = true;
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          this.#inHand = next;
          this.#resumeIfRoom();
          yield next;
          this.#done(next);
        } else if (this.#state.kind === "closed") {
          if (this.#state.error !== undefined) throw this.#state.error;
          return;
        } else {
          await new Promise<void>((resolve) => (this.#hungry = resolve));
        }
      }
    } finally {
      this.close();
    }
  }

  #hear(told: Told): void {
    if (this.#state.kind === "closed") return;
    switch (told.type) {
      case "event":
      case "gap":
        // Typed by what was subscribed to; what comes is believed.
        this.#queue.push(told as Arrival<Type>);
        if (this.#queue.length >= this.#queueMax) this.#pause();
        return this.#feed();
      case "opened":
        this.#cursor ??= told.cursor;
        for (const { code, message } of told.notices)
          this.#notice({ type: "notice", code, message });
        return this.#become({ kind: "catching-up", coverage: told.coverage });
      case "live":
        this.#reached(told.cursor);
        return this.#become({ kind: "live" });
      case "heartbeat":
        return this.#reached(told.cursor);
      case "notice":
        return this.#notice(told);
      // The queue says by itself when its reader is slow.
      case "lagging":
        return;
      case "failed": {
        const { error, retryInMs } = told;
        if (retryInMs !== undefined) return this.#become({ kind: "waiting", error, retryInMs });
        return this.#end(error);
      }
      default:
        return told satisfies never;
    }
  }

  #feed(): void {
    this.#hungry?.();
    this.#hungry = undefined;
  }

  #pause(): void {
    if (this.#state.kind === "paused") return;
    this.#flow.pause();
    this.#become({ kind: "paused" });
  }

  #resumeIfRoom(): void {
    if (this.#state.kind !== "paused" || this.#queue.length > this.#queueMax * resumeShare) return;
    this.#become({ kind: "connecting" });
    this.#flow.resume();
  }

  #done({ type, cursor }: Arrival<Type>): void {
    this.#inHand = undefined;
    // A gap may be told late, of a place that the reader is beyond.
    const before = this.#cursor;
    if (type === "gap" && before !== undefined && compareCursors(cursor, before) === "before")
      return;
    this.#cursor = cursor;
    this.#flow.ack(cursor);
  }

  /** Everything up to a place has been told. It is dealt with, too, if nothing of it waits. */
  #reached(cursor: string | undefined): void {
    if (cursor === undefined || this.#queue.length > 0 || this.#inHand !== undefined) return;
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#flow.ack(cursor);
  }

  #end(error: SubscriberError | undefined): void {
    this.#release();
    this.#become({ kind: "closed", error });
    this.#feed();
  }

  #become(state: SubscriptionState): void {
    this.#state = state;
    this.#tell("onState", () => this.#watch.onState?.(state));
  }

  #notice(notice: NoticeMessage): void {
    this.#tell("onNotice", () => this.#watch.onNotice?.(notice));
  }

  /** A callback that fails ends the subscription, as `onData` does; where it is over already, its error stands. */
  #tell(name: string, callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      if (this.#state.kind === "closed") return;
      this.#flow.close();
      this.#end(new SubscriberError("READER_FAILED", `${name} failed.`, { cause }));
    }
  }
}
