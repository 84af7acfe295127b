import { expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import { createFakeService, sinkState, topicState, trunkState } from "../testing/fake-service.ts";
import { stageHttp } from "../testing/http-stage.ts";
import { createMetrics } from "./metrics.ts";

/** Samples by name and labels. */
function samples(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
  );
}

test("what the service knows is read when it is asked, and again when it is asked again", async () => {
  const { ask, service } = stageHttp();
  service.fake.grow(5);
  service.trunkStates = [
    trunkState({
      topics: [topicState("a"), topicState("b"), topicState("c", "rejected")],
      openGaps: 2,
      received: 11,
      maybeDuplicates: 3,
      rotations: [{ reason: "retire-by", channel: "another", count: 4 }],
    }),
  ];
  service.sinkStates = [
    sinkState({ state: "retrying", position: 3, behind: 2, written: 3, deadLetters: 1 }),
  ];
  const first = await ask("/metrics");
  expect(first.headers["content-type"]).toContain("text/plain; version=0.0.4");
  expect(Object.fromEntries(samples(first.body))).toMatchObject({
    'trunkline_build_info{version="1.2.3"}': "1",
    trunkline_journal_entries_stored_total: "5",
    trunkline_journal_commits_total: "7",
    trunkline_journal_head_position: "5",
    trunkline_journal_oldest_position: "1",
    trunkline_journal_size_bytes: "4096",
    trunkline_journal_waiting_drafts: "3",
    trunkline_journal_failing: "0",
    'trunkline_trunk_topics{trunk="main",state="live"}': "2",
    'trunkline_trunk_topics{trunk="main",state="rejected"}': "1",
    'trunkline_trunk_topics{trunk="main",state="pending"}': "0",
    'trunkline_trunk_state{trunk="main",state="live"}': "1",
    'trunkline_trunk_state{trunk="main",state="failed"}': "0",
    'trunkline_trunk_open_gaps{trunk="main"}': "2",
    'trunkline_trunk_events_received_total{trunk="main"}': "11",
    'trunkline_maybe_duplicates_total{trunk="main"}': "3",
    'trunkline_rotations_total{trunk="main",reason="retire-by",channel="another"}': "4",
    'trunkline_sink_position{sink="http"}': "3",
    'trunkline_sink_behind_entries{sink="http"}': "2",
    'trunkline_sink_entries_written_total{sink="http"}': "3",
    'trunkline_sink_dead_letters{sink="http"}': "1",
    'trunkline_sink_state{sink="http",state="retrying"}': "1",
    'trunkline_sink_state{sink="http",state="live"}': "0",
  });

  service.fake.failure = { error: new RelayError("INTERNAL", "x"), sinceMs: 0 };
  service.sinkStates = [];
  service.trunkStates = [trunkState({ received: 12 })];
  const second = samples((await ask("/metrics")).body);
  expect(second.get("trunkline_journal_failing")).toBe("1");
  expect(second.get("trunkline_journal_entries_stored_total")).toBe("5");
  expect(second.get('trunkline_trunk_events_received_total{trunk="main"}')).toBe("12");
  expect([...second.keys()].filter((name) => name.startsWith("trunkline_sink"))).toEqual([]);
});

