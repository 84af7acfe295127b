import { expect, test } from "vitest";
import type { BackendRequest, Flow, Told } from "../backend.ts";
import { isSubscriberError } from "../errors.ts";
import { aGap, anEvent, subscribedAt } from "../testing/messages.ts";
import { createStage, jsonAnswer, type Stage } from "../testing/stage.ts";
import { gateway, type GatewayOptions } from "./gateway.ts";

const request: BackendRequest = {
  eventTypes: ["user:presence"],
  filters: { divisions: ["self"] },
  since: undefined,
  onCursorTooOld: "gap",
  consumer: undefined,
};
const access = { clientId: "wallboard", clientSecret: "sesame" };
const url = "https://relay.example";

interface Opened {
  readonly stage: Stage;
  readonly told: Told[];
  readonly flow: Flow;
}

async function open(
  more: Partial<BackendRequest> = {},
  options: Partial<GatewayOptions> = {},
  stage = createStage(),
): Promise<Opened> {
  const told: Told[] = [];
  const backend = gateway({ url, access, ports: stage.ports, ...options });
  const flow = backend.open({ ...request, ...more }, (each) => told.push(each));
  expect(told).toEqual([]);
  await stage.pass(0);
  return { stage, told, flow };
}

/** As `open`, and subscribed. */
async function live(...args: Parameters<typeof open>): Promise<Opened> {
  const opened = await open(...args);
  greet(opened.stage);
  return opened;
}

function greet(stage: Stage, cursor = "j-7"): void {
  stage.last.listener.opened();
  stage.last.say({ type: "heartbeat", time: "" });
  stage.last.say({ type: "auth-success", clientId: "wallboard", scopes: [], expires: "" });
  stage.last.say(subscribedAt(cursor));
}

function refusal(code: string, more: object = {}): object {
  return { type: "error", code, message: "so", help: "do", details: [], contextId: "c-1", ...more };
}

/** What was told last of a failure: its code, and when it is tried again. */
function failure(told: readonly Told[]): readonly [string, number | undefined] | undefined {
  const last = told.findLast((each) => each.type === "failed");
  return last === undefined ? undefined : [last.error.code, last.retryInMs];
}

test("gets a token, dials, and says token and subscription at once", async () => {
  const { stage, told } = await live({ since: "j-7" });
  expect(stage.asked).toEqual(["POST https://relay.example/oauth/token"]);
  expect(stage.last.url).toBe("wss://relay.example/api/v2/analytics/events");
  expect(stage.last.sent).toEqual([
    { type: "auth", data: { token: "token-1" } },
    { eventTypes: ["user:presence"], filters: { divisions: ["self"] }, since: "j-7" },
  ]);
  expect(told).toEqual([
    { type: "opened", cursor: "j-7", coverage: { topics: { live: 1 }, notLive: [] }, notices: [] },
  ]);
});

test("after a cut it goes on after the last cursor, by event or by heartbeat", async () => {
  const { stage, told } = await live();
  stage.last.say(anEvent("j-8"));
  stage.last.say({ type: "heartbeat", time: "", cursor: "j-12" });
  stage.last.listener.lost(1006, "");
  expect(failure(told)).toEqual(["CONNECTION_LOST", 250]);
  await stage.pass(250);
  expect(stage.sockets).toHaveLength(2);
  stage.last.listener.opened();
  expect(stage.last.sent[1]).toMatchObject({ since: "j-12" });
  // The token is still good.
  expect(stage.asked).toHaveLength(1);
});

test("what a dead socket still says is not heard", async () => {
  const { stage, told } = await live();
  const [dead] = stage.sockets;
  dead?.listener.lost(1006, "");
  dead?.say(anEvent("j-8"));
  expect(told.map(({ type }) => type)).toEqual(["opened", "failed"]);
});

test("waits between connections grow to a ceiling, and so many are tried in a minute", async () => {
  const { stage, told } = await open({}, { policy: { attemptsMax: 8 } });
  stage.answer = (asked) =>
    asked.endsWith("/token")
      ? jsonAnswer(200, { access_token: "t", expires_in: 3_600 })
      : jsonAnswer(405, { code: "METHOD_NOT_ALLOWED" });
  const waits: (number | undefined)[] = [];
  for (let n = 0; n < 9; n++) {
    stage.last.listener.lost(1006, "");
    await stage.pass(0);
    const [code, retryInMs] = failure(told) ?? [];
    expect(code).toBe("GATEWAY_UNREACHABLE");
    waits.push(retryInMs);
    await stage.pass(retryInMs ?? 0);
  }
  expect(waits.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000]);
  // The ninth has to wait until the first is a minute old.
  expect(waits[7]).toBe(60_000 - 30_750);
  const firstMs = stage.clock.monotonicMs();
  expect(firstMs).toBeGreaterThanOrEqual(60_000);
});

