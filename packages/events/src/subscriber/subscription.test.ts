import { afterEach, expect, test } from "vitest";
import type { Backend, BackendRequest, Told } from "./backend.ts";
import { createEventSubscription, subscribeAnalyticsEvents } from "./create.ts";
import { SubscriberError } from "./errors.ts";
import type { EventSubscription } from "./subscription.ts";
import { aGap, anEvent } from "./testing/messages.ts";

/** A backend that the test plays. */
class Played implements Backend {
  readonly source = "wss://relay.example";
  readonly did: string[] = [];
  request: BackendRequest | undefined;
  tell: (told: Told) => void = () => undefined;

  open(request: BackendRequest, tell: (told: Told) => void): ReturnType<Backend["open"]> {
    this.request = request;
    this.tell = tell;
    return {
      pause: () => void this.did.push("pause"),
      resume: () => void this.did.push("resume"),
      ack: (cursor) => void this.did.push(`ack ${cursor}`),
      close: () => void this.did.push("close"),
    };
  }
}

const opened: Told = {
  type: "opened",
  cursor: "j-0",
  coverage: { topics: { live: 1 }, notLive: [] },
  notices: [],
};
const what = { eventTypes: ["user:presence"], filters: { divisions: ["self"] } } as const;
const open: EventSubscription[] = [];

// What is open in this process is known to all its tests.
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

function subscribe(
  backend: Backend,
  ...[more, ...callbacks]: [
    Partial<Parameters<typeof createEventSubscription>[0]>?,
    Parameters<typeof createEventSubscription>[1]?,
    Parameters<typeof createEventSubscription>[2]?,
  ]
): EventSubscription {
  const subscription = createEventSubscription({ backend, ...what, ...more }, ...callbacks);
  open.push(subscription);
  return subscription;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a loop gets events and gaps in order, and asking for the next one deals with the one before", async () => {
  const backend = new Played();
  const subscription = subscribe(backend);
  backend.tell(opened);
  expect(subscription.state.kind).toBe("catching-up");
  expect(subscription.cursor).toBe("j-0");
  const reader = subscription[Symbol.asyncIterator]();
  const waiting = reader.next();
  await settle();
  backend.tell(anEvent("j-1"));
  backend.tell(aGap("j-2"));
  expect((await waiting).value).toMatchObject({ cursor: "j-1" });
  expect(backend.did).toEqual([]);
  expect((await reader.next()).value).toMatchObject({ type: "gap", cursor: "j-2" });
  expect(backend.did).toEqual(["ack j-1"]);
  expect(subscription.cursor).toBe("j-1");
});

test("the callback is waited for, and then the event is dealt with", async () => {
  const backend = new Played();
  const had: string[] = [];
  const hold = Promise.withResolvers<void>();
  const subscription = subscribe(backend, {}, async ({ cursor }) => {
    had.push(cursor);
    await hold.promise;
  });
  backend.tell(anEvent("j-1"));
  backend.tell(anEvent("j-2"));
  await settle();
  expect([had, backend.did]).toEqual([["j-1"], []]);
  hold.resolve();
  await settle();
  expect([had, subscription.cursor]).toEqual([["j-1", "j-2"], "j-2"]);
});

test("a reader that is behind pauses the backend, and a quarter of the queue resumes it", async () => {
  const backend = new Played();
  const subscription = subscribe(backend, { queueMax: 8 });
  backend.tell(opened);
  for (let n = 1; n <= 8; n++) backend.tell(anEvent(`j-${n}`));
  expect([backend.did, subscription.state.kind]).toEqual([["pause"], "paused"]);
  const reader = subscription[Symbol.asyncIterator]();
  for (let n = 1; n <= 5; n++) await reader.next();
  expect(backend.did).not.toContain("resume");
  await reader.next();
  expect(backend.did).toContain("resume");
  expect(subscription.state.kind).toBe("connecting");
});

test("a heartbeat moves the cursor only where nothing waits", async () => {
  const backend = new Played();
  const subscription = subscribe(backend);
  backend.tell(opened);
  backend.tell({ type: "heartbeat", time: "", cursor: "j-5" });
  expect(subscription.cursor).toBe("j-5");
  backend.tell(anEvent("j-6"));
  backend.tell({ type: "heartbeat", time: "", cursor: "j-9" });
  expect(subscription.cursor).toBe("j-5");
  const reader = subscription[Symbol.asyncIterator]();
  await reader.next();
  backend.tell({ type: "heartbeat", time: "", cursor: "j-9" });
  expect(subscription.cursor).toBe("j-5");
  void reader.next();
  await settle();
  backend.tell({ type: "heartbeat", time: "", cursor: "j-9" });
  expect(subscription.cursor).toBe("j-9");
  expect(backend.did).toEqual(["ack j-5", "ack j-6", "ack j-9"]);
});

test("a gap that is told late moves the cursor nowhere back", async () => {
  const backend = new Played();
  const subscription = subscribe(backend, { since: "j-9" }, () => undefined);
  backend.tell(aGap("j-5"));
  await settle();
  expect([subscription.cursor, backend.did]).toEqual(["j-9", []]);
  backend.tell(aGap("k-1", { cause: "cursor-lost" }));
  await settle();
  expect([subscription.cursor, backend.did]).toEqual(["k-1", ["ack k-1"]]);
});

