import { describe, expect, test } from "vitest";
import { bodyModels } from "../data/bodies.ts";
import { bodySchema } from "./body-schema.ts";
import { topicTemplates } from "./topics.ts";

function fields(model: string): string[] {
  return Object.keys(Object(bodySchema(model)["properties"]) as object);
}

describe("the schema of a body", () => {
  test("says of each field what is on record", () => {
    expect(bodySchema("UserRoutingStatusUserRoutingStatus")).toMatchObject({
      $schema: "http://json-schema.org/draft-04/schema#",
      title: "UserRoutingStatusUserRoutingStatus",
      type: "object",
      properties: {
        id: { type: "string" },
        routingStatus: { $ref: "#/definitions/UserRoutingStatusRoutingStatus" },
      },
      definitions: {
        UserRoutingStatusRoutingStatus: {
          type: "object",
          properties: {
            status: {
              type: "string",
              enum: ["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING"],
            },
            startTime: { type: "string", format: "date-time" },
          },
        },
        UserRoutingStatusUserParam: {
          properties: {
            additionalProperties: { type: "object", additionalProperties: { type: "object" } },
          },
        },
      },
    });
  });

  test("knows lists, maps, and models that hold themselves", () => {
    expect(bodySchema("StatEventQueueTopicStatsNotification")).toMatchObject({
      properties: {
        group: { type: "object", additionalProperties: { type: "string" } },
        data: {
          type: "array",
          items: { $ref: "#/definitions/StatEventQueueTopicIntervalMetrics" },
        },
      },
    });
    const errorBody = "QueueConversationCallEventTopicErrorBody";
    expect(bodySchema("QueueConversationCallEventTopicCallConversation")).toMatchObject({
      definitions: {
        [errorBody]: {
          properties: { errors: { type: "array", items: { $ref: `#/definitions/${errorBody}` } } },
        },
      },
    });
  });

  test("leaves open a list of values that is not known to its end", () => {
    const schema = JSON.stringify(bodySchema("QueueConversationEventTopicConversation"));
    expect(schema).not.toContain("…");
    expect(schema).toContain('"disconnectType":{"type":"string"}');
  });

  test("of the same detail events differs by what each of them tells", () => {
    expect(fields("AcdStartDetailEventTopicAcdStartEvent")).toContain("routingPriority");
    expect(fields("AcdStartDetailEventTopicAcdStartEvent")).not.toContain("acdOutcome");
    expect(fields("AcdEndDetailEventTopicAcdEndEvent")).toContain("acdOutcome");
  });

  test("that nobody has told is the name of the model", () => {
    expect(bodySchema("ConversationEventTopicConversation")).toEqual({
      $schema: "http://json-schema.org/draft-04/schema#",
      title: "ConversationEventTopicConversation",
      type: "object",
    });
  });
});

describe("all models on record", () => {
  test("belong to topics of the catalogue", () => {
    const models = new Set(topicTemplates.map((template) => template.model));
    expect(bodyModels.filter(([root]) => !models.has(root))).toEqual([]);
    expect(bodyModels).toHaveLength(42);
  });

  test.each(bodyModels.map(([root]) => root))(
    "%s has fields, and no reference into nothing",
    (root) => {
      const schema = bodySchema(root);
      expect(Object.keys(Object(schema["properties"]) as object).length).toBeGreaterThan(0);
      const defined = new Set(Object.keys(Object(schema["definitions"] ?? {}) as object));
      const text = JSON.stringify(schema);
      const used = [...text.matchAll(/"#\/definitions\/(\w+)"/gu)].map(([, name]) => name);
      expect(used.filter((name) => !defined.has(name ?? ""))).toEqual([]);
      expect([...defined].filter((name) => !used.includes(name))).toEqual([]);
    },
  );
});