test.each([
  ["TOKEN_EXPIRED", 4401],
  ["TOKEN_INVALID", 4401],
])("after %s another token is got at once", async (code, close) => {
  const { stage, told } = await live();
  stage.last.say(refusal(code));
  stage.last.listener.lost(close, code);
  expect(failure(told)).toEqual([code, 0]);
  await stage.pass(0);
  greet(stage);
  expect(stage.last.sent[0]).toEqual({ type: "auth", data: { token: "token-2" } });
});

test("a third token in a row that is refused is the end", async () => {
  const { stage, told } = await open();
  for (let n = 0; n < 3; n++) {
    stage.last.listener.opened();
    stage.last.say(refusal("TOKEN_INVALID"));
    await stage.pass(1_000);
  }
  expect(failure(told)).toEqual(["TOKEN_INVALID", undefined]);
  expect(stage.sockets).toHaveLength(3);
});

test.each([
  ["SCOPE_MISSING", 4403],
  ["CONSUMER_REPLACED", 4409],
  ["CLIENT_UNKNOWN", 4401],
  ["SUBSCRIPTION_UNKNOWN", 4400],
  ["EVENT_TYPE_UNKNOWN", undefined],
  ["FILTERS_MISSING", undefined],
])("%s is final, and said with the gateway's own words", async (code, close) => {
  const { stage, told } = await open();
  stage.last.listener.opened();
  stage.last.say(refusal(code));
  if (close !== undefined) stage.last.listener.lost(close, code);
  await stage.pass(600_000);
  expect(stage.sockets).toHaveLength(1);
  expect(stage.last.isClosed).toBe(true);
  const last = told.at(-1);
  expect(last).toMatchObject({ type: "failed", retryInMs: undefined });
  const { error } = last as Extract<Told, { type: "failed" }>;
  expect(isSubscriberError(error)).toBe(true);
  expect(error).toMatchObject({ code, message: "so", help: "do", contextId: "c-1" });
});

test.each([
  [4400, "MESSAGE_UNKNOWN", undefined],
  [4403, "SCOPE_MISSING", undefined],
  [4409, "CONSUMER_REPLACED", undefined],
  [4408, "SILENT", 250],
  [4429, "TOO_FAST", 250],
  [4503, "UNAVAILABLE", 250],
  [4401, "TOKEN_INVALID", 0],
  [1011, "CONNECTION_LOST", 250],
] as const)("a close %i without an error is %s", async (close, code, retryInMs) => {
  const { stage, told } = await live();
  stage.last.listener.lost(close, "");
  expect(failure(told)).toEqual([code, retryInMs]);
});

test.each([
  ["an error", refusal("CONNECTIONS_FULL", { retryAfterMs: 10_000 })],
  [
    "an announced close",
    { type: "closing", code: "SHUTTING_DOWN", message: "", inMs: 500, retryAfterMs: 10_000 },
  ],
])("%s says how long to wait, and that is obeyed", async (_, message) => {
  const { stage, told } = await live();
  stage.last.say(message);
  // Until it closes, events come.
  stage.last.say(anEvent("j-8"));
  stage.last.listener.lost(4503, "SHUTTING_DOWN");
  expect(failure(told)?.[1]).toBe(10_250);
});

test("the end of the token is announced: a new one goes over the same socket", async () => {
  const { stage, told } = await live();
  stage.last.say({ type: "notice", code: "TOKEN_EXPIRES", message: "" });
  await stage.pass(0);
  expect(stage.last.sent.slice(2)).toEqual([{ type: "auth", data: { token: "token-2" } }]);
  expect(stage.sockets).toHaveLength(1);
  expect(told.map(({ type }) => type)).toEqual(["opened"]);
});

