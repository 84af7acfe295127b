import { describe, expect, test } from "vitest";
import { run } from "./run.ts";
import type { MockHttpAnswer, MockHttpRequest, MockSystem } from "./system.ts";

type Answer = {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly MockHttpRequest[];
}

interface StageOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly answer?: (request: MockHttpRequest) => Answer;
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}

/** Runs a command line in a process that is to stop as soon as it waits for that. */
async function mock(line: string, options: StageOptions = {}): Promise<Outcome> {
  const { env = {}, files = {}, answer } = options;
  const out: string[] = [];
  const err: string[] = [];
  const asked: MockHttpRequest[] = [];
  const stopping = new AbortController();
  const output = (texts: string[]): MockSystem["stdout"] => ({
    hasColours: false,
    write: (text) => {
      texts.push(text);
      if (texts === out) stopping.abort();
      return undefined;
    },
  });
  const system: MockSystem = {
    env,
    stdout: output(out),
    stderr: output(err),
    stop: stopping.signal,
    clock: {
      wallMs: () => 0,
      sleep: (_, signal) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
    },
    readText: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error("no file"), { code: "ENOENT" });
      return text;
    },
    readInput: () => Promise.resolve(files["-"] ?? ""),
    http: (request): Promise<MockHttpAnswer> => {
      asked.push(request);
      if (answer === undefined)
        return Promise.reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
      const { status = 200, headers = {}, body = "{}" } = answer(request);
      return Promise.resolve({ status, headers, body: pieces(body) });
    },
  };
  const words = line.match(/'[^']*'|\S+/gu) ?? [];
  const argv = words.map((word) => word.replaceAll("'", ""));
  const code = await run(argv, system, "1.2.3");
  return { code, out: out.join(""), err: err.join(""), asked };
}

const json = (value: unknown) => (): Answer => ({ body: JSON.stringify(value) });

describe("help", () => {
  test.each(["--help", "-h", "ctl --help", "ctl ledger --help", "ctl inject --help"])(
    "%s goes to stdout",
    async (line) => {
      const { code, out, err } = await mock(line);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain("Usage: npx @trunkline/mock");
      for (const each of out.split("\n")) expect(each.length).toBeLessThanOrEqual(100);
    },
  );

  test("lists all faults with their fields", async () => {
    const { out } = await mock("ctl inject --help");
    expect(out).toMatch(/closeSockets +\[socketId\] \[channelId\] code \[reason\]/u);
  });

  test("--version prints the version", async () => {
    expect((await mock("--version")).out).toBe("1.2.3\n");
  });
});

