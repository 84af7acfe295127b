/**
 * A subscription without a relay, on real sockets: what is wanted comes, typed and in order, and whatever is lost when
 * connections, channels and tokens die lies in a gap that was told before the next event.
 */
import { direct, type DirectOptions } from "@trunkline/events/direct";
import {
  createEventSubscription,
  sharedTokenSource,
  type BackendRequest,
  type EventMessage,
  type Flow,
  type GapMessage,
  type Told,
} from "@trunkline/events";
import { createMock, type LedgerEntry, type MockOptions, type RunningMock } from "@trunkline/mock";
import platformClient from "purecloud-platform-client-v2";
import { expect, test } from "vitest";
import { startProxy, type Proxy } from "./proxy.ts";
import { eventually } from "./relay-rig.ts";
import { quickPolicy } from "./rig.ts";

/** Bounds of gaps are whole milliseconds; clock and ledger are of one machine. */
const roundingMs = 1;

class Stage implements AsyncDisposable {
  readonly mock: RunningMock;
  readonly proxy: Proxy;
  readonly told: Told[] = [];
  readonly #flow: Flow;
  readonly #beats: NodeJS.Timeout[] = [];
  /** As the cloud's ledger has it; the nth has the number n in it. */
  readonly emitted: LedgerEntry[] = [];

  private constructor(mock: RunningMock, proxy: Proxy, request: BackendRequest, options: object) {
    this.mock = mock;
    this.proxy = proxy;
    const { clientId, clientSecret } = mock;
    const backend = direct({
      baseUrl: proxy.url,
      credentials: { clientId, clientSecret },
      policy: quickPolicy,
      ...options,
    });
    this.#flow = backend.open(request, (told) => void this.told.push(told));
  }

  static async open(
    subscription: (mock: RunningMock) => Pick<BackendRequest, "eventTypes" | "filters">,
    {
      mock: mockOptions,
      ...options
    }: Partial<DirectOptions> & { readonly mock?: MockOptions } = {},
  ): Promise<Stage> {
    const mock = await createMock({ rate: 0, seed: 7, ...mockOptions });
    const proxy = await startProxy(mock.apiUrl, 5);
    const rest = { since: undefined, onCursorTooOld: "gap", consumer: undefined } as const;
    const stage = new Stage(mock, proxy, { ...subscription(mock), ...rest }, options);
    await stage.next("live");
    return stage;
  }

  of<K extends Told["type"]>(kind: K): readonly Extract<Told, { readonly type: K }>[] {
    return this.told.filter((one): one is Extract<Told, { readonly type: K }> => one.type === kind);
  }

  /** The first thing of a kind that is told. */
  next<K extends Told["type"]>(kind: K): Promise<Extract<Told, { readonly type: K }>> {
    return eventually(`${kind} to be told`, () => this.of(kind)[0]);
  }

  get closedGaps(): number {
    return this.of("gap").filter(({ state }) => state === "closed").length;
  }

  emit(topic: string): number {
    const number = this.emitted.length + 1;
    this.emitted.push(this.mock.cloud.emit(topic, { number }, this.mock.nowMs()));
    return number;
  }

  /** Emits on these topics in turn, all the time. */
  beat(topics: readonly string[]): void {
    const next = (): number => this.emit(topics[this.emitted.length % topics.length] ?? "");
    this.#beats.push(setInterval(next, 2));
  }

  /** Waits until each topic brings what is emitted only now. */
  async isWhole(topics: readonly string[]): Promise<void> {
    await eventually("every topic to come", async () => {
      const numbers = new Set(topics.map((topic) => this.emit(topic)));
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const { data } of this.of("event")) numbers.delete(numberIn(data));
      return numbers.size === 0;
    });
  }

  stopBeating(): void {
    for (const beat of this.#beats) clearInterval(beat);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopBeating();
    this.#flow.close();
    await this.proxy.close();
    await this.mock.close();
  }
}

function numberIn(data: unknown): number {
  return (data as { readonly number: number }).number;
}

function holds(gap: GapMessage, topic: string, atMs: number): boolean {
  const isOf = gap.topics.includes(topic);
  const toMs = gap.to === null ? Number.POSITIVE_INFINITY : Date.parse(gap.to) + roundingMs;
  return isOf && Date.parse(gap.from) - roundingMs <= atMs && atMs <= toMs;
}

