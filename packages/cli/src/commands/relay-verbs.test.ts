/** gaps, sinks and reload: what is asked of a relay, and how the answer is shown. */
import type { GapReply, SinkReply } from "@trunkline/relay";
import { describe, expect, test } from "vitest";
import { run } from "../run.ts";
import { FakeRelay, problem } from "../testing/fake-relay.ts";
import { createStage, noonMs, type StageOptions } from "../testing/stage.ts";

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function trunkline(
  relay: FakeRelay,
  line: string,
  options: StageOptions = {},
): Promise<Outcome> {
  const { system, out, err } = createStage({ http: relay.door, ...options });
  const code = await run(line.split(" "), system);
  return { code, out: out(), err: err() };
}

/** A relay that gives one answer. */
function answering(route: string, body: unknown, status = 200): FakeRelay {
  const relay = new FakeRelay();
  relay.answers.set(route, { status, body });
  return relay;
}

const at = (ms: number): string => new Date(noonMs + ms).toISOString();
const gap: GapReply = {
  cursor: "j1-7",
  id: "g1",
  trunk: "main",
  topics: ["v2.users.4b1d9f52-6c0f-4b3e-9a70-0d5e8f1c2a3b.presence", "v2.a", "v2.b"],
  from: at(-90_000),
  to: null,
  cause: "killed",
  certainty: "possible",
  state: "open",
  recordedAt: at(-80_000),
};
const closed: GapReply = { ...gap, id: "g2", state: "closed", to: at(-88_500), topics: ["v2.a"] };

describe("gaps", () => {
  test("is a table: since, until, how long, state, topics and the cause in words", async () => {
    const relay = answering("GET /admin/gaps", { gaps: [closed, gap] });
    const { code, out, err } = await trunkline(relay, "gaps");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const cause = "the relay was killed or crashed, and started again (killed)";
    expect(out.split("\n")).toEqual([
      "SINCE                    UNTIL                           FOR  STATE   TOPICS                           CAUSE",
      `2026-11-21 11:58:30.000  2026-11-21 11:58:31.500       1.5 s  closed  1: a                             ${cause}`,
      `2026-11-21 11:58:30.000  –                        1 min 30 s  open    3: user 4b1d9f52 presence, a, …  ${cause}`,
      "2 gaps, 1 open",
      "",
    ]);
  });

  test("names the trunk where there are several", async () => {
    const relay = answering("GET /admin/gaps", { gaps: [gap, { ...closed, trunk: "emea" }] });
    expect((await trunkline(relay, "gaps")).out).toMatch(/TRUNK[^]*main[^]*emea/u);
  });

  test("--open and --limit are asked for, and it is said where there may be more", async () => {
    const relay = answering("GET /admin/gaps", { gaps: [gap] });
    const { out } = await trunkline(relay, "gaps --open --limit 1");
    expect(relay.requests[0]?.url).toBe("http://127.0.0.1:8484/admin/gaps?limit=1&open=true");
    expect(out).toContain("1 gap, 1 open (no more than --limit 1 are shown)");
  });

  test.each([
    ["gaps", "No gaps.\n"],
    ["gaps --open", "No gap is open.\n"],
    ["gaps --json", ""],
  ])("%s: where there are none", async (line, said) => {
    expect((await trunkline(answering("GET /admin/gaps", { gaps: [] }), line)).out).toBe(said);
  });

  test("--json gives them as the relay does, a line each", async () => {
    const { out } = await trunkline(answering("GET /admin/gaps", { gaps: [gap] }), "gaps --json");
    expect(out).toBe(`${JSON.stringify(gap)}\n`);
  });
});

const sink: SinkReply = {
  name: "orders",
  type: "webhook",
  enabled: true,
  state: "live",
  cursor: "j1-41",
  behind: 1_234,
  written: 40,
  deadLetters: 0,
};
const broken: SinkReply = {
  ...sink,
  name: "audit",
  state: "halted",
  deadLetters: 2,
  error: { code: "WEBHOOK_GONE", message: "It answers 410", help: "Ask its owner." },
};

function letter(id: number): object {
  return {
    id,
    at: at(0),
    reason: "422: \u001B[31mno",
    entry: { type: "event", cursor: `j1-${id}`, topic: "v2.a" },
  };
}

