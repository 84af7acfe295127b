/**
 * The official SDK, unmodified, asks the mock what a client asks to begin with and to fill a gap.
 */
import { createMock, type RunningMock } from "@trunkline/mock";
import platformClient from "purecloud-platform-client-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const minuteMs = 60_000;
let mock: RunningMock;
let queueId: string;
let userId: string;

beforeAll(async () => {
  mock = await createMock({
    rate: 200,
    settings: {
      analyticsLagMs: 0,
      requestsPerMinuteMax: 1_000_000,
      clientRequestsPerMinuteMax: 1_000_000,
    },
  });
  const client = platformClient.ApiClient.instance;
  client.setGateway({ host: mock.host, protocol: "http", port: mock.port });
  await client.loginClientCredentialsGrant(mock.clientId, mock.clientSecret);
  queueId = mock.cloud.world.queues[0]?.id ?? "";
  userId = mock.cloud.world.agents[0]?.id ?? "";
});

afterAll(() => mock.close());

/** From a while ago to a while ahead, so that the conversations of this run are in it. */
function interval(): string {
  const nowMs = mock.nowMs();
  return [nowMs - minuteMs, nowMs + minuteMs].map((atMs) => new Date(atMs).toISOString()).join("/");
}

/** Asks until the contact centre has come so far. */
async function until<Answer>(
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
  }
}

