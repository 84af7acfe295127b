import type { NotificationEvent } from "@trunkline/client";
import { endedKeptMs } from "@trunkline/events";
import { createDice } from "@trunkline/testkit";
import { describe, expect, test } from "vitest";
import type { EventDraft, EventEntry } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import { gapCloses, gapOpens, notification, subscribed } from "../testing/fake-client.ts";
import { MemoryStage } from "../testing/journal-stage.ts";
import { Conversations, type Derived } from "./conversations.ts";
import { createRedactor } from "./redaction.ts";

const topic = "v2.routing.queues.Q1.conversations";
const userTopic = "v2.users.u1.conversations";
const [created, updated, ended] = [
  "conversation:created",
  "conversation:updated",
  "conversation:ended",
] as const;

function snapshot(id: string, startMs: number, more: object = {}, endMs?: number): object {
  const endTime = endMs === undefined ? {} : { endTime: new Date(endMs).toISOString() };
  const connectedTime = new Date(startMs).toISOString();
  return { id, participants: [{ id: "p", connectedTime, ...endTime, ...more }] };
}

function take(conversations: Conversations, event: NotificationEvent): Derived | undefined {
  return conversations.derive(event, event.raw);
}

function typesOf(conversations: Conversations, event: NotificationEvent): readonly string[] {
  return take(conversations, event)?.derived ?? [];
}

describe("whether a first snapshot is the beginning", () => {
  const at = (id: string, startMs: number): NotificationEvent =>
    notification(topic, 10_000, snapshot(id, startMs));

  test("is not known before the topic is carried", () => {
    expect(typesOf(new Conversations(), at("a", 9_000))).toEqual([updated]);
  });

  test("is told where it began since the topic is carried without a gap", () => {
    const conversations = new Conversations();
    conversations.note(subscribed([topic.toLowerCase(), "v2.users.u1.presence"], 5_000));
    expect(typesOf(conversations, at("a", 5_000))).toEqual([created]);
    expect(typesOf(conversations, at("b", 4_999))).toEqual([updated]);
    // Another line has it too, or it was confirmed once more: nothing was missed.
    conversations.note(subscribed([topic], 8_000));
    expect(typesOf(conversations, at("c", 6_000))).toEqual([created]);
  });

  test.each([
    ["a gap with what is carried no more", gapOpens("g", [topic], 6_000)],
    ["a gap alone", gapOpens("g", [topic], 6_000).slice(0, 1)],
  ])("is not told in or before %s", (_, opens) => {
    const conversations = new Conversations();
    conversations.note(subscribed([topic], 5_000));
    for (const event of opens) conversations.note(event);
    expect(typesOf(conversations, at("a", 9_999))).toEqual([updated]);
    for (const event of gapCloses("g", [topic], 6_000, 8_000)) conversations.note(event);
    expect(typesOf(conversations, at("b", 7_999))).toEqual([updated]);
    expect(typesOf(conversations, at("c", 8_000))).toEqual([created]);
  });
});

test("what is known of a conversation changes with what is new, and with nothing else", () => {
  const conversations = new Conversations();
  conversations.note(subscribed([topic, userTopic], 0));
  const first = take(conversations, notification(topic, 10, snapshot("a", 1)));
  expect(first?.conversations).toMatchObject([{ id: "a", touchedMs: 10 }]);
  const again = take(conversations, notification(topic, 20, snapshot("a", 1)));
  expect(again).toEqual({ derived: [], conversations: undefined });
  const other = take(conversations, notification(userTopic, 30, snapshot("a", 1)));
  expect(other).toMatchObject({ derived: [], conversations: [{ id: "a", touchedMs: 30 }] });
  const joined = { ...notification("v2.routing.queues.q1.users", 1, { joined: false }) };
  expect(take(conversations, joined)).toEqual({
    derived: ["routing.queueMemberRemoved"],
    conversations: undefined,
  });
  expect(take(conversations, notification("v2.users.u1.presence", 1, { id: "a" }))).toBeUndefined();
});