describe("what is wrong is told with a code and a remedy", () => {
  test.each([
    ["--prot 1", 2, /USAGE: unknown option '--prot'.*\n {2}→ Did you mean --port\?/u],
    ["--port x", 2, /'x' is invalid. Give a whole number from 0 to 65535/u],
    ["--speed 0", 2, /from 1 to 10000/u],
    ["--start-at tomorrow", 2, /Give an instant with its zone/u],
    ["--start-at 2030-01-01T00:00", 2, /Give an instant with its zone/u],
    ["--rhythm night", 2, /Allowed choices are flat, day/u],
    ["surplus", 2, /too many arguments/u],
    [
      "--setting heartbeetMs=1",
      2,
      /USAGE: There is no setting heartbeetMs.*\n.*Did you mean heartbeatMs/u,
    ],
    ["--setting heartbeatMs", 2, /not of the form name=value/u],
    ["--setting heartbeatMs=soon", 2, /heartbeatMs is soon: expected a whole number/u],
    ["--setting tokenFormat=jtw", 2, /expected opaque or jwt/u],
    ["--setting constructor=1", 2, /There is no setting constructor/u],
    ["--scenario nonsense", 1, /SCENARIO_MISSING: .*\n {2}→ Built in are .*flaky-network/u],
    ["--replay nonsense", 1, /CAPTURE_MISSING: nonsense cannot be read \(ENOENT\)/u],
    ["--host 203.0.113.7 --port 0", 1, /ADDRESS_UNAVAILABLE/u],
    ["ctl", 2, /ctl needs a verb.*\n.*It has state, channels/u],
    ["ctl stat", 2, /ctl has no verb 'stat'/u],
    ["ctl state --prot 1", 2, /unknown option '--prot'/u],
    ["ctl state --port 1", 2, /--port is for the start of a mock.*\n.*--url/u],
    ["ctl state --url nowhere", 2, /--url nowhere is no URL/u],
    ["ctl state", 1, /MOCK_UNREACHABLE: .*9080 \(ECONNREFUSED\).*\n {2}→ Start one with/u],
    ["ctl inject cutSocket", 2, /There is no fault cutSocket.*\n.*Did you mean cutSockets\?/u],
    ["ctl inject closeSockets cod=1", 2, /has no field "cod".*\n.*Did you mean code\?/u],
    ["ctl inject closeSockets 1008", 2, /has no field "1008".*\n.*Write them as name=value/u],
    ["ctl clear x", 2, /x is no id of a fault/u],
    ["ctl publish v2.a [1]", 2, /The body is no JSON object/u],
    ["ctl publish v2.a {", 2, /The body is no JSON object/u],
    ["ctl ledger --since x", 2, /'x' is invalid/u],
  ])("%s", async (line, code, said) => {
    const outcome = await mock(line);
    expect({ code: outcome.code, out: outcome.out }).toEqual({ code, out: "" });
    expect(outcome.err).toMatch(/^error [A-Z_]+: .+\n {2}→ .+\n$/u);
    expect(outcome.err).toMatch(said);
  });

  test("what answers is no mock, or refuses", async () => {
    const html = await mock("ctl state", { answer: () => ({ status: 404, body: "<html>" }) });
    expect(html.err).toMatch(/NOT_A_MOCK/u);
    const other = await mock("ctl state", { answer: () => ({ status: 404, body: "{}" }) });
    expect(other.err).toMatch(/NOT_A_MOCK/u);
    const error = {
      error: { code: "FIELD_INVALID", message: "expected a string", path: "/topic" },
    };
    const refused = await mock("ctl publish v2.a", {
      answer: () => ({ status: 400, body: JSON.stringify(error) }),
    });
    expect(refused.err).toMatch(/^error MOCK_REFUSED: \/topic: expected a string\.\n/u);
  });

  test("a variable that is no mode, with those that are", async () => {
    const { code, err } = await mock("--port 0", { env: { JWT_VALIDATION_MODE: "Strict" } });
    expect(code).toBe(1);
    expect(err).toMatch(
      /VARIABLE_INVALID: JWT_VALIDATION_MODE is "Strict"\.\n.*strict, lenient, off/u,
    );
  });
});

