import { expect, test } from "vitest";
import { run } from "../run.ts";
import { createStage } from "../testing/stage.ts";

async function validate(
  words: string,
  files: Readonly<Record<string, string>>,
): Promise<{ code: number; out: string; err: string }> {
  const { system, out, err } = createStage({ files });
  const code = await run(["validate", ...words.split(" ")], system);
  return { code, out: out(), err: err() };
}

const right = '{"eventTypes":["user:presence"],"filters":{"divisions":["self"]},"since":"j1-7"}';

test("says what a right message means", async () => {
  expect(await validate("a.json", { "a.json": right })).toEqual({
    code: 0,
    out: "a.json is right: a subscription to user:presence; of all that the relay's credential sees; from j1-7 on.\n",
    err: "",
  });
});

test("tells everything that is wrong like a compiler, and ends with 1", async () => {
  const text = `{
  "eventTypes": ["routing.queueMemberEvent", "routing.wrappingEvent"],
  "filters": { "routing.queueMemberEvent": [{ "field": "queueId", "operator": "in", "values": ["your-queue-id-here"] }] }
}`;
  const { code, out, err } = await validate("-", { "-": text });
  expect(code).toBe(1);
  const lines = out.trimEnd().split("\n");
  expect(lines.map((line) => line.trim())).toEqual([
    'stdin:2:46 error FILTER_INCOMPLETE: "routing.wrappingEvent" has no filter of its own, and there is none for all event types.',
    '"eventTypes": ["routing.queueMemberEvent", "routing.wrappingEvent"],',
    "^",
    expect.stringMatching(/^→ Add to filters "routing\.wrappingEvent":/u),
    'stdin:3:96 error ID_PLACEHOLDER: "your-queue-id-here" is a placeholder of an example, not the id of a queue.',
    expect.stringMatching(/^….*\["your-queue-id-here"\] \}\] \}$/u),
    "^",
    expect.stringMatching(/^→ Put the real id of the queue in its place/u),
  ]);
  expect(lines[2]?.indexOf("^")).toBe(lines[1]?.indexOf('"routing.wrapping'));
  expect(lines[6]?.indexOf("^")).toBe(lines[5]?.indexOf('"your-queue'));
  expect(err).toMatch(/^error SUBSCRIPTION_INVALID: stdin has 2 faults\.\n/u);
});

test("notices do no harm", async () => {
  const text =
    '{"eventTypes":["conversation:conversation:updated"],"filters":{"divisions":["self"]}}';
  const { code, out } = await validate("a", { a: text });
  expect(code).toBe(0);
  expect(out).toMatch(
    /^a:1:16 notice ALIAS: .*\n.*\n.*\na is right: a subscription to conversation:updated/u,
  );
});

test("as JSON", async () => {
  expect(JSON.parse((await validate("a --json", { a: right })).out)).toMatchObject({
    valid: true,
    message: { kind: "subscribe" },
  });
  const refused = await validate("a --json", { a: "{}" });
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.out)).toMatchObject({
    valid: false,
    complaints: [{ code: "MESSAGE_UNKNOWN" }],
  });
});

test("a token is not shown", async () => {
  const auth = await validate("a --json", { a: '{"type":"auth","data":{"token":"hunter2"}}' });
  expect([auth.code, auth.out]).toEqual([0, expect.not.stringContaining("hunter2")]);
  const broken = await validate("a", { a: '{"type":"auth","data":{"token":"hunter2}}' });
  expect([broken.code, broken.out + broken.err]).toEqual([
    1,
    expect.not.stringContaining("hunter2"),
  ]);
});

const withField = (field: string): string =>
  JSON.stringify({
    eventTypes: ["user:presence"],
    filters: { "user:presence": [{ field, operator: "exists" }] },
  });

test("JSON paths are read", async () => {
  expect((await validate("a", { a: withField("$.source") })).code).toBe(0);
  expect((await validate("a", { a: withField("$[?match(@,'a')]") })).out).toMatch(
    /PREDICATE_INVALID/u,
  );
});

test("a file that is too long, and one that is not there", async () => {
  const long = await validate("a", { a: JSON.stringify("a".repeat(70_000)) });
  expect([long.code, long.out]).toEqual([1, expect.stringContaining("MESSAGE_TOO_LARGE")]);
  const missing = await validate("a", {});
  expect([missing.code, missing.err]).toEqual([
    1,
    expect.stringContaining("FILE_UNREADABLE: a cannot be read"),
  ]);
});