test("a failure is a state while it is tried again, and an error after all that came before", async () => {
  const backend = new Played();
  const states: string[] = [];
  const subscription = subscribe(backend, { onState: ({ kind }) => states.push(kind) });
  const error = new SubscriberError("CONNECTION_LOST", "cut");
  backend.tell(opened);
  backend.tell({ type: "failed", error, retryInMs: 250 });
  expect(subscription.state).toEqual({ kind: "waiting", error, retryInMs: 250 });
  backend.tell(opened);
  backend.tell(anEvent("j-1"));
  const final = new SubscriberError("SCOPE_MISSING", "no");
  backend.tell({ type: "failed", error: final, retryInMs: undefined });
  backend.tell(anEvent("j-2"));
  const had: string[] = [];
  const reading = (async () => {
    for await (const { cursor } of subscription) had.push(cursor);
  })();
  await expect(reading).rejects.toBe(final);
  expect(had).toEqual(["j-1"]);
  expect(states).toEqual(["catching-up", "waiting", "catching-up", "closed"]);
});

test("onError hears of the end once, and of a callback that failed", async () => {
  const backend = new Played();
  const errors: SubscriberError[] = [];
  const cause = new Error("mine");
  const subscription = subscribe(
    backend,
    {},
    () => {
      throw cause;
    },
    (error) => errors.push(error),
  );
  backend.tell(anEvent("j-1"));
  backend.tell(anEvent("j-2"));
  await settle();
  expect(errors).toMatchObject([{ code: "READER_FAILED", cause }]);
  expect(subscription.state.kind).toBe("closed");
  // It is not dealt with, and comes again.
  expect(subscription.cursor).toBeUndefined();
  expect(backend.did).toEqual(["close"]);
});

test("a callback of states or notices that fails ends it, too", () => {
  const backend = new Played();
  const cause = new Error("mine");
  const subscription = subscribe(backend, {
    onNotice: () => {
      throw cause;
    },
  });
  backend.tell({ type: "notice", code: "ALIAS", message: "" });
  expect(subscription.state).toMatchObject({ error: { code: "READER_FAILED", cause } });
  expect(backend.did).toEqual(["close"]);
});

test("leaving the loop closes it; a second reader is refused", async () => {
  const backend = new Played();
  const subscription = subscribe(backend);
  backend.tell(anEvent("j-1"));
  for await (const { cursor } of subscription) if (cursor === "j-1") break;
  expect(subscription.state).toEqual({ kind: "closed", error: undefined });
  expect(backend.did).toEqual(["close"]);
  await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: "OPTION_INVALID",
  });
});

test("closing ends a loop that waits, without an error", async () => {
  const subscription = subscribe(new Played());
  const next = subscription[Symbol.asyncIterator]().next();
  await settle();
  await subscription[Symbol.asyncDispose]();
  expect(await next).toEqual({ done: true, value: undefined });
});

test("a second subscription to the same thing is refused, unless it is insisted on or the first is closed", () => {
  const backend = new Played();
  const first = subscribe(backend);
  const again = (): EventSubscription =>
    subscribe(backend, { filters: { divisions: ["self"] }, since: "j-5" });
  const refused = expect.objectContaining({ code: "DUPLICATE_SUBSCRIPTION" }) as Error;
  expect(again).toThrow(refused);
  const other = subscribe(backend, { filters: { divisions: ["self"], queueId: [] } });
  const second = subscribe(backend, { allowDuplicate: true });
  first.close();
  first.close();
  expect(again).toThrow(refused);
  second.close();
  expect(again()).toBeDefined();
  other.close();
});

test("subscribeAnalyticsEvents takes event types as metricIds, and knows no interval but realtime", async () => {
  const backend = new Played();
  const had: unknown[] = [];
  const options = { backend, metricIds: ["conversation.summary"] };
  open.push(
    subscribeAnalyticsEvents({ ...options, interval: "realtime" }, (data) => had.push(data)),
  );
  expect(backend.request).toMatchObject({
    eventTypes: ["conversation.summary"],
    filters: { divisions: ["self"] },
  });
  backend.tell(anEvent("j-1"));
  await settle();
  expect(had).toEqual([anEvent("j-1")]);
  // As a program without types may call it.
  const hourly = { ...options, interval: "PT1H" } as unknown as typeof options;
  expect(() => subscribeAnalyticsEvents(hourly)).toThrow(
    expect.objectContaining({ code: "INTERVAL_UNKNOWN" }) as Error,
  );
});

test.each([
  ["queueMax", { queueMax: 0 }, undefined, undefined],
  ["onError without onData", {}, undefined, () => undefined],
])("%s that makes no sense is refused at once", (_, more, onData, onError) => {
  expect(() => subscribe(new Played(), more, onData, onError)).toThrow(
    expect.objectContaining({ code: "OPTION_INVALID" }) as Error,
  );
});