describe("a mock that starts", () => {
  test("tells where it is and what to try, and nothing of clocks unless that matters", async () => {
    const { code, out, err } = await mock("--port 0 --rate 0");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/API and login {3}http:\/\/127\.0\.0\.1:\d+\n/u);
    expect(out).toContain("npx @trunkline/mock ctl inject cutSockets");
    expect(out).not.toMatch(/clock/u);
  });

  test("tells it in one line of JSON", async () => {
    const line = "--port 0 --rate 0 --start-at 2030-01-01T00:00:00+01:00 --speed 2 --json";
    const { out } = await mock(line, { env: { TZ: "Asia/Tokyo" } });
    expect(JSON.parse(out)).toMatchObject({
      ready: true,
      clientSecret: "mock-secret",
      clock: { now: expect.stringMatching(/^2029-12-31T23:0/u) as unknown, timeZone: "Asia/Tokyo" },
    });
  });

  test("says that a time zone moves no clock, with the instant in both", async () => {
    const env = { TZ: "America/Los_Angeles", JWT_VALIDATION_MODE: "strict" };
    const { out } = await mock("--port 0 --rate 0 --start-at 2026-03-02T08:00:00Z", { env });
    expect(out).toMatch(
      /TZ=America\/Los_Angeles does not move the clock.*: it is 2026-03-02T08:00:\d\d\.\d{3}Z, which is called 2026-03-02 00:00:\d\d there/u,
    );
    expect(out).toMatch(/compared with nothing; --clock-reference URL/u);
    const unknown = await mock("--port 0 --rate 0", { env: { TZ: "Atlantis" } });
    expect(unknown.out).toMatch(/TZ=Atlantis is no time zone that this machine knows/u);
  });

  test.each([
    ["2026-03-02T08:00:00Z", "Mon, 02 Mar 2026 08:00:00 GMT", /agrees with http:\/\/r\//u],
    ["2026-03-02T08:00:10Z", "Mon, 02 Mar 2026 08:00:00 GMT", /is 9\.\d+ s ahead of http:\/\/r\//u],
    ["2026-03-02T07:59:50Z", "Mon, 02 Mar 2026 08:00:00 GMT", /is 10\.\d+ s behind http:\/\/r\//u],
    ["2026-03-02T08:00:00Z", "soon", /compared with nothing: .*\(its answer has no Date\)/u],
  ])("at %s, a reference that says %j is told", async (start, date, said) => {
    const { out, asked } = await mock(`--port 0 --rate 0 --start-at ${start}`, {
      env: { CLOCK_REFERENCE_URL: "http://r/" },
      answer: () => ({ headers: { date } }),
    });
    expect(asked).toMatchObject([{ method: "HEAD", url: "http://r/" }]);
    expect(out).toMatch(said);
  });

  test("starts though the reference cannot be asked", async () => {
    const { code, out } = await mock("--port 0 --rate 0 --clock-reference http://r/");
    expect(code).toBe(0);
    expect(out).toMatch(/compared with nothing: http:\/\/r\/ could not be asked \(ECONNREFUSED\)/u);
  });
});

describe("the legacy face", () => {
  const line = "--port 0 --rate 0";

  test("is not there unless it is asked for", async () => {
    expect((await mock(line)).out).not.toContain("legacy");
    expect(JSON.parse((await mock(`${line} --json`)).out)).not.toHaveProperty("legacy");
  });

  test.each([
    ["--legacy", "The legacy face is on: /api/v2/analytics/events, /websocket, "],
    ["--legacy 003", "The legacy face is on, all as thread 003: "],
    ["--setting legacy=by-path", "The legacy face is on: "],
  ])("%s says loudly that this is not Genesys Cloud", async (words, said) => {
    const { code, out } = await mock(`${line} ${words}`);
    expect(code).toBe(0);
    expect(out).toContain(said);
    expect(out).toContain("This is NOT Genesys Cloud, which has no such service");
  });

  test("is told to programs too", async () => {
    const { legacy } = JSON.parse((await mock(`${line} --legacy 001 --json`)).out) as {
      legacy: object;
    };
    expect(legacy).toMatchObject({
      face: "001",
      paths: expect.arrayContaining(["/websocket"]),
      notice: expect.stringContaining("NOT Genesys Cloud"),
    });
  });

  test("knows the five threads", async () => {
    expect((await mock("--legacy 005")).err).toMatch(/Allowed choices are by-path, 000, 001, /u);
  });
});

describe("ctl", () => {
  test("asks the mock that it is told of", async () => {
    const { asked } = await mock("ctl faults --url http://m:1/_control/", {
      answer: json({ faults: [] }),
    });
    expect(asked).toMatchObject([{ method: "GET", url: "http://m:1/_control/faults" }]);
  });

  test.each([
    ["status=503 code=503", { status: 503, code: "503" }],
    ['status=429 headers={"a":"b"} body=x=y', { status: 429, headers: { a: "b" }, body: "x=y" }],
  ])("reads the fields %s by their type", async (fields, body) => {
    const { asked, out } = await mock(`ctl inject failRequests ${fields}`, {
      answer: json({ id: 4, affected: 0 }),
    });
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ fault: "failRequests", ...body });
    expect(out).toBe("failRequests stands as fault 4; it touched 0\n");
  });

  test("publishes from the command line and from stdin", async () => {
    const entry = { sequence: 7, atMs: 0, topic: "v2.a", deliveries: [] };
    const one = await mock(`ctl publish v2.a '{"a":1}'`, { answer: json(entry) });
    expect(one.out).toBe("7  1970-01-01T00:00:00.000Z  v2.a  nobody has the topic\n");
    const two = await mock("ctl publish v2.a -", {
      answer: json(entry),
      files: { "-": '{"b":2}\n' },
    });
    expect([one, two].map(({ asked }) => JSON.parse(asked[0]?.body ?? "") as unknown)).toEqual([
      { topic: "v2.a", body: { a: 1 } },
      { topic: "v2.a", body: { b: 2 } },
    ]);
  });

  test("names the file of a scenario that is wrong, without troubling the mock with it", async () => {
    const { err, asked } = await mock("ctl scenario mine.yaml", {
      files: { "mine.yaml": "timeline:\n  - { at: 1s, fault: silense }\n" },
      answer: json({ scenarios: ["burst"] }),
    });
    expect(err).toMatch(/^error SCENARIO_INVALID: mine\.yaml:2:22: .*Did you mean silence\?/u);
    expect(asked.map(({ method }) => method)).toEqual(["GET"]);
  });

  test("lets nothing that strangers wrote steer the terminal", async () => {
    const entry = { sequence: 7, atMs: 0, topic: "v2.\u001B[2J", deliveries: [] };
    expect((await mock("ctl publish x", { answer: json(entry) })).out).not.toContain("\u001B");
  });
});
