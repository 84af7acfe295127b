/** `createClient`: the handle that a program holds. */
import { TrunklineError } from "./errors.ts";
import type { ClientEvent, TopicStatus } from "./events.ts";
import { resolveOptions, resolveTopics, type ClientOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { Answered, Asked } from "./rest/ask.ts";
import { createPlatform } from "./platform/ports.ts";
import { Trunk } from "./trunk/trunk.ts";

/** A connection to one Genesys Cloud organisation under one credential. */
export interface Client extends AsyncDisposable {
  /**
   * Connects, and yields everything that happens, in the order in which it became known; an event
   * is handed over when the consumer asks for the next. One consumer only. The stream ends after
   * `close()`, when the signal aborts, or when the loop is left; it throws a `TrunklineError` when
   * the start fails for good (wrong credentials, unknown host name is retried). Once anything was
   * live, it never gives up.
   * @throws TrunklineError EVENTS_TAKEN when called twice, or after `batches()`
   */
  events(): AsyncIterableIterator<ClientEvent, undefined>;
  /**
   * The same stream in batches, for a consumer that pays by the batch: all that has gathered, in
   * order, 1 to 1,000 events at a time; what a line tells of itself at one moment is never divided. Instead of `events()`: one consumer in all.
   * @throws TrunklineError EVENTS_TAKEN when called twice, or after `events()`
   */
  batches(): AsyncIterableIterator<readonly ClientEvent[], undefined>;
  /**
   * Replaces the wanted topics. Changes are gathered for 2 s and applied to running channels
   * without a reconnect.
   * @throws TrunklineError TOPIC_INVALID; then nothing has changed
   */
  setTopics(topics: readonly string[]): void;
  /**
   * Replaces every session by another, as it happens by itself before a token or a channel expires and
   * when the service announces that it will close a socket: one after the other, nothing is lost.
   * `rotated` tells of each.
   */
  rotate(): void;
  /**
   * Asks the API of Genesys Cloud under this client's own token, region and request budget, also before the
   * stream is read. It yields to the lines: such calls take a fifth of `requestsPerMinute` together at most, and wait while
   * a line has something to send; 100 may wait. `Retry-After` holds back the next call to the same endpoint;
   * a dead token is renewed once. Nothing else is tried again.
   * @throws TrunklineError OPTION_INVALID for a path that is none of the API's, REQUEST_QUEUE_FULL, CLOSED, and whatever the answer
   *   means (FORBIDDEN, NOT_FOUND, RATE_LIMITED …); the signal's reason when that aborts
   */
  ask(request: Asked): Promise<Answered>;
  /** How each wanted topic stands now. */
  topics(): readonly TopicStatus[];
  /**
   * Closes all sockets with code 1000 and ends the stream, at once. With `drainMs` each line first
   * proves what has been sent until now, which takes a round trip and `drainMs` at most; what comes
   * meanwhile is handed over. What is carried then is told as a gap of cause `stopped`, open from
   * the last proof on, before the stream's end.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** How `close` ends. */
export interface CloseOptions {
  /** How long the last proof may take, in milliseconds. @default 0, no last proof */
  readonly drainMs?: number | undefined;
}

/**
 * Creates a client; it connects when `events()` is called.
 *
 * @example
 * ```ts
 * const client = createClient({
 *   region: "eu-central-1",
 *   credentials: { clientId, clientSecret },
 *   topics: ["v2.users.5a3f….presence"],
 * });
 * for await (const event of client.events()) {
 *   if (event.type === "notification") console.log(event.topic, event.body);
 *   if (event.type === "gap") console.warn("not proven:", event.topics, event.fromMs, event.toMs);
 * }
 * ```
 * @throws TrunklineError OPTION_INVALID, REGION_UNKNOWN, CREDENTIALS_MISSING, TOPIC_INVALID
 */
export function createClient(options: ClientOptions): Client {
  const resolved = resolveOptions(options);
  const { frameBytesMax } = resolved;
  const platform = createPlatform({ frameBytesMax, ca: options.ca });
  const ports = { ...platform.ports, ...options.ports };
  const pausing = { controller: new AbortController() };
  const outbox: Outbox = new Outbox(resolved.bufferEventsMax, {
    full: () => {
      trunk.pause();
      const { signal } = (pausing.controller = new AbortController());
      void ports.clock.sleep(resolved.policy.pauseMaxMs, signal).then(() => {
        if (signal.aborted) return;
        outbox.refuse();
        trunk.resume();
      });
    },
    drained: () => {
      pausing.controller.abort();
      trunk.recordOverflow();
      trunk.resume();
    },
  });
  const trunk = new Trunk(resolved, ports, outbox);
  let taken = false;

  const stop = (): void => {
    resolved.signal?.removeEventListener("abort", stop);
    pausing.controller.abort();
    trunk.stop();
    outbox.end();
    platform.close();
  };
  const close = async ({ drainMs = 0 }: CloseOptions = {}): Promise<void> => {
    if (drainMs > 0) await trunk.drain(drainMs);
    stop();
  };
  /** Whatever way the stream is read in, it is read once. */
  const start = <T>(
    name: string,
    next: () => Promise<IteratorResult<T, undefined>>,
  ): AsyncIterableIterator<T, undefined> => {
    if (taken)
      throw new TrunklineError(
        "EVENTS_TAKEN",
        `The stream is taken already; ${name}() came second.`,
      );
    taken = true;
    if (resolved.signal?.aborted === true) stop();
    else {
      resolved.signal?.addEventListener("abort", stop, { once: true });
      void trunk.start();
    }
    const iterator: AsyncIterableIterator<T, undefined> = {
      next,
      return: async () => {
        stop();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  };

  return {
    events: () => start("events", () => outbox.next()),
    batches: () => start("batches", () => outbox.nextBatch()),
    setTopics: (topics) => trunk.setTopics(resolveTopics(topics)),
    rotate: () => trunk.rotate(),
    ask: (request) => trunk.ask(request),
    topics: () => trunk.statuses(),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
