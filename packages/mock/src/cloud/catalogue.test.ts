import { expect, test } from "vitest";
import { topicPaths } from "../data/topic-paths.ts";
import { Stage } from "../testing/stage.ts";
import { topicTemplates } from "./topics.ts";

const path = "/api/v2/notifications/availabletopics";

function entities(query: string): Record<string, unknown>[] {
  const stage = new Stage({ settings: { requiresCurrentUserTopics: ["v2.users.{id}.tokens"] } });
  const { json } = stage.call("GET", `${path}${query}`, stage.token());
  const { entities: list }: { entities: Record<string, unknown>[] } = Object(json);
  return list;
}

test("all templates are available, by id alone unless more is asked for", () => {
  const list = entities("");
  expect(list).toHaveLength(242);
  expect(list[0]).toEqual({ id: "v2.analytics.conversation.{id}.metrics" });
});

test("expand adds what it names, repeated or with commas", () => {
  const all =
    "?expand=description&expand=enforced,schema,visibility&expand=transports&expand=permissionDetails&expand=requiresPermissions&expand=topicParameters&expand=publicApiTemplateUriPaths";
  const topic = entities(all).find((entity) => entity["id"] === "v2.routing.queues.{id}.users");
  expect(topic).toEqual({
    id: "v2.routing.queues.{id}.users",
    description: expect.any(String) as unknown,
    enforced: true,
    schema: expect.objectContaining({
      title: "QueueUserEventTopicQueueMember",
      type: "object",
      properties: expect.objectContaining({ joined: { type: "boolean" } }) as unknown,
    }) as unknown,
    publicApiTemplateUriPaths: ["/api/v2/routing/queues/{queueId}/members"],
    visibility: "Public",
    transports: ["Websocket"],
    topicParameters: ["id"],
    requiresPermissions: [
      "routing:queue:view",
      "routing:queue:edit",
      "routing:queue:readonly",
      "routing:queueMember:manage",
    ],
    requiresAnyValidator: true,
    requiresDivisionPermissions: true,
    requiresCurrentUser: false,
    requiresCurrentUserOrPermission: false,
    permissionDetails: [
      {
        type: "requiresAnyDivisionPermissions",
        permissions: expect.any(Array) as unknown,
        allowsCurrentUser: false,
        enforced: true,
      },
    ],
  });
  const tokens = entities(all).find((entity) => entity["id"] === "v2.users.{id}.tokens");
  expect(tokens).toMatchObject({
    requiresCurrentUser: true,
    permissionDetails: [{ type: "requiresCurrentUser" }],
  });
});

test.each([
  ["v2.analytics.queues.{id}.observations", "requiresDivisionPermissions", true, false],
  ["v2.routing.queues.{id}.users", "requiresAnyDivisionPermissions", true, false],
  ["v2.conversations.{id}.transcription", "requiresPermissions", false, false],
  ["v2.users.{id}.station", "requiresPermissions", false, true],
])("the permissions of %s are of type %s", (id, type, divided, own) => {
  const list = entities("?expand=permissionDetails,requiresPermissions");
  expect(list.find((entity) => entity["id"] === id)).toMatchObject({
    permissionDetails: [{ type, allowsCurrentUser: own, enforced: true }],
    requiresDivisionPermissions: divided,
    requiresCurrentUserOrPermission: own,
  });
});

test("every expansion says something of every topic", () => {
  const names = [
    "description",
    "enforced",
    "schema",
    "visibility",
    "transports",
    "publicApiTemplateUriPaths",
    "requiresPermissions",
    "permissionDetails",
    "topicParameters",
  ];
  for (const name of names) {
    const list = entities(`?expand=${name}`);
    expect(list).toHaveLength(242);
    expect(list.every((entity) => entity[name] !== undefined)).toBe(true);
  }
});

test("paths lead from topics to what they are about", () => {
  const paths = entities("?expand=publicApiTemplateUriPaths").map((entity) => [
    entity["id"],
    entity["publicApiTemplateUriPaths"],
  ]);
  expect(Object.fromEntries(paths)).toMatchObject({
    "v2.users.{id}.presence": ["/api/v2/users/{userId}/presences/purecloud"],
    "v2.users.{id}.tokens": [],
    "v2.detail.events.conversation.{id}.acw": [
      "/api/v2/analytics/conversations/{conversationId}/details",
    ],
  });
  const ids = new Set(topicTemplates.map((template) => template.topic));
  expect([...topicPaths.keys()].filter((topic) => !ids.has(topic))).toEqual([]);
});

test("preview topics can be left out", () => {
  expect(entities("?includePreview=true")).toHaveLength(242);
  expect(entities("?includePreview=false").length).toBeLessThan(242);
});

test("an unknown expansion is refused", () => {
  const stage = new Stage();
  expect(stage.call("GET", `${path}?expand=nonsense`, stage.token()).json).toMatchObject({
    status: 400,
    code: "invalid.value",
    message: expect.stringMatching(
      /^Value \[nonsense\] is not valid for field type \[expand\]\. Allowable values are: description, /u,
    ) as unknown,
    details: [{ errorCode: "invalid.value", fieldName: "expand" }],
  });
  expect(stage.call("GET", `${path}?expand=toString`, stage.token()).status).toBe(400);
});
