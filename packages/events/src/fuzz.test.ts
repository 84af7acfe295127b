/** Whatever is sent, there is an answer: what was understood, or complaints with places that are there. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Complaint } from "./complaint.ts";
import { eventApiErrors } from "./errors.ts";
import { compileFilter } from "./filter.ts";
import { jsonCharactersMax } from "./json/read-json.ts";
import { readClientMessage } from "./messages.ts";
import { readSubscription } from "./schema/read-subscription.ts";
import { complaintsMax } from "./schema/reading.ts";
import { eventTypes, type EventTypeEntry } from "./vocabulary.ts";

const numRuns = 2_000 * Number(process.env["FC_RUNS_FACTOR"] ?? 1);
const id = "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22";

const seeds: readonly string[] = [
  { eventTypes: ["conversation:updated", "interaction:updated"], filters: { divisions: ["self"] } },
  {
    eventTypes: ["routing.queueMemberEvent", "routing.wrappingEvent"],
    filters: {
      "routing.queueMemberEvent": [
        { field: "queueId", operator: "in", values: [id, "your-queue-id-here"] },
      ],
      queueId: [id],
    },
    since: "j1-17",
  },
  {
    id: "ws-sub-001",
    type: "subscribe",
    filter: { eventTypes: ["conversation:conversation:updated"], entities: [id] },
  },
  { id: "sub-1", event_type: "conversation:updated", entity: id },
  { channel: "conversation", query: { pageSize: 7 } },
  { type: "auth", data: { token: "abc" } },
  { type: "keepalive" },
  { message: "ping" },
  { type: "ack", cursor: "j1-12" },
  { interval: "realtime", metricIds: ["conversation.summary"] },
].map((message) => JSON.stringify(message));

const words = fc.constantFrom(
  ..."eventTypes,filters,filter,divisions,queueId,userIds,field,operator,values,type,id,entity,event_type,since,token,metricIds,interval,channel,query,__proto__,constructor,toString,hasOwnProperty,pageSize,self,conversation:updated,v2.users.{id}.presence,exists,notIn,$.a".split(
    ",",
  ),
);

/** Objects that nearly are messages. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    words,
    fc.constantFrom<unknown>(null, true, 0, -1.5, "", id, [], {}),
    fc.string(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc
      .array(fc.tuple(words, tie("tree")), { maxLength: 6 })
      .map((members) => Object.fromEntries(members)),
  ),
}));

const uuids = fc.uuid().map((uuid) => uuid.toUpperCase());
const vocabulary: Readonly<Record<string, EventTypeEntry>> = eventTypes;
const names = Object.keys(vocabulary);
const conditions = fc.oneof(
  fc.record({
    field: fc.constantFrom("mediaType", "direction", "state", "$.a.b"),
    operator: fc.constantFrom("in", "notIn"),
    values: fc.array(fc.constantFrom("voice", "inbound", "IDLE"), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    field: fc.constantFrom("queueId", "userId", "conversationId", "divisionId"),
    operator: fc.constantFrom("eq", "ne"),
    values: uuids.map((uuid) => [uuid]),
  }),
  fc.record({ field: fc.constantFrom("state", "$..c"), operator: fc.constant("exists") }),
  fc.record({
    field: fc.constant("$.n"),
    operator: fc.constantFrom("gt", "gte", "lt", "lte"),
    values: fc.integer().map((limit) => [limit]),
  }),
);

/** Bodies with nothing wrong in them. */
const right = fc
  .record({
    types: fc.uniqueArray(fc.constantFrom(...names, "v2.users.{id}.presence"), {
      minLength: 1,
      maxLength: 4,
    }),
    shared: fc.record(
      {
        divisions: fc.oneof(fc.constant("self"), fc.array(uuids, { minLength: 1, maxLength: 2 })),
        queueId: fc.oneof(uuids, fc.array(uuids, { minLength: 1, maxLength: 3 })),
        userId: uuids,
        conversationId: uuids,
      },
      { requiredKeys: [] },
    ),
    own: fc.array(fc.array(conditions, { minLength: 1, maxLength: 2 }), {
      minLength: 4,
      maxLength: 4,
    }),
  })
  .map(({ types, shared, own }) => ({
    eventTypes: types,
    filters: {
      ...shared,
      ...Object.fromEntries(types.map((type, index) => [type, own[index] ?? []])),
    },
  }));
