import { expect, test } from "vitest";
import { run } from "../run.ts";
import { createStage } from "../testing/stage.ts";

const topic = "v2.users.0c1f0c3a-7a37-4b54-9a4b-8a6a4d2f9f10.presence";
const line = (name: string): string =>
  JSON.stringify({ topicName: topic, version: "2", eventBody: { name, nonsense: 1 } });

async function scrub(
  words: string,
  files: Readonly<Record<string, string>>,
): Promise<{ code: number; out: string; err: string; written: ReadonlyMap<string, string> }> {
  const { system, out, err, written } = createStage({ files });
  const code = await run(["scrub", ...words.split(" ")], system);
  return { code, out: out(), err: err(), written };
}

test("writes scrubbed lines, and says what it did not know", async () => {
  const captured = `${line("Anna Meier")}\n\n${line("Bert Kunz")}\n`;
  const { code, out, written } = await scrub("in out", { in: captured });
  expect(code).toBe(0);
  expect(out).toMatch(/^2 lines scrubbed into out\.\n.*: nonsense\.\n$/u);
  const lines = (written.get("out") ?? "").trimEnd().split("\n");
  expect(lines.map((each) => (JSON.parse(each) as { version: string }).version)).toEqual([
    "2",
    "2",
  ]);
  expect(written.get("out")).not.toMatch(/Meier|Kunz|0c1f0c3a/u);
});

test("names the lines that it leaves out, keeps the others, and ends with 1", async () => {
  const captured = `${line("Anna")}\n{"cut":\n${line("Bert")}\n3\n`;
  const { code, err, written } = await scrub("in out", { in: captured });
  expect(code).toBe(1);
  expect(err).toMatch(
    /^error LINES_LEFT_OUT: 2 lines left out:\nline 2: it is no JSON object\nline 4: /u,
  );
  expect(written.get("out")?.trimEnd().split("\n")).toHaveLength(2);
});

test("replaces nothing unless it is told to", async () => {
  const files = { in: line("Anna"), out: "precious" };
  const refused = await scrub("in out", files);
  expect([refused.code, refused.written.size]).toEqual([1, 0]);
  expect(refused.err).toMatch(/FILE_EXISTS: out is there already/u);
  expect((await scrub("in out --force", files)).written.get("out")).not.toBe("precious");
});

test("writes nothing when the original cannot be read", async () => {
  const { code, written } = await scrub("nowhere out", {});
  expect([code, written.size]).toEqual([1, 0]);
});