describe("it forgets", () => {
  test("what ended a day ago, and not what is under way", () => {
    const conversations = new Conversations();
    take(conversations, notification(topic, 10, snapshot("open", 1)));
    take(conversations, notification(topic, 20, snapshot("ended", 1, {}, 19)));
    const late = notification(topic, 20 + endedKeptMs, snapshot("b", 1));
    expect(take(conversations, late)?.conversations).toHaveLength(1);
    const later = notification(topic, 21 + endedKeptMs, snapshot("c", 1));
    expect(take(conversations, later)?.conversations).toMatchObject([
      { id: "c" },
      { id: "ended", state: undefined },
    ]);
    expect(conversations.size).toBe(3);
  });

  test("beyond its limit the oldest, ended ones first", () => {
    const conversations = new Conversations(3);
    const gone: string[] = [];
    const tell = (id: string, atMs: number, endMs?: number): void => {
      const event = notification(topic, atMs, snapshot(id, 1, {}, endMs));
      const changes = take(conversations, event)?.conversations ?? [];
      gone.push(...changes.filter(({ state }) => state === undefined).map((change) => change.id));
    };
    tell("a", 1);
    tell("b", 2, 2);
    tell("c", 3);
    tell("a", 4, 4);
    tell("d", 5);
    expect(gone).toEqual(["b"]);
    tell("e", 6);
    tell("f", 7);
    expect(gone).toEqual(["b", "a", "c"]);
    expect(conversations.size).toBe(3);
  });
});

describe("redaction comes first", () => {
  const rules = [{ topics: [topic], paths: ["$.eventBody.participants[*].attributes"] }];
  const redact = createRedactor(rules);
  const secret = (text: string): NotificationEvent =>
    notification(topic, 10, snapshot("a", 1, { attributes: { card: text } }));

  test("nothing that it takes out can be told from what is kept, nor is it a change", () => {
    const kept = ["4111", "5500"].map((text) => {
      const event = secret(text);
      return JSON.stringify(new Conversations().derive(event, redact(topic, event.raw)));
    });
    expect(kept[0]).toBe(kept[1]);
    const open = ["4111", "5500"].map((text) =>
      JSON.stringify(take(new Conversations(), secret(text))),
    );
    expect(open[0]).not.toBe(open[1]);
    const conversations = new Conversations();
    const [first, second] = [secret("4111"), secret("5500")];
    conversations.derive(first, redact(topic, first.raw));
    expect(conversations.derive(second, redact(topic, second.raw))?.derived).toEqual([]);
  });

  test("without its id a conversation is not known", () => {
    const withoutId = createRedactor([{ topics: [topic], paths: ["$.eventBody.id"] }]);
    const event = notification(topic, 10, snapshot("a", 1));
    const conversations = new Conversations();
    expect(conversations.derive(event, withoutId(topic, event.raw))?.derived).toEqual([]);
    expect(conversations.size).toBe(0);
  });
});

/** Kills at any point: what is stored is what one run without an end would have derived of what is stored. */
test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  "after kills nothing is derived twice or not at all (seed %i)",
  async (seed) => {
    const dice = createDice(seed);
    const stage = new MemoryStage();
    let atMs = 1_000;
    let journal: Journal | undefined;
    for (let run = 0; run < 12; run++) {
      journal = await stage.open();
      const conversations = await begin(journal);
      const calls = 1 + Math.floor(dice.random() * 6);
      for (let call = 0; call < calls; call++) {
        const drafts = Array.from({ length: 1 + Math.floor(dice.random() * 5) }, () => {
          const id = `c${Math.floor(dice.random() * 4)}`;
          const step = Math.floor(dice.random() * 3);
          const endMs = dice.random() < 0.3 ? atMs : undefined;
          const body = snapshot(id, atMs - 10, { step }, endMs);
          return draft(
            conversations,
            notification(dice.random() < 0.5 ? topic : userTopic, atMs++, body),
          );
        });
        void journal.append(drafts);
        if (dice.random() < 0.5) await journal.flush();
      }
      await stage.kill();
    }
    journal = await stage.open();
    const { entries } = await journal.read({ after: 0, limit: 1_000 });
    const whole = new Conversations();
    whole.note(subscribed([topic, userTopic], 0));
    const events = entries as readonly EventEntry[];
    const derived = events.map((entry) => {
      const { eventBody } = JSON.parse(entry.raw) as { readonly eventBody: unknown };
      return typesOf(whole, notification(entry.topic, entry.receivedAtMs, eventBody));
    });
    expect(events.map(({ types }) => types.slice(1))).toEqual(derived);
    const all = derived.flat();
    expect(all.filter((type) => type === created).length).toBeLessThanOrEqual(4);
    expect(all).toContain(ended);
  },
);

async function begin(journal: Journal): Promise<Conversations> {
  const conversations = new Conversations();
  conversations.inherit(await journal.conversations("main"));
  conversations.note(subscribed([topic, userTopic], 0));
  return conversations;
}

function draft(conversations: Conversations, event: NotificationEvent): EventDraft {
  const { topic: name, receivedAtMs, raw, maybeDuplicate } = event;
  const { derived, conversations: changes } = take(conversations, event) ?? {};
  const kind = "event";
  const made = { kind, trunk: "main", topic: name, receivedAtMs, raw, maybeDuplicate } as const;
  return { ...made, derived, conversations: changes };
}
