/** A client on real sockets, through a slow proxy, to a mock that emits numbered events all the time. */
import {
  createClient,
  type Client,
  type ClientEvent,
  type ClientOptions,
  type Policy,
} from "@trunkline/client";
import { createMock, type MockOptions, type RunningMock } from "@trunkline/mock";
import { balance, type Balance } from "@trunkline/testkit";
import { startProxy, type Proxy } from "./proxy.ts";

/** The same machine, with waits that a test can afford. */
export const quickPolicy: Partial<Policy> = {
  pingEveryMs: 300,
  pongTimeoutMs: 300,
  silenceMs: 900,
  openTimeoutMs: 1_500,
  backoffFirstMs: 20,
  backoffMaxMs: 150,
  stableAfterMs: 1_000,
  gatherMs: 20,
};

export interface Rig extends AsyncDisposable {
  readonly mock: RunningMock;
  readonly proxy: Proxy;
  readonly client: Client;
  /** Everything that the client has told, notifications included, in order. */
  readonly told: readonly ClientEvent[];
  /** Resolves with the first event, told already or still to come, that the test likes. */
  next<E extends ClientEvent["type"]>(
    type: E,
    likes?: (event: Extract<ClientEvent, { type: E }>) => boolean,
  ): Promise<Extract<ClientEvent, { type: E }>>;
  /** Resolves when an event that is emitted only now has arrived on every topic that is live. */
  isWhole(): Promise<void>;
  /** Stops emitting, waits for what is on its way, and weighs the ledger against what was told. */
  balance(): Promise<Balance>;
  /** How the stream ended: its error, or undefined when it ended in peace. */
  readonly ended: Promise<unknown>;
}

export interface RigOptions {
  readonly topics?: (mock: RunningMock) => readonly string[];
  readonly mock?: MockOptions;
  readonly client?: Partial<ClientOptions>;
  readonly latencyMs?: number;
  /** Done before the client starts. */
  readonly before?: (mock: RunningMock, proxy: Proxy) => void;
}

export function defaultTopics(mock: RunningMock): readonly string[] {
  const { queues, agents } = mock.cloud.world;
  return [
    ...queues.slice(0, 3).map(({ id }) => `v2.routing.queues.${id}.conversations`),
    ...agents
      .slice(0, 3)
      .flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
}

export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const mock = await createMock({ rate: 0, seed: 7, ...options.mock });
  const proxy = await startProxy(mock.apiUrl, options.latencyMs ?? 15);
  const topics = (options.topics ?? defaultTopics)(mock);
  options.before?.(mock, proxy);
  const { clientId, clientSecret } = mock;
  const client = createClient({
    baseUrl: proxy.url,
    credentials: { clientId, clientSecret },
    topics,
    policy: quickPolicy,
    ...options.client,
  });
  const told: ClientEvent[] = [];
  const deliveries = new Map<string, number>();
  const carriedSinceMs = new Map<string, number>();
  const waiters = new Set<() => void>();
  const read = async (): Promise<unknown> => {
    try {
      for await (const event of client.events()) {
        told.push(event);
        if (event.type === "notification" && event.correlationId !== undefined) {
          deliveries.set(event.correlationId, (deliveries.get(event.correlationId) ?? 0) + 1);
        }
        if (event.type === "subscribed") {
          for (const topic of event.topics) {
            const key = topic.toLowerCase();
            if (!carriedSinceMs.has(key)) carriedSinceMs.set(key, Date.now());
          }
        }
        for (const look of waiters) look();
      }
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const ended = read();
  let number = 0;
  const emit = (topic: string): string =>
    mock.cloud.emit(topic, { number: ++number }, mock.nowMs()).correlationId;
  const beat = setInterval(() => emit(topics[number % topics.length] ?? ""), 5);

  const until = (holds: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (!holds()) return;
      waiters.delete(look);
      resolve();
    };
    waiters.add(look);
    look();
    return promise;
  };
  const arrived = (id: string): boolean => deliveries.has(id);

  const rig: Rig = {
    mock,
    proxy,
    client,
    told,
    ended,
    next: async (type, likes = () => true) => {
      type Wanted = Extract<ClientEvent, { type: typeof type }>;
      const find = (): Wanted | undefined =>
        told.find((event): event is Wanted => event.type === type && likes(event as Wanted));
      await until(() => find() !== undefined);
      return find() as Wanted;
    },
    isWhole: async () => {
      // Emitted again and again, since what is emitted while a line is down may rightly be lost.
      await until(() => liveTopics(client).length > 0);
      const probe = { ids: liveTopics(client).map(emit) };
      const again = setInterval(() => {
        probe.ids = liveTopics(client).map(emit);
      }, 400);
      await until(() => probe.ids.length > 0 && probe.ids.every(arrived));
      clearInterval(again);
    },
    balance: async () => {
      clearInterval(beat);
      await rig.isWhole();
      const { entries } = mock.cloud.ledger.query();
      return balance(
        entries
          .filter(
            ({ topic, atMs }) =>
              atMs >= (carriedSinceMs.get(topic.toLowerCase()) ?? Number.POSITIVE_INFINITY),
          )
          .map(({ correlationId, topic, atMs }) => ({ id: correlationId, topic, atMs })),
        deliveries,
        told.filter((event) => event.type === "gap").filter(({ state }) => state === "closed"),
      );
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      await client.close();
      await proxy.close();
      await mock.close();
    },
  };
  return rig;
}

function liveTopics(client: Client): readonly string[] {
  return client.topics().flatMap(({ state, topic }) => (state === "live" ? [topic] : []));
}
