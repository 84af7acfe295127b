import { Secret } from "@trunkline/client";
import { describe, expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { TrunkStatus } from "../service.ts";
import { topicState, trunkState } from "../testing/fake-service.ts";
import { stageHttp } from "../testing/http-stage.ts";

test("/healthz says that the process serves, whatever the line does", async () => {
  const { ask, service } = stageHttp();
  service.trunkStates = [trunkState({ state: "failed" })];
  const answer = await ask("/healthz?at=1");
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: "ok", version: "1.2.3" }]);
  expect((await ask("/healthz", { method: "HEAD" })).statusCode).toBe(200);
});

describe("/readyz", () => {
  test.each<[string, readonly TrunkStatus[], number]>([
    ["all live", [trunkState()], 200],
    ["no topics wanted", [trunkState({ topics: [] })], 200],
    [
      "refused for good",
      [trunkState({ topics: [topicState("a"), topicState("b", "rejected")] })],
      200,
    ],
    ["pending", [trunkState({ topics: [topicState("a"), topicState("b", "pending")] })], 503],
    ["over budget", [trunkState({ topics: [topicState("b", "over-budget")] })], 503],
    ["starting", [trunkState({ state: "starting" })], 503],
    ["restoring", [trunkState({ state: "restoring" })], 503],
    ["failed without a topic", [trunkState({ state: "failed", topics: [] })], 503],
    ["one of two trunks", [trunkState(), trunkState({ name: "b", state: "restoring" })], 503],
  ])("%s", async (_, trunks, status) => {
    const { ask, service } = stageHttp();
    service.trunkStates = [...trunks];
    const answer = await ask("/readyz");
    expect([answer.statusCode, answer.json<{ ready: boolean }>().ready]).toEqual([
      status,
      status === 200,
    ]);
  });

  test("a journal that cannot store is not ready, and says why and since when", async () => {
    const { ask, service } = stageHttp();
    service.fake.failure = {
      error: new RelayError("STREAM_FAILED", "the disk is full", { help: "Make room." }),
      sinceMs: Date.UTC(2026, 10, 21),
    };
    const answer = await ask("/readyz");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      ready: false,
      journal: {
        failure: {
          code: "STREAM_FAILED",
          message: "the disk is full",
          help: "Make room.",
          since: "2026-11-21T00:00:00.000Z",
        },
      },
    });
  });

  test("says which trunk is not, with counts of its topics and its trouble", async () => {
    const { ask, service } = stageHttp();
    const error = { code: "UNAUTHORIZED", message: "no", help: "Look." };
    service.trunkStates = [
      trunkState({
        state: "restoring",
        organizationId: "org",
        topics: [topicState("a"), topicState("b", "pending"), topicState("c", "pending")],
        error,
        openGaps: 2,
        received: 9,
      }),
    ];
    expect((await ask("/readyz")).json()).toEqual({
      ready: false,
      journal: {},
      trunks: [
        {
          name: "main",
          organizationId: "org",
          state: "restoring",
          topics: { live: 1, pending: 2, rejected: 0, "over-budget": 0 },
          openGaps: 2,
          received: 9,
          error,
        },
      ],
    });
  });

  test("tells a stranger the status alone, and who has the token everything", async () => {
    const { ask } = stageHttp({ token: new Secret("token", "s3cret") });
    expect((await ask("/readyz")).json()).toEqual({ ready: true });
    const wrong = await ask("/readyz", { headers: { authorization: "Bearer no" } });
    expect([wrong.statusCode, wrong.json()]).toEqual([200, { ready: true }]);
    const whole = await ask("/readyz", { headers: { authorization: "Bearer s3cret" } });
    expect(whole.json()).toHaveProperty("trunks");
  });
});
