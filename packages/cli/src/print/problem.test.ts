import { TrunklineError } from "@trunkline/client";
import { MockError } from "@trunkline/mock";
import { expect, test } from "vitest";
import { CliError } from "../errors.ts";
import { describeProblem } from "./problem.ts";

test.each<[Error, number, string]>([
  [
    new CliError("TOPIC_MISSING", "There is no topic."),
    2,
    "error TOPIC_MISSING: There is no topic.\n  → Name at least one: --topic v2.routing.queues.<queue id>.conversations.\n",
  ],
  [
    new CliError("TOPICS_REJECTED", "No", { help: "Do this" }),
    1,
    "error TOPICS_REJECTED: No.\n  → Do this.\n",
  ],
  [
    new MockError("PORT_TAKEN", "cannot listen on 127.0.0.1:9080"),
    1,
    "error PORT_TAKEN: cannot listen on 127.0.0.1:9080.\n  → Another program listens there, perhaps another mock: choose another port, or 0 for a free one.\n",
  ],
  [
    new TrunklineError("FORBIDDEN", "No.", { correlationId: "abc" }),
    1,
    "error FORBIDDEN: No. (correlation id abc)\n  → Give the OAuth client a role that holds the missing permissions, in the divisions concerned.\n",
  ],
])("%s ends with a code and a remedy", (error, exitCode, text) => {
  expect(describeProblem(error, false)).toEqual({ exitCode, text });
});

test("the remedy for taken channels names the option", () => {
  const error = new TrunklineError("CHANNELS_TAKEN", "20 of 20 channels are in use by others.");
  expect(describeProblem(error, false).text).toContain("--evict");
});

test.each<[string, unknown]>([
  ["any other error", new TypeError("oops", { cause: new Error("deep") })],
  ["a broken library", new TrunklineError("INTERNAL", "oops", { cause: new Error("deep") })],
])("%s is a bug, with its stack and causes", (_, error) => {
  const { exitCode, text } = describeProblem(error, false);
  expect(exitCode).toBe(70);
  expect(text).toMatch(/^error BUG: [^]+oops\n {4}at [^]+caused by: Error: deep\n {4}at /u);
});

test("even what is no error is told", () => {
  expect(describeProblem("thrown text", false)).toMatchObject({
    exitCode: 70,
    text: expect.stringContaining("thrown text"),
  });
});
