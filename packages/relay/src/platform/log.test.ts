import { Secret, TrunklineError } from "@trunkline/client";
import { expect, test } from "vitest";
import type { LogLevel } from "../config/config.ts";
import { RelayError } from "../errors.ts";
import { createLog, type ServiceLog } from "./log.ts";

const atMs = Date.UTC(2026, 10, 21, 10, 0, 0, 7);

function openLog(level: LogLevel): {
  readonly log: ServiceLog;
  readonly lines: string[];
  readonly last: () => Record<string, unknown>;
} {
  const lines: string[] = [];
  const log = createLog(
    level,
    (line) => lines.push(line),
    () => atMs,
  );
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "") as Record<string, unknown> };
}

test("a line is one JSON object with time, level as a word, name, fields and message", () => {
  const { log, lines } = openLog("info");
  log.warn({ code: "SINK_DOWN", help: "Start it.", sink: "crm" }, "sink crm\nis down");
  expect(lines).toEqual([
    '{"level":"warn","time":"2026-11-21T10:00:00.007Z","name":"trunkline","code":"SINK_DOWN","help":"Start it.","sink":"crm","msg":"sink crm\\nis down"}\n',
  ]);
});

/** The levels of the lines that come out of one call of each method. */
function written(level: LogLevel): readonly string[] {
  const { log, lines } = openLog(level);
  for (const method of ["debug", "info", "warn", "error"] as const) log[method]({}, method);
  return lines.map((line) => (JSON.parse(line) as { level: string }).level);
}

test("each level writes itself and what is graver, and silent writes nothing", () => {
  expect(written("debug")).toEqual(["debug", "info", "warn", "error"]);
  expect(written("info")).toEqual(["info", "warn", "error"]);
  expect(written("error")).toEqual(["error"]);
  expect(written("silent")).toEqual([]);
});

test("the level can be changed while it runs", () => {
  const { log, lines } = openLog("error");
  log.info({}, "unheard");
  log.setLevel("info");
  log.info({}, "heard");
  log.setLevel("silent");
  log.error({}, "unheard");
  expect(lines.length).toBe(1);
});

test("a secret shows its fingerprint, wherever it is", () => {
  const text = "s3cret-value-0123";
  const secret = new Secret("client secret", text);
  const { log, lines, last } = openLog("debug");
  log.error(
    { secret, list: [secret], deep: { headers: { authorization: secret } } },
    String(secret),
  );
  expect(last()["secret"]).toBe(secret.toString());
  log.error({ error: Object.assign(new Error(`refused ${String(secret)}`), { secret }) }, "failed");
  expect(lines.join("")).not.toContain(text);
});

test("an error is told as code, help and message, with its causes and without its stack", () => {
  const { log, last } = openLog("info");
  const cause = new TrunklineError("UNREACHABLE", "no way to the host");
  const error = new RelayError("CURSOR_INVALID", "that is no cursor", { cause, help: "Use 0." });
  log.error({ error, trunk: "main" }, "reading failed");
  expect(last()).toEqual({
    level: "error",
    time: "2026-11-21T10:00:00.007Z",
    name: "trunkline",
    code: "CURSOR_INVALID",
    help: "Use 0.",
    error: "that is no cursor",
    causes: ["no way to the host"],
    trunk: "main",
    msg: "reading failed",
  });
});

test("an error that nobody foresaw shows its stack", () => {
  const { log, last } = openLog("info");
  log.error({ error: new TypeError("x is undefined") }, "bug");
  expect(last()["stack"]).toContain("log.test.ts");
  log.error({ error: new RelayError("INTERNAL", "cannot be") }, "bug");
  expect(last()["stack"]).toContain("log.test.ts");
});

test("fields never stand in for what the log writes itself, and long texts are cut", () => {
  const { log, last, lines } = openLog("info");
  log.info(
    { level: "fatal", msg: "x", time: 1, name: "main", long: "a".repeat(10_000) },
    "b".repeat(10_000),
  );
  expect(last()).toMatchObject({ level: "info", name: "trunkline", name_: "main", time_: 1 });
  expect(lines[0]?.length).toBeLessThan(5_000);
});
