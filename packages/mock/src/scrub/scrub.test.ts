import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createScrubber } from "./scrub.ts";
import { Stage } from "../testing/stage.ts";

const key = "a key for tests";

function scrub(json: unknown, scrubber = createScrubber(key)): Record<string, unknown> {
  const line = scrubber.line(JSON.stringify(json));
  if (line.kind === "bad") throw new Error(line.why);
  return JSON.parse(line.text) as Record<string, unknown>;
}

/** The frames of the contact centre's first ten minutes. */
function frames(): readonly string[] {
  const stage = new Stage({ rate: 5 });
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, stage.cloud.sampleTopics(200));
  stage.open(channelId);
  stage.pass(600_000);
  return stage.effects.flatMap((effect) => (effect.type === "send" ? [effect.text] : []));
}

const folder = new URL("../../../../fixtures/frames/", import.meta.url);
const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.stringify(JSON.parse(readFileSync(new URL(file, folder), "utf8"))));

describe("what is known stays", () => {
  test("fields, enumerations, times and what measures", () => {
    const body = {
      participants: [
        { purpose: "customer", connectedTime: "2020-06-09T14:21:07.513Z", wrapupRequired: false },
      ],
      direction: "INBOUND",
      eventTime: 1667898123456,
      interactingDurationMs: 5_000_000,
      data: [{ interval: "2024-12-30T09:30:00.000Z/2024-12-30T10:00:00.000Z", metrics: [] }],
    };
    expect(scrub(body)).toEqual(body);
  });

  test("the form of every fixture and of a live contact centre", () => {
    const shape = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shape);
      if (typeof value !== "object" || value === null) return typeof value;
      return Object.entries(value).map(([, held]) => shape(held));
    };
    for (const line of [...fixtures, ...frames().slice(0, 500)]) {
      const json: unknown = JSON.parse(line);
      expect(shape(scrub(json))).toEqual(shape(json));
    }
  });

  test("the times and kinds of events, so that they can be played", () => {
    const topic = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";
    const line = {
      type: "event",
      cursor: "12",
      id: null,
      topic,
      receivedAt: "2026-01-01T00:00:01.000Z",
      source: "live",
      data: {},
    };
    expect(scrub(line)).toEqual({
      ...line,
      topic: expect.stringMatching(/^v2\.users\.[\da-f-]{36}\.presence$/u) as unknown,
    });
  });
});

describe("the same becomes the same", () => {
  test("ids, in topics, paths and bodies", () => {
    const id = "0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10";
    const { topicName, eventBody } = scrub({
      topicName: `v2.users.${id}.presence`,
      eventBody: {
        id: id.toUpperCase(),
        selfUri: `/api/v2/users/${id}`,
        address: `sip:${id}@x.org`,
      },
    }) as { topicName: string; eventBody: Record<string, string> };
    const fake = eventBody["id"] ?? "";
    expect(fake).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/u);
    expect(fake).not.toBe(id);
    expect(topicName).toBe(`v2.users.${fake}.presence`);
    expect(eventBody["selfUri"]).toBe(`/api/v2/users/${fake}`);
    expect(eventBody["address"]).toContain(fake);
  });

  test("channels, names, numbers in any grouping, addresses in any case", () => {
    const channel = "streaming-0-3lk4uc9e250zntqp110d2pvsta";
    const { first, second } = {
      first: scrub({
        channelId: channel,
        name: "Anna Meier",
        ani: "tel:+13175550100",
        address: "Anna@meier.de",
      }),
      second: scrub({
        channelId: channel,
        callerName: "Anna Meier",
        dnis: "1 (317) 555-0100",
        address: "anna@Meier.de",
      }),
    };
    expect(second["channelId"]).toBe(first["channelId"]);
    expect(String(first["channelId"])).toMatch(/^streaming-0-[\da-z]{26}$/u);
    expect(second["callerName"]).toBe(first["name"]);
    expect(second["address"]).toBe(first["address"]);
    expect(String(second["dnis"]).replaceAll(/\D/gu, "")).toBe(
      String(first["ani"]).replaceAll(/\D/gu, ""),
    );
    expect(String(first["ani"])).toMatch(/^tel:\+\d{11}$/u);
    expect(String(second["dnis"])).toMatch(/^\d \(\d{3}\) \d{3}-\d{4}$/u);
  });

  test("but something else with another key", () => {
    const body = { name: "Anna Meier", id: "0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10" };
    expect(scrub(body, createScrubber("another"))).not.toEqual(scrub(body));
  });
});

describe("what is not known goes", () => {
  test.each([
    ["a name like a value", { name: "CUSTOMER" }, "CUSTOMER"],
    ["a subject like a value", { subject: "INBOUND" }, "INBOUND"],
    ["what a customer wrote", { body: "Hi, how are you?" }, "how"],
    ["a word in a field of values", { direction: "Meier" }, "Meier"],
    [
      "attributes and their names",
      { attributes: { birthday: "1980-02-03T00:00:00Z", customer: "INBOUND" } },
      "birthday",
    ],
    ["times in attributes", { attributes: { a: "1980-02-03T00:00:00Z" } }, "1980"],
    ["numbers in attributes", { attributes: { account: 4711_0815 } }, "47110815"],
    ["a field that nobody knows", { annaMeier: { INBOUND: 47110815 } }, "annaMeier"],
    ["the value of such a field", { nonsense: "INBOUND" }, "INBOUND"],
    ["a number that is one of a telephone", { callbackNumbers: [13175550100] }, "13175550100"],
    ["a segment of a topic", { topicName: "v2.users.anna-meier.presence" }, "anna"],
    ["a host", { avatarImageUrl: "https://photos.meier.example/anna.png" }, "meier"],
    ["letters of other alphabets", { notes: "Анна 安娜 Ānna 🙂" }, "安"],
    ["an id of another form", { id: "4711ABCD" }, "4711ABCD"],
    ["a day", { description: "1980-02-03" }, "1980"],
  ])("%s", (_, json, original) => {
    const scrubbed = JSON.stringify(scrub(json));
    expect(scrubbed.toLowerCase()).not.toContain(original.toLowerCase());
  });

  test("and unknown fields are reported", () => {
    const scrubber = createScrubber(key);
    scrub({ nonsense: 1, name: "x", attributes: { mine: 1 } }, scrubber);
    expect([...scrubber.unknownFields]).toEqual(["nonsense"]);
  });
});