const rightTexts = right.map((body) => JSON.stringify(body));

const mutated = fc
  .tuple(
    fc.oneof(fc.constantFrom(...seeds), rightTexts),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat({ max: 12 }),
        fc.oneof(fc.string({ maxLength: 3 }), words, fc.constantFrom(...Array.from('{}[]":,\\\n'))),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([seed, edits]) => {
    let text = seed;
    for (const [at, length, insert] of edits) {
      const cut = at % (text.length + 1);
      text = text.slice(0, cut) + insert + text.slice(cut + length);
    }
    return text;
  });

/** Members exchanged between messages: right in themselves, and wrong together. */
const mixed = fc
  .array(fc.constantFrom(...seeds), { minLength: 2, maxLength: 3 })
  .map((texts) => `{${texts.map((text) => text.slice(1, -1)).join(",")}}`);

const texts = fc.oneof(
  mutated,
  mixed,
  rightTexts,
  tree.map((value) => JSON.stringify(value)),
  fc.string({ unit: "binary", maxLength: 40 }),
);

function resolves(pointer: string, text: string): boolean {
  if (pointer === "") return true;
  let value: unknown = JSON.parse(text);
  for (const step of pointer.slice(1).split("/")) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return true;
}

function whyBad(complaint: Complaint, text: string): string | undefined {
  const { code, message, help, pointer, line, column, found } = complaint;
  const lineText = text.split("\n")[(line ?? 0) - 1];
  if (!Object.hasOwn(eventApiErrors, code)) return "the code is in no table";
  if (message === "" || help === "") return "something is unsaid";
  if (message.length > 400 || help.length > 900) return `too long: ${message} ${help}`;
  if (!resolves(pointer, text)) return `nothing stands at ${pointer}`;
  if (lineText === undefined || column === undefined || column < 1 || column > lineText.length + 1)
    return `no such place: ${line}:${column}`;
  if (found !== undefined && found.length > 200) return "found is long";
  return undefined;
}

function expectComplaints(complaints: readonly Complaint[], text: string): void {
  expect(complaints.length).toBeGreaterThan(0);
  expect(complaints.length).toBeLessThanOrEqual(complaintsMax);
  expect(complaints.map((each) => whyBad(each, text)).filter((why) => why !== undefined)).toEqual(
    [],
  );
}

test("a message is understood or refused with places that are there", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(texts, (text) => {
      const read = readClientMessage(text);
      kinds.add(read.message?.kind ?? "refused");
      if (read.message === undefined) expectComplaints(read.complaints, text);
      if (read.message?.kind !== "subscribe") return;
      const filter = compileFilter(read.message.subscription);
      filter({
        topic: `v2.users.${id}.presence`,
        types: read.message.subscription.eventTypes,
        data: JSON.parse(text) as unknown,
      });
    }),
    { numRuns },
  );
  // The texts are not all nonsense.
  expect([...kinds]).toEqual(expect.arrayContaining(["subscribe", "refused"]));
});

test("a body is understood or refused, and what is understood is understood again, as the same", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const read = readSubscription(text);
      if (read.subscription === undefined) {
        expectComplaints(read.complaints, text);
        return;
      }
      const { eventTypes, scope, predicates } = read.subscription;
      const { divisions, queueIds, userIds, conversationIds } = scope;
      const lists = {
        divisions,
        queueId: queueIds,
        userId: userIds,
        conversationId: conversationIds,
      };
      const filters = {
        ...Object.fromEntries(Object.entries(lists).filter(([, ids]) => ids.length > 0)),
        ...predicates,
      };
      const body = Object.keys(filters).length === 0 ? { eventTypes } : { eventTypes, filters };
      expect(readSubscription(body).subscription).toEqual(read.subscription);
    }),
    { numRuns },
  );
});

/** Ids as a subscription has them. */
const ids = (value: string | readonly string[] = []): readonly string[] =>
  [...new Set([value].flat().map((each) => each.toLowerCase()))].toSorted();

