/** The catalogue of topics: docs/GENESYS.md sections 3.5, 6.1 and 6.3. */
import { topicTemplates } from "@trunkline/mock";
import { expect } from "vitest";
import { entities, raise, type Reply } from "./client.ts";
import { rule } from "./rule.ts";

const path = "/api/v2/notifications/availabletopics";
/** Each `expand`, and what its field must be. */
const expansions: Readonly<Record<string, unknown>> = {
  description: expect.any(String),
  enforced: expect.any(Boolean),
  schema: expect.any(Object),
  visibility: expect.stringMatching(/^(?:Public|Preview)$/u),
  transports: expect.any(Array),
  publicApiTemplateUriPaths: expect.any(Array),
  requiresPermissions: expect.any(Array),
  permissionDetails: expect.any(Array),
  topicParameters: expect.any(Array),
};

interface Available {
  readonly id: string;
  readonly visibility?: string;
  readonly transports?: readonly string[];
  readonly requiresPermissions?: readonly string[];
  readonly topicParameters?: readonly string[];
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly requiresCurrentUser?: boolean;
}

async function available(query = "", settings = {}): Promise<readonly Available[]> {
  const caller = await raise({ settings });
  const reply: Reply = await caller.call("GET", `${path}${query}`, await caller.token());
  expect(reply.status).toBe(200);
  return entities(reply) as unknown as readonly Available[];
}

rule("6.1 official SDK", "the catalogue has 242 templates, each once", async () => {
  const found = await available();
  expect(found).toHaveLength(242);
  expect(new Set(found.map(({ id }) => id)).size).toBe(242);
  expect(found.map(({ id }) => id)).toEqual(topicTemplates.map(({ topic }) => topic));
});

rule(
  "6.1 official SDK",
  "templates have none, one or several {id}, with as many parameters",
  async () => {
    const found = await available("?expand=topicParameters");
    const counts = found.map(({ id, topicParameters }) => {
      expect(topicParameters).toHaveLength(id.split("{id}").length - 1);
      return topicParameters?.length;
    });
    expect(new Set(counts).size).toBeGreaterThanOrEqual(3);
  },
);

for (const [expand, shape] of Object.entries(expansions))
  rule("3.5 official SDK", `expand=${expand} adds it, which is not there without`, async () => {
    const [bare] = await available();
    expect(bare).not.toHaveProperty(expand);
    for (const topic of await available(`?expand=${expand}`))
      expect(topic).toHaveProperty(expand, shape);
  });

rule("3.5 official SDK", "several expands come by comma or one by one", async () => {
  const all = Object.keys(expansions);
  const [first] = await available(`?expand=${all.join(",")}`);
  expect(first).toMatchObject(expansions);
  const [again] = await available(`?${all.map((name) => `expand=${name}`).join("&")}`);
  expect(again).toEqual(first);
});

rule(
  "3.5 official SDK",
  "previews come by default, and not with includePreview=false",
  async () => {
    const all = await available("?expand=visibility");
    const previews = all.filter(({ visibility }) => visibility === "Preview");
    expect(previews.length).toBeGreaterThan(0);
    const rest = await available("?includePreview=false&expand=visibility");
    expect(rest).toHaveLength(all.length - previews.length);
    expect(rest.every(({ visibility }) => visibility === "Public")).toBe(true);
  },
);

rule("3.5 official SDK", "permissions come with whether any of them is enough", async () => {
  const found = await available("?expand=requiresPermissions,permissionDetails");
  const adherence = found.find(({ id }) => id === "v2.users.{id}.workforcemanagement.adherence");
  expect(adherence).toMatchObject({
    requiresPermissions: [
      "wfm:agentSchedule:view",
      "wfm:agentAdherence:notify",
      "wfm:realtimeAdherence:view",
    ],
    requiresAnyValidator: true,
    permissionDetails: [{ type: "requiresPermissions", enforced: true }],
  });
});

rule(
  "6.3 official blog",
  "the topics of EventBridge are among those of the catalogue",
  async () => {
    const found = await available("?expand=transports");
    const bridged = found.filter(({ transports }) => transports?.join() === "EventBridge");
    expect(bridged.map(({ id }) => id).toSorted()).toEqual([
      "v2.analytics.conversation.{id}.metrics",
      "v2.audits.entitytype.{id}.entityid.{id}",
      "v2.operations.events.{id}",
      "v2.users.{id}.geolocation",
      "v2.users.{id}.persistentconnection",
    ]);
  },
);

rule("6.3 official blog", "queue observations name both of their permissions", async () => {
  const found = await available("?expand=requiresPermissions");
  const observations = found.find(({ id }) => id === "v2.analytics.queues.{id}.observations");
  expect(observations?.requiresPermissions).toEqual([
    "analytics:queueObservation:view",
    "analytics:conversationAggregate:view",
  ]);
});
