/** What the schemas of client messages say, against what reads those messages: neither may take what the other does not. */
import { readClientMessage } from "@trunkline/events";
import { Ajv, type ValidateFunction } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonPaths } from "../../gateway/json-paths.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { clientMessages } from "./client-messages.ts";

const document = asyncApiDocument({ version: "1.2.3", host: "localhost", isSecure: false });
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: "document", components: document["components"] });
const validators = Object.keys(clientMessages).map((name): ValidateFunction =>
  ajv.compile({ $ref: `document#/components/messages/${name}/payload` }),
);

/** Whether one of the messages has this shape. */
function isDescribed(message: unknown): boolean {
  return validators.some((validate) => validate(message));
}

function codesOf(message: unknown): readonly string[] {
  const { complaints = [] } = readClientMessage(JSON.stringify(message), { jsonPaths });
  return complaints.map(({ code }) => code);
}

/** What no schema can say: how parts of a message hang together, what stands for an id, what is a JSON path. */
const beyondSchemas = new Set([
  "FILTER_INCOMPLETE",
  "FILTER_UNUSED",
  "FILTERS_MISSING",
  "PREDICATE_INVALID",
  "ID_PLACEHOLDER",
  "ID_INVALID",
]);

/** Right more often than wrong, so that whole messages are right now and then. */
function mostly(right: readonly unknown[], wrong: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

/** The optional members in most messages, one that nobody knows in few. */
function message(
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  required: readonly string[],
): fc.Arbitrary<unknown> {
  const known = fc.record(members, { requiredKeys: [...required] });
  const odd = fc.record({ ...members, zzz: fc.constant(1) }, { requiredKeys: [] });
  return fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: odd });
}

const queue = "1b3f0c9e-6f0a-4d53-9a8e-0c1d2e3f4a5b";
const uuid = mostly([queue, queue.toUpperCase()], [queue.slice(1), "", 7, null]);
const oneOrMore = fc.oneof(uuid, fc.array(uuid, { maxLength: 2 }));
const topic = `v2.users.${queue}.presence`;
const eventType = mostly(["user:presence", "conversation:updated", topic], ["user:presense", 3]);
/** Of one kind of object, so that it is clear what an entity is. */
const userType = mostly(["user:presence", "v2.users.{id}.presence"], ["v2.", 3]);
const condition = message(
  {
    field: mostly(["mediaType", "$.id", "queueId"], ["medium", 1]),
    operator: mostly(["in", "eq", "exists", "gt"], ["equals"]),
    values: mostly([["voice"], ["voice", "chat"], [], [true]], [[{}], "voice", [null]]),
  },
  ["field", "operator", "values"],
);
const filters = message(
  {
    divisions: mostly(["self", ["self"]], [[], "all"]),
    queueId: oneOrMore,
    "user:presence": fc.array(condition, { maxLength: 2 }),
    "conversation:updated": fc.array(condition, { maxLength: 1 }),
  },
  ["divisions"],
);
const since = mostly(["0", "4f1d0c2a-1207"], ["", "a b", 4]);
const id = mostly(["mine"], ["", "x".repeat(201), 5]);
const subscribe = mostly(["subscribe"], ["subscribed"]);

const shapes = {
  subscribe: message(
    { type: subscribe, id, eventTypes: fc.array(eventType, { maxLength: 2 }), filters, since },
    ["eventTypes", "filters"],
  ),
  byFilter: message(
    {
      type: subscribe,
      id,
      filter: message({ eventTypes: fc.array(userType, { maxLength: 2 }), entities: oneOrMore }, [
        "eventTypes",
      ]),
      since,
    },
    ["filter"],
  ),
  byEntity: message({ type: subscribe, event_type: userType, entity: uuid, since }, [
    "event_type",
    "entity",
  ]),
  byChannel: message(
    {
      channel: mostly(["conversation"], ["queue"]),
      query: mostly([{}], [[], { a: 1 }]),
      id,
      since,
    },
    ["channel"],
  ),
  byMetrics: message(
    {
      metricIds: mostly([["conversation.summary"]], [[], ["x"], "conversation.summary"]),
      interval: mostly(["realtime"], ["P1D"]),
      filters,
    },
    ["metricIds"],
  ),
  auth: message(
    { type: fc.constant("auth"), id, data: mostly([{ token: "a.b.c" }], [{ token: "" }, {}, "a"]) },
    ["type", "data"],
  ),
  unsubscribe: message({ type: fc.constant("unsubscribe"), id }, ["type", "id"]),
  ack: message({ type: mostly(["ack"], ["acc"]), cursor: since }, ["type", "cursor"]),
};

/** Of one seed, so that how many are right does not hang on luck. */
const runs = { numRuns: 1_000, seed: 1 };

describe.each(Object.entries(shapes))("of messages like %s", (_, shape) => {
  test("what is read is described, and what is described is read, as far as a schema can say", () => {
    let taken = 0;
    fc.assert(
      fc.property(shape, (sent) => {
        const codes = codesOf(sent);
        const isBeyond = codes.length > 0 && codes.every((code) => beyondSchemas.has(code));
        fc.pre(!isBeyond);
        if (codes.length === 0) taken++;
        expect([sent, isDescribed(sent)]).toEqual([sent, codes.length === 0]);
      }),
      runs,
    );
    expect(taken).toBeGreaterThan(5);
  });
});
