import { expect, test } from "vitest";
import { Stage } from "../testing/stage.ts";

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
    schema: { title: "QueueUserEventTopicQueueMember", type: "object" },
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
    requiresDivisionPermissions: false,
    requiresCurrentUser: false,
    requiresCurrentUserOrPermission: false,
    permissionDetails: [
      {
        type: "requiresPermissions",
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

test("preview topics can be left out", () => {
  expect(entities("?includePreview=true")).toHaveLength(242);
  expect(entities("?includePreview=false").length).toBeLessThan(242);
});

test("an unknown expansion is refused", () => {
  const stage = new Stage();
  expect(stage.call("GET", `${path}?expand=nonsense`, stage.token()).json).toMatchObject({
    status: 400,
    code: "invalid.value",
  });
});
