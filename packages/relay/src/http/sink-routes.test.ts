import { describe, expect, test } from "vitest";
import { RelayError } from "../errors.ts";
import type { DeadLetter } from "../journal/journal.ts";
import { fakeCursor, sinkState } from "../testing/fake-service.ts";
import { sampleEvent } from "../testing/sample-entries.ts";
import { codeOf, stageHttp, type HttpStage } from "../testing/http-stage.ts";
import type { DeadLettersReply, ErrorReply } from "./api.ts";

function withLetters(count: number): HttpStage {
  const stage = stageHttp();
  const letters = Array.from({ length: count }, (_, index): DeadLetter => ({
    id: index + 1,
    entry: sampleEvent(index + 1, { raw: '{"eventBody":{"n":12345678901234567890}}' }),
    reason: "410",
    atMs: Date.UTC(2026, 0, 1),
  }));
  stage.service.fake.letters.set("sink:http", letters);
  return stage;
}

test("sinks are told with cursors, instants and their trouble", async () => {
  const { ask, service } = stageHttp();
  service.sinkStates = [
    sinkState({
      state: "retrying",
      position: 4,
      behind: 2,
      written: 4,
      error: new RelayError("STREAM_FAILED", "it answers 500", { help: "Look there." }),
      retryAtMs: Date.UTC(2026, 0, 1),
    }),
    sinkState({ name: "file", type: "file", isEnabled: false, state: "stopped" }),
  ];
  expect((await ask("/admin/sinks")).json()).toEqual({
    sinks: [
      {
        name: "http",
        type: "webhook",
        enabled: true,
        state: "retrying",
        cursor: fakeCursor(4),
        behind: 2,
        written: 4,
        deadLetters: 0,
        error: { code: "STREAM_FAILED", message: "it answers 500", help: "Look there." },
        retryAt: "2026-01-01T00:00:00.000Z",
      },
      {
        name: "file",
        type: "file",
        enabled: false,
        state: "stopped",
        cursor: fakeCursor(0),
        behind: 0,
        written: 0,
        deadLetters: 0,
      },
    ],
  });
});

test.each([
  ["POST", "/admin/sinks/htp/check"],
  ["POST", "/admin/sinks/htp/resume"],
  ["POST", "/admin/sinks/htp/rewind"],
  ["GET", "/admin/sinks/htp/dead-letters"],
  ["POST", "/admin/sinks/htp/dead-letters/replay"],
  ["DELETE", "/admin/sinks/htp/dead-letters"],
] as const)("%s %s names the sink that may be meant", async (method, url) => {
  const { ask } = stageHttp();
  const body = url.endsWith("rewind") ? { cursor: "0" } : { all: true };
  const isBodied = method === "DELETE" || url.endsWith("rewind");
  const answer = await ask(url, { method, ...(isBodied ? { payload: body } : {}) });
  expect([answer.statusCode, codeOf(answer)]).toEqual([404, "SINK_UNKNOWN"]);
  expect(answer.json<ErrorReply>().error.message).toContain("Did you mean http?");
});

test("a check says what it found, with 200 either way", async () => {
  const { post, service } = stageHttp();
  expect((await post("/admin/sinks/http/check")).json()).toEqual({
    ok: true,
    detail: "it answers",
  });
  const error = new RelayError("STREAM_FAILED", "refused", { help: "Start it." });
  service.checks = () => Promise.resolve({ ok: false, error });
  const answer = await post("/admin/sinks/http/check", {});
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { ok: false, error: { code: "STREAM_FAILED", message: "refused", help: "Start it." } },
  ]);
});

test("a check is given up when the relay ends", async () => {
  const { post, service, stopping, clock } = stageHttp();
  service.checks = (signal) =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve({ ok: true, detail: "given up" })),
    );
  const answering = post("/admin/sinks/http/check");
  await clock.runUntil(1);
  stopping.abort();
  expect((await answering).json()).toEqual({ ok: true, detail: "given up" });
});

test("a halted sink is resumed", async () => {
  const { post, service } = stageHttp();
  const answer = await post("/admin/sinks/http/resume");
  expect(answer.json()).toMatchObject({ name: "http", state: "live" });
  expect(service.done).toEqual(["resume http"]);
});