/** All that was emitted came once, in order, or lies in a gap that was told before what came after it. */
function weigh({ told, emitted, mock }: Stage): { readonly came: number; readonly lost: number } {
  // Nothing else was: the ledger of the cloud has what the test has emitted.
  expect(mock.cloud.ledger.query().entries).toEqual(emitted);
  const places = new Map<number, number>();
  const lastOf = new Map<string, number>();
  for (const [index, one] of told.entries()) {
    if (one.type !== "event") continue;
    const number = numberIn(one.data);
    expect(places.has(number), `${number} came twice`).toBe(false);
    expect(number, "the order of a topic").toBeGreaterThan(lastOf.get(one.topic) ?? 0);
    lastOf.set(one.topic, number);
    places.set(number, index);
  }
  const lost = emitted
    .map(({ topic, atMs }, index) => ({ topic, atMs, number: index + 1 }))
    .filter(({ number }) => !places.has(number));
  for (const { topic, atMs, number } of lost) {
    const after = [...places].find(
      ([later]) => later > number && emitted[later - 1]?.topic === topic,
    );
    expect(after, `something came on ${topic} after ${number}`).toBeDefined();
    const before = told.slice(0, after?.[1]).filter((one) => one.type === "gap");
    const isTold = before.some((gap) => holds(gap, topic, atMs));
    expect(isTold, `${number} was lost, and no gap before the next event says so`).toBe(true);
  }
  return { came: places.size, lost: lost.length };
}

type Fault = (stage: Stage) => void;

function channelOf({ mock }: Stage): { readonly channelId: string } {
  return { channelId: mock.cloud.state().channels[0]?.channelId ?? "" };
}

const cuts: Fault = ({ mock }) => void mock.cloud.faults.cutSockets({}, mock.nowMs());
const evicts: Fault = (stage) => {
  stage.mock.cloud.faults.evictChannel(channelOf(stage), stage.mock.nowMs());
  stage.proxy.cut();
};
const closes: Fault = ({ mock }) =>
  void mock.cloud.faults.closeSockets({ code: 1011, reason: "simulated" }, mock.nowMs());
const revokes: Fault = ({ mock }) =>
  void mock.cloud.faults.revokeToken({ clientId: mock.clientId }, mock.nowMs());

function usersTopics(mock: RunningMock): readonly string[] {
  const users = mock.cloud.world.agents.slice(0, 3);
  return users.flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]);
}

function ofUsers(mock: RunningMock): Pick<BackendRequest, "eventTypes" | "filters"> {
  const userId = mock.cloud.world.agents.slice(0, 3).map(({ id }) => id);
  return { eventTypes: ["user:presence", "user:routingStatus"], filters: { userId } };
}

test.each([
  ["abrupt cuts", [cuts, cuts, cuts]],
  ["evicted channels", [evicts, evicts]],
  ["a close, the death of its token, a cut and an eviction", [closes, revokes, cuts, evicts]],
] as const)(
  "%s lose nothing in silence, and nothing comes twice or out of order",
  async (_, faults) => {
    await using stage = await Stage.open(ofUsers);
    const topics = usersTopics(stage.mock);
    stage.beat(topics);
    for (const fault of faults) {
      await stage.isWhole(topics);
      const closed = stage.closedGaps;
      fault(stage);
      // Whatever else happens, this finds no socket.
      for (const topic of topics) stage.emit(topic);
      await eventually("the gap to close", () => stage.closedGaps > closed);
    }
    await eventually("many events", () => stage.of("event").length > 100);
    stage.stopBeating();
    await stage.isWhole(topics);
    const { came, lost } = weigh(stage);
    expect(came).toBeGreaterThan(100);
    expect(lost).toBeGreaterThan(0);
    expect(stage.of("failed").every(({ retryInMs }) => retryInMs !== undefined)).toBe(true);
    expect(stage.told.at(-1)?.type).toBe("event");
  },
);

