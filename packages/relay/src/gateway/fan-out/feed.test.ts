import {
  canonical,
  emptyOrganisation,
  readClientMessage,
  type Organisation,
} from "@trunkline/events";
import { describe, expect, test } from "vitest";
import { sampleEvent, sampleGap } from "../../testing/sample-entries.ts";
import { namedTopicsMax } from "../limits.ts";
import type { OrganisationOf } from "./concerns.ts";
import { createFeed, type Feed, type FeedShape } from "./feed.ts";

const canonicalName = (name: string): string => canonical(name) ?? name;

type Told = Readonly<Record<string, unknown>>;

function feedOf(
  message: object,
  more: Partial<Pick<FeedShape, "format" | "trunks">> = {},
  organisationOf: OrganisationOf = () => undefined,
): Feed {
  const read = readClientMessage({ filters: { divisions: ["self"] }, ...message }).message;
  if (read?.kind !== "subscribe") throw new Error("not a subscription");
  const { subscription, id, written } = read;
  const shape = {
    subscription,
    id,
    written,
    format: "events",
    trunks: undefined,
    ...more,
  } as const;
  return createFeed(shape, canonicalName, organisationOf);
}

function told(text: string | undefined): Told | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Told);
}

const presence = { eventTypes: ["user:presence"] };
const user = "11111111-1111-4111-8111-111111111111";
const event = sampleEvent(7, { types: ["user:presence"] });
const topicOf = (n: number): string =>
  `v2.users.${`${n}`.padStart(8, "0")}-1111-4111-8111-111111111111.presence`;

test("an event that cannot be looked at is told as a gap in its place, and once to whoever mends it", () => {
  const read = readClientMessage({
    eventTypes: ["user:presence"],
    filters: { "user:presence": [{ field: "mediaType", operator: "eq", values: ["voice"] }] },
  }).message;
  if (read?.kind !== "subscribe") throw new Error("not a subscription");
  const { subscription, id, written } = read;
  const errors: unknown[] = [];
  const shape = { subscription, id, written, format: "events", trunks: undefined } as const;
  const feed = createFeed(
    shape,
    canonicalName,
    () => undefined,
    (error) => errors.push(error),
  );
  const raw = '{"topicName":"t","eventBody":{broken}}';
  const bad = sampleEvent(9, { types: ["user:presence"], topic: topicOf(1), raw });
  expect(told(feed.messageOf(bad))).toMatchObject({
    type: "gap",
    cause: "malformed",
    topicCount: 1,
  });
  expect(errors).toHaveLength(1);
});

describe("an event", () => {
  test("is told with its place, its time and its body, to the letter", () => {
    const text = feedOf(presence).messageOf(event);
    expect(told(text)).toEqual({
      type: "event",
      cursor: "sample-7",
      id: "sample-7",
      eventType: "user:presence",
      topic: event.topic,
      entityId: user,
      time: new Date(event.receivedAtMs).toISOString(),
      source: "live",
      data: { number: 7, note: "swordfish" },
    });
  });

  test("names the subscription where the client has named it", () => {
    expect(told(feedOf({ ...presence, id: 'a "b"' }).messageOf(event))).toMatchObject({
      subscriptionId: 'a "b"',
    });
  });

  test("says where it may be there twice", () => {
    const twice = { ...event, maybeDuplicate: true };
    expect(told(feedOf(presence).messageOf(twice))).toMatchObject({ maybeDuplicate: true });
  });

  test("has its type as it was written", () => {
    const conversation = sampleEvent(8, {
      types: ["conversation:all", "conversation:updated"],
      topic: `v2.routing.queues.${user}.conversations`,
    });
    const name = (eventTypes: readonly string[]): unknown =>
      told(feedOf({ eventTypes }).messageOf(conversation))?.["eventType"];
    expect(name(["conversation:conversation:updated"])).toBe("conversation:conversation:updated");
    expect(name(["conversation:updated"])).toBe("conversation:updated");
    expect(name(["conversation:all"])).toBe("conversation:all");
    expect(name(["conversation:updated", "interaction:updated"])).toBe("conversation:updated");
    expect(name(["interaction:updated", "conversation:updated"])).toBe("interaction:updated");
  });

  test("of another type, topic or trunk is none of its business", () => {
    expect(feedOf({ eventTypes: ["user:routingStatus"] }).messageOf(event)).toBeUndefined();
    expect(feedOf(presence, { trunks: ["other"] }).messageOf(event)).toBeUndefined();
    expect(feedOf(presence, { trunks: ["main"] }).messageOf(event)).toBeDefined();
    expect(feedOf(presence, { trunks: [] }).messageOf(event)).toBeUndefined();
  });

  test("whose entity and body are not known is told all the same", () => {
    const bare = { ...event, entity: undefined, raw: '{"topicName":"t"}' };
    expect(told(feedOf(presence).messageOf(bare))).toMatchObject({ entityId: null, data: null });
  });

  test("comes as it came where that is asked for", () => {
    expect(feedOf(presence, { format: "genesys" }).messageOf(event)).toBe(event.raw);
  });
});