describe("sinks", () => {
  test("is a table, and below it what is wrong and what to do", async () => {
    const relay = answering("GET /admin/sinks", { sinks: [sink, broken] });
    const { code, out } = await trunkline(relay, "sinks");
    expect(code).toBe(0);
    expect(out).toBe(`SINK    TYPE     STATE   BEHIND  WRITTEN  DEAD LETTERS  CURSOR
orders  webhook  live     1,234       40             0  j1-41
audit   webhook  halted   1,234       40             2  j1-41

audit WEBHOOK_GONE: It answers 410.
  → Ask its owner.
  → When that is done: trunkline sinks resume audit

audit has 2 dead letters: refused for good, and kept.
  → See why: trunkline sinks dead-letters audit
`);
  });

  test("says when it is tried again, and which are disabled", async () => {
    const retrying: SinkReply = { ...broken, state: "retrying", retryAt: at(2_000) };
    const disabled: SinkReply = { ...sink, enabled: false, state: "stopped" };
    const relay = answering("GET /admin/sinks", { sinks: [retrying, disabled] });
    const { out } = await trunkline(relay, "sinks");
    expect(out).toContain("It answers 410. It is tried again in 2 s.\n  → Ask its owner.\n");
    expect(out).not.toContain("resume");
    expect(out).toContain("disabled");
  });

  test("--json gives them a line each; without sinks the answer says how to read", async () => {
    const relay = answering("GET /admin/sinks", { sinks: [sink, broken] });
    const { out } = await trunkline(relay, "sinks --json");
    expect(out).toBe(`${JSON.stringify(sink)}\n${JSON.stringify(broken)}\n`);
    const none = answering("GET /admin/sinks", { sinks: [] });
    expect((await trunkline(none, "sinks")).out).toContain("trunkline tail");
  });

  test("check says ok, or why not with 1", async () => {
    const route = "POST /admin/sinks/orders/check";
    const fine = await trunkline(
      answering(route, { ok: true, detail: "it answers" }),
      "sinks check orders",
    );
    expect(fine).toEqual({ code: 0, out: "ok  orders: it answers\n", err: "" });
    const { error } = broken;
    const bad = await trunkline(answering(route, { ok: false, error }), "sinks check orders");
    expect(bad).toEqual({
      code: 1,
      out: "",
      err: "error SINK_FAILED: orders: WEBHOOK_GONE: It answers 410.\n  → Ask its owner.\n",
    });
  });

  test("a sink that is not there is told in the relay's words", async () => {
    const said = problem("NO_SUCH_SINK", 'There is no sink "ordres".', "Did you mean orders?");
    const relay = answering("POST /admin/sinks/ordres/check", said, 404);
    expect(await trunkline(relay, "sinks check ordres")).toEqual({
      code: 1,
      out: "",
      err: 'error RELAY_REFUSED: NO_SUCH_SINK: There is no sink "ordres".\n  → Did you mean orders?\n',
    });
  });

  test("dead letters come page by page, each with its reason", async () => {
    const relay = answering("GET /admin/sinks/orders/dead-letters", {});
    const pages = [[letter(3), letter(4)], [letter(9)], []];
    const door: StageOptions["http"] = (request, signal) => {
      relay.answers.set("GET /admin/sinks/orders/dead-letters", {
        status: 200,
        body: { deadLetters: pages.shift() },
      });
      return relay.door(request, signal);
    };
    const { out } = await trunkline(relay, "sinks dead-letters orders", { http: door });
    expect(relay.requests.map(({ url }) => new URL(url).searchParams.get("after"))).toEqual([
      "0",
      "4",
      "9",
    ]);
    expect(out).toBe(`3  2026-11-21 12:00:00.000  j1-3  v2.a
    422: ·[31mno
4  2026-11-21 12:00:00.000  j1-4  v2.a
    422: ·[31mno
9  2026-11-21 12:00:00.000  j1-9  v2.a
    422: ·[31mno
3 dead letters. Give them to it again: trunkline sinks replay orders
`);
  });

  test.each([
    ["sinks replay orders", "{}"],
    ["sinks replay orders --id 3 --id 4", '{"ids":[3,4]}'],
  ])("%s asks for it", async (line, body) => {
    const relay = answering("POST /admin/sinks/orders/dead-letters/replay", {
      replayed: 2,
      refused: 0,
    });
    const { code, out } = await trunkline(relay, line);
    expect({ code, out }).toEqual({ code: 0, out: "orders has taken 2 dead letters.\n" });
    expect(relay.requests[0]).toMatchObject({
      body,
      headers: { "content-type": "application/json" },
    });
  });

  test("a replay that is refused again ends with 1", async () => {
    const reply = { replayed: 1, refused: 1 };
    const relay = answering("POST /admin/sinks/orders/dead-letters/replay", reply);
    const { code, out, err } = await trunkline(relay, "sinks replay orders");
    expect({ code, out }).toEqual({ code: 1, out: "orders has taken 1 dead letter.\n" });
    expect(err).toMatch(
      /SINK_FAILED: orders has refused 1 dead letter again\.\n {2}→ .*dead-letters/u,
    );
  });

  test("a replay of ids that are not there says so", async () => {
    const reply = { replayed: 1, refused: 0 };
    const relay = answering("POST /admin/sinks/orders/dead-letters/replay", reply);
    const { code, err } = await trunkline(relay, "sinks replay orders --id 3 --id 4 --id 4");
    expect(code).toBe(1);
    expect(err).toBe(
      "error SINK_FAILED: 1 id of those given is no dead letter of orders.\n  → Those that there are: trunkline sinks dead-letters orders.\n",
    );
  });

  test("a certificate that is not trusted is not a relay that is not there", async () => {
    const relay = new FakeRelay();
    relay.road = Object.assign(new Error("self-signed certificate"), {
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    for (const line of ["sinks", "tail"]) {
      const { code, err } = await trunkline(relay, line);
      expect(code).toBe(1);
      expect(err).toMatch(/RELAY_UNTRUSTED: .*\(DEPTH_ZERO_.*\n {2}→ .*NODE_EXTRA_CA_CERTS/u);
    }
  });

  test("a reader that has had enough is an end like any other", async () => {
    const relay = new FakeRelay();
    const stage = createStage({
      http: async (request, signal) => {
        stage.stop("reader-gone");
        signal.throwIfAborted();
        return relay.door(request, signal);
      },
    });
    expect(await run(["sinks", "dead-letters", "orders"], stage.system)).toBe(0);
    expect(stage.err()).toBe("");
  });

  test("rewind and resume say what is so now", async () => {
    const relay = answering("POST /admin/sinks/orders/rewind", { ...sink, behind: 1 });
    const rewound = await trunkline(relay, "sinks rewind orders --to j1-4");
    expect(rewound.out).toBe("orders goes on after j1-4. 1 entry of the journal comes after it.\n");
    expect(relay.requests[0]?.body).toBe('{"cursor":"j1-4"}');
    const resumed = answering("POST /admin/sinks/orders/resume", { ...sink, state: "opening" });
    expect((await trunkline(resumed, "sinks resume orders")).out).toBe(
      "orders is tried again at once.\n",
    );
  });
});

describe("reload", () => {
  test.each([
    [{ changes: [], needRestart: [] }, "The configuration was read again; nothing has changed.\n"],
    [
      { changes: ["trunk main: 3 topics more"], needRestart: ["http.port"] },
      "The configuration was read again. Changed:\n  trunk main: 3 topics more\nThis takes a restart, and is as it was until then:\n  http.port\n",
    ],
  ])("says what has changed: %j", async (report, said) => {
    expect((await trunkline(answering("POST /admin/reload", report), "reload")).out).toBe(said);
  });

  test("a bad file is told with its complaints", async () => {
    const said = problem("CONFIG_BAD", "trunkline.yaml:3:5: trunks[0].region: unknown");
    const { code, err } = await trunkline(answering("POST /admin/reload", said, 422), "reload");
    expect(code).toBe(1);
    expect(err).toContain("trunkline.yaml:3:5: trunks[0].region: unknown");
  });
});

describe("the relay", () => {
  test.each([
    ["a token that is missing", {}, "TOKEN_MISSING"],
    ["a token that is wrong", { TRUNKLINE_TOKEN: "wrong-token" }, "TOKEN_REFUSED"],
  ])("%s is told with a remedy", async (_, env, code) => {
    const relay = answering("GET /admin/gaps", problem("TOKEN_REQUIRED", "x"), 401);
    const { err } = await trunkline(relay, "gaps", { env });
    expect(err).toMatch(new RegExp(`^error ${code}: .*\\n {2}→ .*TRUNKLINE_TOKEN`, "u"));
  });

  test("address and token come from options before the environment", async () => {
    const relay = answering("GET /admin/gaps", { gaps: [] });
    const env = { TRUNKLINE_URL: "http://env:1/", TRUNKLINE_TOKEN: "from-env" };
    const files = { "token.txt": "from-file\n" };
    await trunkline(relay, "gaps", { env, files });
    await trunkline(relay, "gaps --url http://opt:2 --token-file token.txt", { env, files });
    expect(relay.requests.map(({ url, headers }) => [url, headers["authorization"]])).toEqual([
      ["http://env:1/admin/gaps?limit=100", "Bearer from-env"],
      ["http://opt:2/admin/gaps?limit=100", "Bearer from-file"],
    ]);
  });

  test.each([
    [{ TRUNKLINE_URL: "ftp://h" }, /RELAY_URL_INVALID: TRUNKLINE_URL "ftp:\/\/h" does not/u],
    [{ TRUNKLINE_URL: "http://me:pw@h" }, /RELAY_URL_INVALID: TRUNKLINE_URL has a user/u],
    [{ TRUNKLINE_TOKEN: "x\n" }, /VARIABLE_INVALID: TRUNKLINE_TOKEN has a line end/u],
    [{ TRUNKLINE_URL: "" }, /VARIABLE_INVALID: TRUNKLINE_URL is set, but empty/u],
  ])("%j is refused", async (env, said) => {
    const { code, err } = await trunkline(new FakeRelay(), "gaps", { env });
    expect(code).toBe(1);
    expect(err).toMatch(said);
    expect(err).not.toContain("pw@");
  });
});
