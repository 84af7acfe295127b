/** How a program subscribes. */
import type { Backend, BackendRequest } from "./backend.ts";
import { SubscriberError } from "./errors.ts";
import type { Arrival } from "./event-data.ts";
import { claim } from "./claims.ts";
import { EventSubscription, type SubscriptionWatch } from "./subscription.ts";

/** What to subscribe to, where, and how. */
export interface EventSubscriptionOptions<Type extends string = string> extends SubscriptionWatch {
  /** Brings the events: `gateway({…})`. */
  readonly backend: Backend;
  /** Kinds of events; `docs/EVENT-API.md` lists them. Any topic of Genesys Cloud counts as one. */
  readonly eventTypes: readonly Type[];
  /** Of what: `{divisions: ["self"]}` for all that the relay's credential sees, `queueId`, `userId`, `conversationId`, and conditions by event type. */
  readonly filters: Readonly<Record<string, unknown>>;
  /** Begin after this cursor, that of the last event that was dealt with; by default with what comes from now on. */
  readonly since?: string | undefined;
  /** What to do where nothing can be gone on with after `since`: tell it as a gap and go on from now (default), or end with `CURSOR_TOO_OLD`. */
  readonly onCursorTooOld?: "gap" | "error";
  /**
   * A durable consumer's name, of 1 to 64 of `A-Z a-z 0-9 - _ .`: the gateway keeps its place, which moves as events are dealt
   * with, and the next subscription of that name goes on there.
   */
  readonly consumer?: string | undefined;
  /**
   * So many events and gaps wait for the reader at most (5,000); beyond it no more is taken until a quarter of them is left. To go on
   * costs a connection, of which there are 30 a minute at most: what a slow reader can get bounds what it is given then.
   */
  readonly queueMax?: number;
  /** Have a second subscription to the same thing in this process. */
  readonly allowDuplicate?: boolean;
}

/** Takes an event or a gap. What it returns is waited for; then the event counts as dealt with. */
export type OnData<Type extends string = string> = (data: Arrival<Type>) => unknown;
/** Told once, when a subscription has failed for good and all that came before was delivered. */
export type OnError = (error: SubscriberError) => void;

/**
 * Subscribes to events. They come to `onData`, one after the other, or to whoever iterates over the subscription; both are
 * ways to read the same queue, and one of them is to be used. Reconnecting, going on, tokens and heartbeats are its own
 * business; what it has lost for good comes as a gap in its place among the events.
 *
 * Without `onError` a final failure is an unhandled rejection, so that it is not missed.
 * @throws SubscriberError OPTION_INVALID, DUPLICATE_SUBSCRIPTION
 */
export function createEventSubscription<const Type extends string>(
  options: EventSubscriptionOptions<Type>,
  onData?: OnData<Type>,
  onError?: OnError,
): EventSubscription<Type> {
  const { backend, eventTypes, filters, since, consumer, queueMax, onState, onNotice } = options;
  if (queueMax !== undefined && !(queueMax >= 1))
    throw new SubscriberError("OPTION_INVALID", `queueMax is ${queueMax}, and must be at least 1.`);
  if (onData === undefined && onError !== undefined)
    throw new SubscriberError("OPTION_INVALID", "onError was given without onData.", {
      help: "Give both; or iterate over the subscription, which throws the error.",
    });
  const { onCursorTooOld = "gap" } = options;
  const request: BackendRequest = { eventTypes, filters, since, onCursorTooOld, consumer };
  const release = claim(backend.source, request, options.allowDuplicate ?? false);
  const watch = { onState, onNotice, queueMax, release };
  const subscription = new EventSubscription<Type>(backend, request, watch);
  if (onData !== undefined) void deliver(subscription, onData, onError);
  return subscription;
}

/** What thread-style programs give to {@link subscribeAnalyticsEvents}. */
export interface AnalyticsEventsOptions extends Omit<
  EventSubscriptionOptions,
  "eventTypes" | "filters"
> {
  /** A stream of events has no other. */
  readonly interval?: "realtime";
  /** Event types, such as `conversation.summary`. */
  readonly metricIds: readonly string[];
  /** By default all that the relay's credential sees. */
  readonly filters?: Readonly<Record<string, unknown>>;
}

/**
 * The same by the names that a call of this kind is known by: `interval: "realtime"`, and event types as `metricIds`.
 * @throws SubscriberError INTERVAL_UNKNOWN, and as {@link createEventSubscription}
 */
export function subscribeAnalyticsEvents(
  options: AnalyticsEventsOptions,
  onData?: OnData,
  onError?: OnError,
): EventSubscription {
  const { interval = "realtime", metricIds, filters, ...rest } = options;
  if (interval !== "realtime")
    throw new SubscriberError(
      "INTERVAL_UNKNOWN",
      `The interval is ${JSON.stringify(interval)}, and for a stream of events only "realtime" is possible.`,
    );
  return createEventSubscription(
    { ...rest, eventTypes: metricIds, filters: filters ?? { divisions: ["self"] } },
    onData,
    onError,
  );
}

async function deliver<Type extends string>(
  subscription: EventSubscription<Type>,
  onData: OnData<Type>,
  onError: OnError | undefined,
): Promise<void> {
  try {
    for await (const arrival of subscription) {
      try {
        await onData(arrival);
      } catch (cause) {
        throw new SubscriberError("READER_FAILED", `onData failed on ${arrival.cursor}.`, {
          cause,
        });
      }
    }
  } catch (error) {
    if (onError === undefined) throw error;
    onError(error as SubscriberError);
  }
}