describe("a gap", () => {
  test("is told with those of its topics that matter, under its own id", () => {
    const topics = [topicOf(1), `v2.users.${user}.routingStatus`, topicOf(2)];
    const gap = sampleGap(9, { topics, state: "closed", toMs: Date.UTC(2026, 10, 21, 13) });
    expect(told(feedOf({ ...presence, id: "mine" }).messageOf(gap))).toMatchObject({
      type: "gap",
      cursor: "sample-9",
      id: "gap-1",
      subscriptionId: "mine",
      eventTypes: ["user:presence"],
      topics: [topicOf(1), topicOf(2)],
      topicCount: 2,
      from: "2026-11-21T12:00:00.000Z",
      to: "2026-11-21T13:00:00.000Z",
      cause: "cut",
      certainty: "possible",
      state: "closed",
    });
  });

  test("that is open has no end", () => {
    expect(told(feedOf(presence).messageOf(sampleGap(9)))).toMatchObject({ to: null });
  });

  test("of other topics, or of a trunk that is not visible, is none of its business", () => {
    const gap = sampleGap(9);
    expect(feedOf({ eventTypes: ["user:routingStatus"] }).messageOf(gap)).toBeUndefined();
    expect(feedOf(presence, { trunks: ["other"] }).messageOf(gap)).toBeUndefined();
  });

  test("that names no topic concerns everybody", () => {
    expect(told(feedOf(presence).messageOf(sampleGap(9, { topics: [] })))).toMatchObject({
      topics: [],
      topicCount: 0,
    });
  });

  test("of very many topics names some, and counts all", () => {
    const topics = Array.from({ length: 500 }, (_, n) => topicOf(n));
    const message = told(feedOf(presence).messageOf(sampleGap(9, { topics })));
    expect(message).toMatchObject({ topicCount: 500, topics: topics.slice(0, namedTopicsMax) });
  });
});

test("those who subscribe alike share a feed, and nobody else", () => {
  const keys = [
    feedOf(presence),
    feedOf({ ...presence, id: "mine" }),
    feedOf({ eventTypes: ["user:routingStatus"] }),
    feedOf(presence, { format: "genesys" }),
    feedOf(presence, { trunks: ["main"] }),
    feedOf(presence, { trunks: [] }),
    feedOf({ ...presence, filters: { userId: user } }),
  ].map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(feedOf({ eventTypes: ["user:presence"] }).key).toBe(keys[0]);
});

describe("what the organisation decides", () => {
  const home = "99999999-1111-4111-8111-111111111111";
  const queue = "88888888-1111-4111-8111-111111111111";
  const ofDivision = { ...presence, filters: { divisions: [home] } };
  const ofMembers = { ...presence, filters: { queueId: [queue] } };
  const inDivision: Organisation = {
    ...emptyOrganisation,
    users: new Map([[user, { id: user, name: undefined, divisionId: home }]]),
  };
  const joined: Organisation = {
    ...emptyOrganisation,
    members: new Map([[queue, new Set([user])]]),
  };

  test.each([
    ["a division", ofDivision, inDivision],
    ["the members of a queue", ofMembers, joined],
  ])("%s: events and gaps are as it is known then, and of that trunk", (_, message, known) => {
    let organisation: Organisation = emptyOrganisation;
    const feed = feedOf(message, {}, (trunk) => (trunk === "main" ? organisation : undefined));
    const gap = sampleGap(8, { topics: [event.topic, topicOf(7)] });
    expect([feed.messageOf(event), feed.messageOf(gap)]).toEqual([undefined, undefined]);
    organisation = known;
    expect(told(feed.messageOf(event))).toMatchObject({ type: "event", topic: event.topic });
    expect(told(feed.messageOf(gap))).toMatchObject({ topics: [event.topic], topicCount: 1 });
    organisation = emptyOrganisation;
    expect([feed.messageOf(event), feed.messageOf(gap)]).toEqual([undefined, undefined]);
  });

  test("what one trunk's organisation has is none of another's", () => {
    const feed = feedOf(ofDivision, {}, (trunk) =>
      trunk === "other" ? inDivision : emptyOrganisation,
    );
    expect(feed.messageOf(event)).toBeUndefined();
    expect(feed.messageOf({ ...event, trunk: "other" })).toBeDefined();
    expect(feed.concerns(event.topic, "main")).toBe(false);
    expect(feed.concerns(event.topic, "other")).toBe(true);
  });

  test("is said by the feed, so that nobody reads before it is known", () => {
    expect(feedOf(ofDivision).asksOrganisation).toBe(true);
    expect(feedOf(presence).asksOrganisation).toBe(false);
  });
});