describe("rewind", () => {
  test.each([
    [fakeCursor(2), 2],
    ["0", 0],
    [fakeCursor(5), 5],
  ])("goes to %s", async (cursor, position) => {
    const { post, service } = stageHttp();
    service.fake.grow(5);
    const answer = await post("/admin/sinks/http/rewind", { cursor });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { cursor: fakeCursor(position) },
    ]);
    expect(service.done).toEqual([`rewind http ${position}`]);
  });

  test.each([
    ["other-3", "CURSOR_FOREIGN"],
    ["nonsense", "CURSOR_INVALID"],
    [fakeCursor(6), "CURSOR_INVALID"],
  ])("refuses %s", async (cursor, code) => {
    const { post, service } = stageHttp();
    service.fake.grow(5);
    const answer = await post("/admin/sinks/http/rewind", { cursor });
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, code]);
    expect(service.done).toEqual([]);
  });

  test.each([undefined, {}, { cursor: 3 }, { cursor: "0", also: 1 }])(
    "refuses a body %j",
    async (body) => {
      const { post, service } = stageHttp();
      const answer = await post("/admin/sinks/http/rewind", body);
      expect([answer.statusCode, codeOf(answer)]).toEqual([400, "REQUEST_INVALID"]);
      expect(service.done).toEqual([]);
    },
  );
});

describe("dead letters", () => {
  test("are listed a page at a time, with the entry as Genesys wrote it", async () => {
    const { ask } = withLetters(25);
    const first = await ask("/admin/sinks/http/dead-letters");
    const { deadLetters } = first.json<DeadLettersReply>();
    expect(deadLetters.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(deadLetters[0]).toMatchObject({
      reason: "410",
      at: "2026-01-01T00:00:00.000Z",
      entry: { type: "event", cursor: fakeCursor(1) },
    });
    expect(first.body).toContain('"data":{"n":12345678901234567890}');
    const rest = await ask("/admin/sinks/http/dead-letters?after=20&limit=3");
    expect(rest.json<DeadLettersReply>().deadLetters.map(({ id }) => id)).toEqual([21, 22, 23]);
  });

  test("none is an empty list", async () => {
    expect((await stageHttp().ask("/admin/sinks/http/dead-letters")).json()).toEqual({
      deadLetters: [],
    });
  });

  test.each([
    [undefined, "replay http all"],
    [{}, "replay http all"],
    [{ ids: [3, 1] }, "replay http 3,1"],
  ])("are replayed: %j", async (body, done) => {
    const { post, service } = withLetters(3);
    const answer = await post("/admin/sinks/http/dead-letters/replay", body);
    expect(answer.json()).toEqual({ replayed: 2, refused: 1 });
    expect(service.done).toEqual([done]);
  });

  test.each([{ ids: [] }, { ids: ["1"] }, { ids: [1.5] }, { all: true }])(
    "are not replayed for %j",
    async (body) => {
      const { post, service } = withLetters(3);
      const answer = await post("/admin/sinks/http/dead-letters/replay", body);
      expect([answer.statusCode, codeOf(answer)]).toEqual([400, "REQUEST_INVALID"]);
      expect(service.done).toEqual([]);
    },
  );

  test("are removed by their ids", async () => {
    const { delete: remove, service } = withLetters(3);
    const answer = await remove("/admin/sinks/http/dead-letters", { ids: [1, 3, 9] });
    expect(answer.json()).toEqual({ removed: 2 });
    expect(service.fake.letters.get("sink:http")?.map(({ id }) => id)).toEqual([2]);
  });

  test("are removed altogether only when that is said", async () => {
    const { delete: remove, service } = withLetters(1_234);
    for (const body of [undefined, {}, { all: false }, { all: true, ids: [1] }]) {
      const answer = await remove("/admin/sinks/http/dead-letters", body);
      expect([answer.statusCode, codeOf(answer)]).toEqual([400, "REQUEST_INVALID"]);
    }
    expect(service.fake.letters.get("sink:http")).toHaveLength(1_234);
    const answer = await remove("/admin/sinks/http/dead-letters", { all: true });
    expect(answer.json()).toEqual({ removed: 1_234 });
    expect(service.fake.letters.get("sink:http")).toEqual([]);
  });
});
