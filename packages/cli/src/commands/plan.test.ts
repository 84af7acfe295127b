import { TrunklineError, type Asked, type Client, type ClientOptions } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import { run } from "../run.ts";
import { createStage, type Stage } from "../testing/stage.ts";
import { readSubscriptionText } from "./plan-file.ts";
import { plan, type PlanFlags } from "./plan.ts";

const [sales, service] = [
  "2f1c6b1e-7a0b-4c8d-9a57-0d3b6a1f4e22",
  "9d4f0c6a-1b2e-4d3f-8a90-5e6f7a8b9c0d",
];
const text = '{"eventTypes":["conversation.summary"],"filters":{"divisions":["self"]}}';
const config = `
trunks:
  - name: main
    baseUrl: http://127.0.0.1:9080
    clientId: one
    clientSecret: { env: SECRET_ONE }
    topics: [v2.users.${sales}.presence]
    redundancy: 2
  - name: other
    baseUrl: http://127.0.0.1:9081
    clientId: two
    clientSecret: { env: SECRET_TWO }
    topics: [v2.users.${sales}.presence]
`;
const files = { "s.json": text, "t.yaml": config };
const env = {
  GC_CLIENT_ID: "an-id",
  GC_CLIENT_SECRET: "a-secret",
  GC_REGION: "eu-central-1",
  SECRET_ONE: "secret-of-one",
  SECRET_TWO: "secret-of-two",
};

interface Planned {
  readonly stage: Stage;
  readonly options: ClientOptions | undefined;
  readonly asked: readonly string[];
  readonly error: unknown;
}

async function planned(
  flags: PlanFlags,
  answer: (asked: Asked) => unknown = twoQueues,
): Promise<Planned> {
  const stage = createStage({ files, env });
  const asked: string[] = [];
  let options: ClientOptions | undefined;
  const client: Pick<Client, "ask" | typeof Symbol.asyncDispose> = {
    ask: async (request) => {
      asked.push(request.path);
      return { status: 200, body: answer(request) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const error = await plan("s.json", flags, stage.system, (wanted) => {
    options = wanted;
    return client as Client;
  }).catch((thrown: unknown) => thrown);
  return { stage, options, asked, error };
}

function twoQueues(): unknown {
  return { entities: [{ id: sales }, { id: service }], total: 2, pageCount: 1 };
}

test("prints counts, permissions, what is not seen and what changes, for a person", async () => {
  const { stage, asked, error } = await planned({});
  expect(error).toBeUndefined();
  expect(asked).toEqual(["/api/v2/routing/queues?pageSize=100&pageNumber=1"]);
  const out = stage.out();
  expect(out).toMatch(
    /^TOPICS {2}OF +FOR +WHY\n +2 {2}v2\.analytics\.queues\.\{id\}\.observations {2}conversation\.summary {2}One for each queue that the credential sees\.\n/u,
  );
  expect(out).toContain("2 topics, as 2 on 1 channel of 19.\n1 request to list the organisation");
  expect(out).toContain(
    "analytics:queueObservation:view and analytics:conversationAggregate:view\n",
  );
  expect(out).toContain("There is no wildcard topic");
  expect(out).toContain("read again every 5 min");
});

test("--json prints the whole plan, topic by topic", async () => {
  const { stage } = await planned({ json: true });
  expect(JSON.parse(stage.out())).toMatchObject({
    topicCount: 2,
    groups: [{ topics: [sales, service].map((id) => `v2.analytics.queues.${id}.observations`) }],
    problems: [],
  });
});

test("what cannot be listed is told, and the command fails", async () => {
  const { stage, error } = await planned({}, () => {
    throw new TrunklineError("FORBIDDEN", "No permission.", { status: 403 });
  });
  expect(error).toMatchObject({ code: "LISTING_INCOMPLETE" });
  expect(stage.out()).toContain(
    "LISTING_FORBIDDEN  The queues cannot be listed: No permission. Give",
  );
});

describe("whose organisation", () => {
  test("that of the environment, or of a trunk of a configuration", async () => {
    expect((await planned({})).options).toMatchObject({
      region: "eu-central-1",
      credentials: { clientId: "an-id", clientSecret: "a-secret" },
    });
    const { options, stage } = await planned({ config: "t.yaml", trunk: "main" });
    expect(options).toMatchObject({
      baseUrl: "http://127.0.0.1:9080",
      credentials: { clientId: "one", clientSecret: "secret-of-one" },
    });
    expect(stage.out()).toContain("on 2 channels of 18");
  });

  test.each([
    ["a trunk without a configuration", { trunk: "main" }, "USAGE"],
    ["a configuration and a place", { config: "t.yaml", region: "eu-central-1" }, "USAGE"],
    ["a configuration with several trunks", { config: "t.yaml" }, "TRUNK_UNKNOWN"],
    ["a trunk that is none", { config: "t.yaml", trunk: "third" }, "TRUNK_UNKNOWN"],
  ])("%s is refused", async (_, flags: PlanFlags, code) => {
    expect((await planned(flags)).error).toMatchObject({ code });
  });
});

describe("the file", () => {
  test("has three shapes of filters, that combine", () => {
    const predicate = { field: "queueId", operator: "in", values: [sales] };
    const filters = {
      divisions: ["self"],
      queueId: service.toUpperCase(),
      userId: [sales, sales],
      "user:presence": [predicate],
    };
    const eventTypes = ["user:presence", "conversation:updated"];
    expect(readSubscriptionText(JSON.stringify({ eventTypes, filters }))).toEqual({
      eventTypes: ["conversation:updated", "user:presence"],
      scope: { divisions: ["self"], queueIds: [service], userIds: [sales], conversationIds: [] },
      predicates: { "user:presence": [predicate] },
    });
  });

  test.each([
    ["no JSON", "{"],
    ["no eventTypes", '{"filters":{"divisions":["self"]}}'],
    ["eventTypes as a text", '{"eventTypes":"a","filters":{"divisions":["self"]}}'],
    ["no filters", '{"eventTypes":["a"]}'],
    ["empty filters", '{"eventTypes":["a"],"filters":{}}'],
    ["a filter of a type that is not named", '{"eventTypes":["a"],"filters":{"b":[]}}'],
    ["a type without a filter", '{"eventTypes":["a","b"],"filters":{"a":[]}}'],
    ["an id that is a number", '{"eventTypes":["a"],"filters":{"queueId":7}}'],
    ["a condition of another shape", '{"eventTypes":["a"],"filters":{"a":[{"field":"x"}]}}'],
  ])("%s is refused", (_, wrong) => {
    expect(() => readSubscriptionText(wrong)).toThrow(
      expect.objectContaining({ code: "SUBSCRIPTION_INVALID" }),
    );
  });
});

test.each([
  ["plan nowhere.json", "FILE_UNREADABLE"],
  ["plan s.json --client-secret x", "SECRET_ON_COMMAND_LINE"],
  ["plan s.json --trace", "USAGE"],
  ["plan", "USAGE"],
])("%s is refused", async (line, code) => {
  const { system, err } = createStage({ files, env });
  expect(await run(line.split(" "), system)).not.toBe(0);
  expect(err()).toContain(code);
});