test("a renewal that fails is tried again while the token lives", async () => {
  const { stage } = await live();
  stage.answer = () => jsonAnswer(503, {});
  stage.last.say({ type: "notice", code: "TOKEN_EXPIRES", message: "" });
  await stage.pass(4_999);
  expect(stage.asked).toHaveLength(2);
  stage.answer = () => jsonAnswer(200, { access_token: "late", expires_in: 3_600 });
  await stage.pass(1);
  expect(stage.last.sent.at(-1)).toEqual({ type: "auth", data: { token: "late" } });
});

test("a token that is announced to end as soon as it is there is not renewed in a rush", async () => {
  const { stage } = await live();
  for (let n = 0; n < 100; n++) {
    stage.last.say({ type: "notice", code: "TOKEN_EXPIRES", message: "" });
    await stage.pass(100);
  }
  expect(stage.asked.length).toBeLessThanOrEqual(4);
});

test("silence is asked about, and then is the end of the connection", async () => {
  const { stage, told } = await live();
  await stage.pass(19_999);
  expect(stage.last.sent).toHaveLength(2);
  await stage.pass(1);
  expect(stage.last.sent.at(-1)).toEqual({ type: "keepalive" });
  await stage.pass(14_999);
  expect(failure(told)).toBeUndefined();
  await stage.pass(1);
  expect(failure(told)?.[0]).toBe("GATEWAY_SILENT");
  expect(stage.sockets[0]?.isClosed).toBe(true);
});

test("who says something is there", async () => {
  const { stage, told } = await live();
  for (let n = 0; n < 10; n++) {
    await stage.pass(15_000);
    stage.last.say({ type: "heartbeat", time: "", cursor: "j-7" });
  }
  expect(failure(told)).toBeUndefined();
  expect(stage.last.sent).toHaveLength(2);
});

test.each([
  ["a socket that does not open", 15_000, "GATEWAY_UNREACHABLE", () => undefined],
  [
    "a subscription that is not answered",
    45_000,
    "GATEWAY_SILENT",
    ({ last }: Stage) => last.listener.opened(),
  ],
])("%s is given up", async (_, ms, code, before) => {
  const { stage, told } = await open();
  before(stage);
  await stage.pass(ms - 1);
  expect(failure(told)).toBeUndefined();
  await stage.pass(1);
  expect(failure(told)?.[0]).toBe(code);
  expect(stage.sockets[0]?.isClosed).toBe(true);
});

test("a socket that could not open asks why, and a host or origin that may not is final", async () => {
  const { stage, told } = await open();
  stage.answer = () => jsonAnswer(421, { code: "HOST_FORBIDDEN", message: "Not by that name." });
  stage.last.listener.lost(1006, "");
  await stage.pass(0);
  expect(stage.asked.at(-1)).toBe("GET https://relay.example/api/v2/analytics/events");
  expect(failure(told)).toEqual(["HOST_FORBIDDEN", undefined]);
});

test("a cursor that leads nowhere becomes a gap, and what comes from now on follows it", async () => {
  const { stage, told } = await open({ since: "other-3" });
  stage.last.listener.opened();
  stage.last.say(refusal("CURSOR_FOREIGN"));
  expect(stage.last.sent.at(-1)).toEqual({
    eventTypes: ["user:presence"],
    filters: { divisions: ["self"] },
  });
  stage.last.say(subscribedAt("j-7"));
  stage.last.say(anEvent("j-8"));
  expect(told.map(({ type }) => type)).toEqual(["opened", "gap", "event"]);
  expect(told[1]).toMatchObject({ cause: "cursor-lost", cursor: "j-7", certainty: "possible" });
});

test("where that is not wanted it is an error", async () => {
  const { stage, told } = await open({ since: "other-3", onCursorTooOld: "error" });
  stage.last.listener.opened();
  stage.last.say(refusal("CURSOR_FOREIGN"));
  expect(failure(told)).toEqual(["CURSOR_TOO_OLD", undefined]);
});

test("nor then are events that were not kept", async () => {
  const { stage, told } = await live({ since: "j-3", onCursorTooOld: "error" });
  stage.last.say(aGap("j-5", { cause: "retention", message: "No longer kept." }));
  expect(told.at(-1)).toMatchObject({
    error: { code: "CURSOR_TOO_OLD", message: "No longer kept." },
    retryInMs: undefined,
  });
});