describe("purecloud-platform-client-v2 asks", () => {
  test("for queues, their members, and the names behind ids", async () => {
    const routing = new platformClient.RoutingApi();
    const queue = await routing.getRoutingQueue(queueId);
    expect(queue).toMatchObject({ id: queueId, memberCount: expect.any(Number) as unknown });
    const members = await routing.getRoutingQueueMembers(queueId, {
      expand: ["routingStatus", "presence"],
      pageSize: 100,
    });
    expect(members.entities).toHaveLength(queue.memberCount ?? 0);
    expect(members.entities?.[0]?.routingStatus?.status).toBeTypeOf("string");
    expect(members.entities?.[0]?.user?.presence?.presenceDefinition?.id).toBeTypeOf("string");
    const codes = await routing.getRoutingWrapupcodes({});
    expect(codes.entities?.length).toBeGreaterThan(0);
    const divisions = await new platformClient.AuthorizationApi().getAuthorizationDivisions({});
    expect(divisions.entities?.[0]?.homeDivision).toBe(true);
  });

  test("for users, their presences and routing status", async () => {
    const users = new platformClient.UsersApi();
    const all = await users.getUsers({ expand: ["presence", "routingStatus"], id: [userId] });
    expect(all.entities).toMatchObject([{ id: userId, presence: { source: "PURECLOUD" } }]);
    expect(await users.getUser(userId, { expand: ["presence"] })).toMatchObject({ id: userId });
    const first = await users.getUsersQuery({ pageSize: 20 });
    const second = await users.getUsersQuery({ pageSize: 20, cursor: first.cursor ?? "" });
    expect((first.entities?.length ?? 0) + (second.entities?.length ?? 0)).toBe(30);
    expect(await users.getUserRoutingstatus(userId)).toMatchObject({ userId });
    const stations = await users.getUserStation(userId);
    expect(stations.effectiveStation).toEqual(stations.associatedStation);

    const presence = new platformClient.PresenceApi();
    const one = await presence.getUserPresencesPurecloud(userId);
    expect(one.presenceDefinition?.systemPresence).toBeTypeOf("string");
    const ids = mock.cloud.world.agents.map(({ id }) => id);
    expect(await presence.getUsersPresencesPurecloudBulk({ id: ids })).toHaveLength(ids.length);
    const definitions = await presence.getPresenceDefinitions0({});
    expect(definitions.total).toBe(definitions.entities?.length);
    const older = await presence.getPresencedefinitions({});
    expect(older.entities?.map(({ id }) => id)).toEqual(definitions.entities?.map(({ id }) => id));
  });

  test("for conversations, live and in analytics, by query and by id", async () => {
    const analytics = new platformClient.AnalyticsApi();
    const conversations = new platformClient.ConversationsApi();
    expect((await conversations.getConversations({})).entities).toEqual([]);
    const page = await until(
      () =>
        analytics.postAnalyticsConversationsDetailsQuery({
          interval: interval(),
          order: "desc",
          orderBy: "conversationStart",
          paging: { pageSize: 10, pageNumber: 1 },
          segmentFilters: [
            { type: "or", predicates: [{ dimension: "queueId", operator: "exists" }] },
          ],
        }),
      ({ totalHits = 0 }) => totalHits > 10,
    );
    expect(page.conversations).toHaveLength(10);
    const [found] = page.conversations ?? [];
    const id = found?.conversationId ?? "";
    // Who came by a menu has an ivr participant before that of the queue.
    const ofQueues = page.conversations?.flatMap(({ participants = [] }) =>
      participants.filter(({ purpose }) => purpose === "acd"),
    );
    expect(ofQueues?.length).toBeGreaterThan(0);
    for (const { sessions } of ofQueues ?? [])
      expect(sessions?.[0]?.metrics?.[0]?.name).toBe("nOffered");
    expect(await analytics.getAnalyticsConversationDetails(id)).toMatchObject({
      conversationId: id,
    });
    const byId = await analytics.getAnalyticsConversationsDetails({ id: [id] });
    expect(byId.conversations?.map(({ conversationId }) => conversationId)).toEqual([id]);
    const live = await conversations.getConversation(id);
    expect(live.id).toBe(id);
    expect(live.participants[0]?.id).toBe(found?.participants?.[0]?.participantId);
  });

  test("for histories and counts", async () => {
    const analytics = new platformClient.AnalyticsApi();
    const history = await analytics.postAnalyticsUsersDetailsQuery({
      interval: interval(),
      userFilters: [{ type: "or", predicates: [{ dimension: "userId", value: userId }] }],
    });
    expect(history.totalHits).toBe(1);
    expect(history.userDetails?.[0]?.primaryPresence?.[0]?.systemPresence).toBeTypeOf("string");
    expect(history.userDetails?.[0]?.routingStatus?.[0]?.routingStatus).toBeTypeOf("string");

    const filter = { type: "or", predicates: [{ dimension: "queueId", value: queueId }] };
    const observed = await analytics.postAnalyticsQueuesObservationsQuery({
      filter,
      metrics: ["oWaiting", "oInteracting", "oOnQueueUsers"],
    });
    expect(observed.results?.map(({ group }) => group)).toContainEqual({
      queueId,
      mediaType: "voice",
    });
    const ofUser = await analytics.postAnalyticsUsersObservationsQuery({
      filter: { type: "or", predicates: [{ dimension: "userId", value: userId }] },
      metrics: ["oActiveQueues"],
    });
    expect(ofUser.results).toHaveLength(1);
    const active = await until(
      () =>
        analytics.postAnalyticsConversationsActivityQuery({
          metrics: [{ metric: "oInteracting" }],
          groupBy: ["queueId"],
        }),
      ({ results = [] }) => results.length > 0,
    );
    expect(active.results?.[0]?.data?.[0]?.count).toBeGreaterThan(0);
    const routing = await analytics.postAnalyticsRoutingActivityQuery({
      metrics: [{ metric: "oMemberUsers" }],
      groupBy: ["queueId"],
      filter,
    });
    expect(routing.results?.[0]?.data).toEqual([
      { metric: "oMemberUsers", count: mock.cloud.world.queues[0]?.agentIds.length },
    ]);
  });

  test("wrongly, and gets the error bodies that it expects", async () => {
    const analytics = new platformClient.AnalyticsApi();
    const refused: unknown = await analytics
      .postAnalyticsConversationsDetailsQuery({ interval: "yesterday" })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({
      status: 400,
      code: "invalid.date",
      contextId: expect.any(String) as unknown,
    });
    const many: unknown = await new platformClient.PresenceApi()
      .getUsersPresencesPurecloudBulk({ id: Array.from({ length: 51 }, () => userId) })
      .catch((error: unknown) => error);
    expect(many).toMatchObject({ status: 400, code: "invalid.value" });
    const gone: unknown = await new platformClient.ConversationsApi()
      .getConversation("none")
      .catch((error: unknown) => error);
    expect(gone).toMatchObject({ status: 404, code: "not.found" });
  });
});