/** Texts of at least four characters that no fake and no value that is known can be by chance. */
const telling = fc
  .tuple(fc.constantFrom("Zx", "Qy", "Wv"), fc.stringMatching(/^[a-zA-Z]{8,14}$/u))
  .map((parts) => parts.join(""));
const planted = fc.oneof(
  telling,
  fc.uuid(),
  fc.tuple(telling, telling).map(([one, two]) => `${one} ${two}`),
  fc.tuple(telling, telling).map(([one, two]) => `${one}@${two}.org`),
  fc.stringMatching(/^\+[1-9]\d{11}$/u),
  fc.stringMatching(/^[1-9]\d{11}$/u).map((digits) => `tel:+${digits}`),
  fc
    .tuple(fc.uuid(), telling)
    .map(([id, word]) => `https://${word}.example.net/api/v2/users/${id}?x=${word}`),
  telling.map((word) => `v2.users.${word}.presence`),
);
const fields = fc.oneof(
  fc.constantFrom(
    ..."id name userName address ani dnis subject body notes text attributes state direction type queueId message eventBody topicName participants customFields reason wrapup cursor version".split(
      " ",
    ),
  ),
  telling,
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    planted,
    fc.dictionary(fields, tie("node"), { maxKeys: 5 }),
    fc.array(tie("node"), { maxLength: 4 }),
  ),
}));

/** The words of everything in it that was not known: none may be found again. */
function tells(value: unknown): readonly string[] {
  if (typeof value === "string")
    return (value.match(/[\da-f]{8}-[\da-f-]{27}|[\p{L}]{10,}|\d{11,}/giu) ?? []).map((word) =>
      word.toLowerCase(),
    );
  if (Array.isArray(value)) return value.flatMap(tells);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, held]) => [
    ...(/^(?:Zx|Qy|Wv)/u.test(name) ? [name.toLowerCase()] : []),
    ...tells(held),
  ]);
}

test("nothing of the original survives, wherever it stands", () => {
  fc.assert(
    fc.property(fc.dictionary(fields, tree.node), (json) => {
      const scrubbed = JSON.stringify(scrub(json)).toLowerCase();
      expect(
        tells(json).filter((word) => !/^availabletopics$/u.test(word) && scrubbed.includes(word)),
      ).toEqual([]);
    }),
  );
});

const idsOf = (text: string): number =>
  new Set(text.match(/[\da-f]{8}-[\da-f]{4}-[\da-f-]{22}/gu)).size;

test("nor of the fixtures and of a live contact centre: no id, name, number or address", () => {
  const lines = [...fixtures, ...frames().slice(0, 500)];
  const scrubber = createScrubber(key);
  const scrubbed = lines.map((line) => JSON.stringify(scrub(JSON.parse(line), scrubber)));
  const all = scrubbed.join("\n");
  const originals = new Set(
    lines
      .join("\n")
      .match(
        /[\da-f]{8}-[\da-f]{4}-[\da-f-]{22}|\+?\d{10,}@|\+1\d{10}|[\w.]+@[\w.]+|"(?:Customer|Agent) \w+"/gu,
      ) ?? [],
  );
  expect(originals.size).toBeGreaterThan(50);
  expect([...originals].filter((original) => all.includes(original))).toEqual([]);
  // As many different ids as before: relations survive.
  expect(idsOf(all)).toBe(idsOf(lines.join("\n")));
});

test("an entry of a ledger keeps a body that is JSON", () => {
  const entry = {
    sequence: 3,
    atMs: 1_700_000_000_000,
    topic: "v2.a",
    correlationId: "x",
    body: '{"name":"Anna Meier"}',
    deliveries: [],
  };
  const scrubbed = scrub(entry);
  expect(JSON.parse(String(scrubbed["body"]))).toEqual({ name: expect.any(String) as unknown });
  expect(scrubbed).toMatchObject({ sequence: 3, atMs: 1_700_000_000_000, deliveries: [] });
  expect(JSON.stringify(scrubbed)).not.toContain("Meier");
  expect(String(scrub({ ...entry, body: "Anna Meier" })["body"])).not.toContain("Meier");
});

test.each([
  ["{", "it is no JSON object"],
  ["[]", "it is no JSON object"],
  ['"x"', "it is no JSON object"],
  [`${'{"a":'.repeat(100)}1${"}".repeat(100)}`, "it is nested too deeply"],
])("the line %s is bad", (line, why) => {
  expect(createScrubber(key).line(line)).toEqual({ kind: "bad", why });
});

test("any JSON is scrubbed or bad", () => {
  fc.assert(fc.property(fc.json(), (line) => void createScrubber(key).line(line)));
  expect(createScrubber(key).line('{"__proto__":{"a":1},"constructor":2}').kind).toBe("scrubbed");
});