test("subscribers of the Event API are counted as they are, and what came of those before them", async () => {
  const { ask, service } = stageHttp();
  service.fake.grow(9);
  const counted = { ageMs: 1, sent: 4, received: 2, subscriptions: 2, lagging: 1 };
  const reader = { kind: "socket", clientId: "a", ...counted } as const;
  service.gatewayState = {
    connections: [
      { ...reader, position: 3 },
      { ...reader, position: undefined, subscriptions: 0, lagging: 0 },
      {
        ...reader,
        kind: "stream",
        sent: 0,
        received: 0,
        subscriptions: 0,
        lagging: 0,
        position: 9,
      },
    ],
    shapes: 2,
    sent: 20,
    received: 10,
    refusals: [{ place: "upgrade", code: "CONNECTIONS_FULL", count: 7 }],
    closes: [
      { code: "SILENT", count: 2 },
      { code: undefined, count: 3 },
    ],
  };
  const ours = async (): Promise<object> => {
    const found = samples((await ask("/metrics")).body);
    return Object.fromEntries([...found].filter(([name]) => name.startsWith("trunkline_gateway_")));
  };
  const first = {
    'trunkline_gateway_connections{kind="socket"}': "2",
    'trunkline_gateway_connections{kind="stream"}': "1",
    trunkline_gateway_subscriptions: "2",
    trunkline_gateway_lagging_subscriptions: "1",
    trunkline_gateway_behind_entries: "6",
    trunkline_gateway_shapes: "2",
    trunkline_gateway_messages_sent_total: "20",
    trunkline_gateway_messages_received_total: "10",
    'trunkline_gateway_refusals_total{place="upgrade",code="CONNECTIONS_FULL"}': "7",
    'trunkline_gateway_closes_total{code="SILENT"}': "2",
    'trunkline_gateway_closes_total{code="peer"}': "3",
  };
  expect(await ours()).toEqual(first);
  // Asking adds nothing.
  expect(await ours()).toEqual(first);
  service.gatewayState = { ...service.gatewayState, connections: [], closes: [] };
  expect(await ours()).toMatchObject({
    'trunkline_gateway_connections{kind="socket"}': "0",
    trunkline_gateway_behind_entries: "0",
  });
});

test("refused requests to the Event API are counted by their code", async () => {
  const route = { method: "POST", path: "/oauth/token" } as const;
  const { ask } = stageHttp({}, [{ ...route, answer: () => Promise.reject(new Error("x")) }]);
  await ask("/oauth/token", { method: "POST" });
  await ask("/oauth/token");
  await ask("/api/v2/nothing");
  await ask("/oauth/token", { method: "POST", headers: { origin: "https://evil.example" } });
  const found = samples((await ask("/metrics")).body);
  const refused = [...found].filter(([name]) => name.includes("requests_refused"));
  const name = "trunkline_gateway_requests_refused_total";
  expect(Object.fromEntries(refused)).toEqual({
    [`${name}{code="UNAVAILABLE"}`]: "1",
    [`${name}{code="METHOD_NOT_ALLOWED"}`]: "1",
    [`${name}{code="PATH_UNKNOWN"}`]: "1",
    [`${name}{code="ORIGIN_FORBIDDEN"}`]: "1",
  });
});

test("requests are counted by route, so that paths which nobody foresaw make no series", async () => {
  const { ask } = stageHttp();
  await ask("/admin/sinks/http/dead-letters");
  await ask("/admin/sinks/other/dead-letters");
  await ask("/no/such/one");
  await ask("/no/such/two");
  const found = samples((await ask("/metrics")).body);
  const requests = [...found].filter(([name]) => name.startsWith("trunkline_http_requests"));
  const route = "/admin/sinks/:name/dead-letters";
  expect(Object.fromEntries(requests)).toEqual({
    [`trunkline_http_requests_total{method="GET",route="${route}",status="200"}`]: "1",
    [`trunkline_http_requests_total{method="GET",route="${route}",status="404"}`]: "1",
    'trunkline_http_requests_total{method="GET",route="none",status="404"}': "2",
  });
});

test("names end in their unit, counters in _total, and everything has a help", async () => {
  const text = await createMetrics(createFakeService(), "1", false).render();
  const types = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gmu)].map(([, name, type]) => [name, type]);
  expect(types.length).toBeGreaterThan(15);
  for (const [name = "", type] of types) {
    expect(name).toMatch(/^trunkline_[a-z_]+$/u);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, "mu"));
  }
});

test("the process is told of too", async () => {
  const text = await createMetrics(createFakeService(), "1", true).render();
  expect(text).toContain("process_resident_memory_bytes ");
  expect(text).toContain("nodejs_eventloop_lag_seconds ");
});