test("a body with nothing wrong in it is accepted, as what it says", () => {
  fc.assert(
    fc.property(right, (body) => {
      const { subscription, complaints } = readSubscription(JSON.stringify(body));
      expect(complaints).toBeUndefined();
      const { divisions, queueId, userId, conversationId } = body.filters as Readonly<
        Record<string, string | undefined>
      >;
      expect(subscription?.scope).toEqual({
        divisions: ids(divisions),
        queueIds: ids(queueId),
        userIds: ids(userId),
        conversationIds: ids(conversationId),
      });
      const canonical = body.eventTypes.map((name) => vocabulary[name]?.aliasOf ?? name);
      expect(subscription?.eventTypes).toEqual([...new Set(canonical)].toSorted());
    }),
    { numRuns: numRuns / 4 },
  );
});

test("a value that was parsed elsewhere is read as its text is", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const ofText = readClientMessage(JSON.stringify(value));
      const ofValue = readClientMessage(typeof value === "string" ? JSON.stringify(value) : value);
      expect(ofValue.message).toEqual(ofText.message);
      expect(ofValue.complaints?.map(({ code, pointer }) => code + pointer)).toEqual(
        ofText.complaints?.map(({ code, pointer }) => code + pointer),
      );
    }),
  );
});

/** Each takes some milliseconds; time that grows with the square of the length would be seconds. */
const soonMs = 1_000;

/** As long as may be, of what is dear to read. */
function filled(piece: (index: number) => string, before: string, after: string): string {
  const pieces: string[] = [];
  let length = before.length + after.length;
  for (let index = 0; ; index++) {
    const next = (index === 0 ? "" : ",") + piece(index);
    length += next.length;
    if (length > jsonCharactersMax) return before + pieces.join("") + after;
    pieces.push(next);
  }
}

test.each<[string, () => string]>([
  ["keys that stand twice", () => filled(() => '"a":1', "{", "}")],
  ["unknown fields", () => filled((index) => `"eventTypez${index}":1`, "{", "}")],
  [
    "unknown event types",
    () =>
      filled(
        (index) => `"conversation:updatex${index % 10}"`,
        '{"eventTypes":[',
        '],"filters":{}}',
      ),
  ],
  [
    "filters of unknown types",
    () =>
      filled(
        (index) => `"conversation:upd${index}":[]`,
        '{"eventTypes":["user:presence"],"filters":{',
        "}}",
      ),
  ],
  [
    "ids that are none",
    () =>
      filled(
        (index) => `"${"your-".repeat(18)}${index}"`,
        '{"eventTypes":["user:presence"],"filters":{"queueId":[',
        "]}}",
      ),
  ],
  [
    "conditions",
    () =>
      filled(
        () => '{"fiel":"a","operato":"b","valuez":[]}',
        '{"eventTypes":["user:presence"],"filters":{"user:presence":[',
        "]}}",
      ),
  ],
  ["metrics", () => filled((index) => `"conversation.summarx${index}"`, '{"metricIds":[', "]}")],
  ["brackets", () => "[".repeat(jsonCharactersMax)],
  ["line ends", () => `{"a":${"\n".repeat(jsonCharactersMax - 10)}x`],
  ["a comma and spaces", () => `{"a":1,${" ".repeat(jsonCharactersMax - 10)}}`],
  ["backslashes", () => `"${"\\".repeat(jsonCharactersMax - 2)}"`],
  ["a name of a topic", () => `{"eventTypes":["v2.${"a.".repeat(32_000)}"]}`],
  ["a long word", () => `{"eventTypes":["${"a ".repeat(32_000)}"]}`],
  ["a long key", () => `{"${"x".repeat(65_000)}":1}`],
  ["digits", () => `{"a":${"1".repeat(65_000)}x}`],
])(
  "the longest text of %s is answered soon",
  (_, make) => {
    const text = make();
    expect(text.length).toBeLessThanOrEqual(jsonCharactersMax);
    const { complaints = [] } = readClientMessage(text);
    expectComplaints(complaints, text);
  },
  soonMs,
);