test("what stops nothing is a notice", async () => {
  const { stage, told } = await live();
  stage.last.say({ type: "notice", code: "ALIAS", message: "m" });
  stage.last.say(refusal("FIELD_UNKNOWN"));
  stage.last.say({ type: "something-new" });
  stage.last.say({ topicName: "channel.metadata", eventBody: { message: "pong" } });
  expect(told.slice(1)).toEqual([
    { type: "notice", code: "ALIAS", message: "m" },
    { type: "notice", code: "FIELD_UNKNOWN", message: "so", help: "do" },
  ]);
});

test("codes of a later gateway are taken as well as can be", async () => {
  const { stage, told } = await open();
  stage.last.listener.opened();
  stage.last.say({ type: "closing", code: "SOMETHING_NEW", message: "bye", inMs: 1 });
  expect(told.at(-1)).toMatchObject({
    error: { code: "SHUTTING_DOWN", message: expect.stringContaining("bye") as string },
  });
  await stage.pass(1_000);
  stage.last.listener.opened();
  stage.last.say(refusal("SOMETHING_NEWER", { retryAfterMs: 1_000 }));
  expect(failure(told)?.[1]).toBeGreaterThanOrEqual(1_000);
  await stage.pass(3_000);
  stage.last.listener.opened();
  stage.last.say(refusal("SOMETHING_NEWEST"));
  expect(failure(told)).toEqual(["MESSAGE_UNKNOWN", undefined]);
});

test("what the new token may not read ends the subscription", async () => {
  const { stage, told } = await live();
  stage.last.say(refusal("EVENT_TYPE_FORBIDDEN", { id: "subscription-1" }));
  expect(failure(told)).toEqual(["EVENT_TYPE_FORBIDDEN", undefined]);
});

test("what is no message ends the connection, not the subscription", async () => {
  const { stage, told } = await live();
  stage.last.listener.heard("<html>");
  expect(failure(told)).toEqual(["ANSWER_UNREADABLE", 250]);
});

test("paused, it has no socket and wakes nobody; resumed, it goes on after the last event", async () => {
  const { stage, told, flow } = await live();
  stage.last.say(anEvent("j-8"));
  flow.pause();
  expect(stage.last.isClosed).toBe(true);
  stage.last.say(anEvent("j-9"));
  await stage.pass(3_600_000);
  expect(told.map(({ type }) => type)).toEqual(["opened", "event"]);
  expect(stage.sockets).toHaveLength(1);
  flow.resume();
  await stage.pass(0);
  stage.last.listener.opened();
  expect(stage.last.sent[1]).toMatchObject({ since: "j-8" });
});

test("a durable consumer is named in the URL, and its acks are gathered", async () => {
  const { stage, flow } = await live({ consumer: "board" });
  expect(stage.last.url).toBe("wss://relay.example/api/v2/analytics/events?consumer=board");
  for (const n of [8, 9, 10]) {
    stage.last.say(anEvent(`j-${n}`));
    flow.ack(`j-${n}`);
  }
  await stage.pass(1_000);
  expect(stage.last.sent.slice(2)).toEqual([{ type: "ack", cursor: "j-10" }]);
  flow.ack("j-11");
  flow.close();
  expect(stage.last.sent.at(-1)).toEqual({ type: "ack", cursor: "j-11" });
  expect(stage.last.isClosed).toBe(true);
});

test("closed, it says nothing, and leaves no timer behind", async () => {
  const { stage, told, flow } = await live();
  flow.close();
  stage.sockets[0]?.say(anEvent("j-8"));
  stage.sockets[0]?.listener.lost(1000, "");
  await stage.pass(600_000);
  expect(told.map(({ type }) => type)).toEqual(["opened"]);
  expect(stage.clock.timers).toBe(0);
});

test.each([
  ["no URL", "relay", /no URL/u],
  ["another protocol", "ftp://relay.example", /ftp:/u],
  ["a token in it", "https://relay.example/?access_token=abc", /secret/u],
  ["a password in it", "https://me:secret@relay.example", /secret/u],
])("a url that is or has %s is refused at once", (_, wrong, why) => {
  const making = (): unknown => gateway({ url: wrong, access });
  expect(making).toThrow(why);
  expect(making).not.toThrow(/abc|me:/u);
});

test("a fixed token that is refused is the end, with a remedy", async () => {
  const { stage, told } = await live({}, { access: "fixed" });
  stage.last.say(refusal("TOKEN_EXPIRED"));
  await stage.pass(0);
  expect(told.at(-1)).toMatchObject({
    error: { code: "TOKEN_EXPIRED", help: expect.stringContaining("clientSecret") as string },
  });
});
