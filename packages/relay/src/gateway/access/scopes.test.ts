import { expect, test } from "vitest";
import { ruledName, mayConnect, readingOf, splitScopes } from "./scopes.ts";

const user = "1b3f0c9e-6f0a-4d53-9a8e-0c1d2e3f4a5b";

test.each([
  ["analytics:events:read", true],
  ["notification:websocket:read", true],
  ["view:notification", true],
  ["notification:subscribe", true],
  ["view:conversation", false],
  ["conversation:view", false],
  ["something:else", false],
])("%s grants to connect: %s", (scope, may) => {
  expect(mayConnect([scope])).toBe(may);
  expect(mayConnect(["x", scope])).toBe(may);
});

const all = { client: { eventTypes: undefined }, eventTypeScopes: {} };

test.each([
  ["analytics:events:read", "conversation:updated", true],
  ["analytics:events:read", "user:presence", true],
  ["view:conversation", "conversation:updated", true],
  ["conversation:view", "conversation:all", true],
  ["view:conversation", "conversation:conversation:updated", true],
  ["view:conversation", "v2.routing.queues.{id}.conversations", true],
  ["view:conversation", "v2.users.{id}.conversations.calls", true],
  ["view:conversation", "v2.detail.events.conversation.{id}.acd.start", true],
  ["view:conversation", "user:presence", false],
  ["view:conversation", "conversation.summary", false],
  ["view:conversation", "v2.users.{id}.presence", false],
  ["view:notification", "conversation:updated", false],
])("with %s, reading %s: %s", (scope, eventType, may) => {
  expect(readingOf(all)([scope], eventType)).toBe(may);
});

test("a client may read its own event types alone, by whatever name they are asked for", () => {
  const eventTypes = ["conversation:conversation:updated", "v2.users.{id}.presence"];
  const reads = readingOf({ ...all, client: { eventTypes } });
  const mayRead = (type: string): boolean => reads(["analytics:events:read"], type);
  expect(mayRead("conversation:updated")).toBe(true);
  expect(mayRead(`v2.users.${user}.presence`)).toBe(true);
  expect(mayRead("conversation:ended")).toBe(false);
  expect(mayRead(`v2.users.${user}.routingStatus`)).toBe(false);
});

test("who may read all events of conversations may read each kind of them", () => {
  const client = { eventTypes: ["conversation:all"] };
  const reads = readingOf({ ...all, client });
  const mayRead = (type: string): boolean => reads(["analytics:events:read"], type);
  expect(mayRead("conversation:ended")).toBe(true);
  expect(mayRead("conversation.summary")).toBe(false);
});

test("an event type may ask for another scope besides", () => {
  const rules = { ...all, eventTypeScopes: { "user:presence": "presence:read" } };
  const mayRead = readingOf(rules);
  expect(mayRead(["analytics:events:read"], "user:presence")).toBe(false);
  expect(mayRead(["presence:read"], "user:presence")).toBe(false);
  const both = ["analytics:events:read", "presence:read"];
  expect(mayRead(both, "user:presence")).toBe(true);
  expect(mayRead(both, "user:routingStatus")).toBe(true);
});

test("names that are none of the vocabulary stay as they are", () => {
  expect(ruledName("toString")).toBe("toString");
  expect(ruledName("nothing:known")).toBe("nothing:known");
  expect(ruledName(`v2.new.${user}.things`)).toBe("v2.new.{id}.things");
  expect(ruledName("interaction:updated")).toBe("conversation:updated");
  expect(ruledName(`V2.users.${user.toUpperCase()}.presence`)).toBe("v2.users.{id}.presence");
});

test("scopes are split at spaces, each once", () => {
  expect(splitScopes(" a  b a ")).toEqual(["a", "b"]);
  expect(splitScopes("")).toEqual([]);
});