test("of a contact centre all that is wanted comes, typed, and nothing else", async () => {
  await using stage = await Stage.open(
    () => ({
      eventTypes: ["user:presence", "conversation:ended"],
      filters: {
        divisions: ["self"],
        "conversation:ended": [{ field: "mediaType", operator: "in", values: ["voice"] }],
      },
    }),
    { mock: { rate: 60, agents: 20, queues: 4, speed: 60 } },
  );
  const fromMs = stage.mock.nowMs();
  const ended = (): readonly EventMessage[] =>
    stage.of("event").filter(({ eventType }) => eventType === "conversation:ended");
  await eventually("conversations to end", () => ended().length >= 5);
  const untilMs = stage.mock.nowMs();
  const { entries } = stage.mock.cloud.ledger.query({ fromMs, untilMs });
  const wanted = entries.filter(({ topic }) => topic.endsWith(".presence"));
  const came = (): readonly EventMessage[] =>
    stage.of("event").filter(({ eventType }) => eventType === "user:presence");
  await eventually("the last presence", () =>
    wanted.every(({ topic, body }) =>
      came().some((each) => each.topic === topic && JSON.stringify(each.data) === body),
    ),
  );
  for (const { topic, entityId } of came())
    expect(topic).toBe(`v2.users.${entityId ?? ""}.presence`);
  for (const { entityId, data } of ended()) {
    const { id, participants } = data as {
      readonly id: string;
      readonly participants: readonly { readonly endTime?: string; readonly calls?: readonly [] }[];
    };
    expect(entityId).toBe(id);
    expect(participants.every(({ endTime }) => endTime !== undefined)).toBe(true);
    expect(participants.some(({ calls = [] }) => calls.length > 0)).toBe(true);
  }
  expect(came().length + ended().length).toBe(stage.of("event").length);
  const ids = ended().map(({ entityId }) => entityId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a reader that is slow holds it back, and gets everything in order", async () => {
  await using mock = await createMock({ rate: 0 });
  const { clientId, clientSecret } = mock;
  const backend = direct({
    baseUrl: mock.apiUrl,
    credentials: { clientId, clientSecret },
    policy: quickPolicy,
  });
  await using subscription = createEventSubscription({
    backend,
    ...ofUsers(mock),
    eventTypes: ["user:presence"],
    queueMax: 3,
  });
  await eventually("it to be live", () => subscription.state.kind === "live");
  expect(() =>
    createEventSubscription({ backend, ...ofUsers(mock), eventTypes: ["user:presence"] }),
  ).toThrow(expect.objectContaining({ code: "DUPLICATE_SUBSCRIPTION" }));
  const [topic = ""] = usersTopics(mock);
  for (let n = 0; n < 50; n++) mock.cloud.emit(topic, { message: `${n}` }, mock.nowMs());
  await eventually("the reader to be behind", () => subscription.state.kind === "paused");
  const messages: (string | undefined)[] = [];
  for await (const arrival of subscription) {
    if (arrival.type === "event") messages.push(arrival.data.message);
    if (messages.length === 50) break;
  }
  expect(messages).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`));
});

test("shares the token of the official SDK's client: one login for both, also when it is revoked", async () => {
  const { ApiClient, TokensApi } = platformClient;
  await using mock = await createMock({ rate: 0 });
  const { clientId, clientSecret, host, port } = mock;
  const official = ApiClient.instance;
  official.setGateway({ host, protocol: "http", port });
  const credentials = sharedTokenSource(official, () =>
    official.loginClientCredentialsGrant(clientId, clientSecret),
  );
  const backend = direct({ baseUrl: mock.apiUrl, credentials, policy: quickPolicy });
  await using subscription = createEventSubscription({ backend, ...ofUsers(mock) });
  const issued = (): number => mock.cloud.state().clients[0]?.tokensIssued ?? 0;
  await eventually("it to be live", () => subscription.state.kind === "live");
  expect((await new TokensApi().getTokensMe()).OAuthClient?.id).toBe(clientId);
  expect(issued()).toBe(1);
  mock.cloud.faults.revokeToken({ clientId }, mock.nowMs());
  for await (const arrival of subscription)
    if (arrival.type === "gap" && arrival.state === "closed" && arrival.cause !== "unsubscribed")
      break;
  expect((await new TokensApi().getTokensMe()).OAuthClient?.id).toBe(clientId);
  expect(issued()).toBe(2);
});

test("a wrong secret ends it with what to do, and names no secret", async () => {
  await using mock = await createMock({ rate: 0 });
  const told: Told[] = [];
  const { clientId } = mock;
  const backend = direct({
    baseUrl: mock.apiUrl,
    credentials: { clientId, clientSecret: "not-the-secret" },
  });
  const rest = { since: undefined, onCursorTooOld: "gap", consumer: undefined } as const;
  backend.open({ ...ofUsers(mock), ...rest }, (one) => void told.push(one));
  const failed = await eventually("its end", () => told.find(({ type }) => type === "failed"));
  expect(failed).toMatchObject({
    error: { code: "GENESYS_CLOUD_FAILED", cause: { code: "CREDENTIALS_REFUSED" } },
    retryInMs: undefined,
  });
  expect(JSON.stringify(told)).not.toContain("not-the-secret");
});
