import type { Client, ClientOptions, NotificationEvent } from "@trunkline/client";
import { expect, test } from "vitest";
import presence from "../../../../fixtures/frames/user-presence.json" with { type: "json" };
import { createStage, notificationOf, type Stage } from "../testing/stage.ts";
import { tail, type TailFlags } from "./tail.ts";

const env = { GC_CLIENT_ID: "the-client", GC_CLIENT_SECRET: "s3cret-of-the-client" };
const flags: TailFlags = { direct: true, baseUrl: "http://h", topic: ["v2.users.x.presence"] };

async function* oneEvent(): AsyncGenerator<NotificationEvent, undefined> {
  yield notificationOf(presence);
  return undefined;
}

async function* oneBatch(): AsyncGenerator<readonly NotificationEvent[], undefined> {
  yield [notificationOf(presence)];
  return undefined;
}

async function close(): Promise<void> {}

const client: Client = {
  events: oneEvent,
  batches: oneBatch,
  ask: () => Promise.reject(new Error("tail asks for nothing")),
  topics: () => [],
  setTopics: () => {},
  rotate: () => {},
  close,
  [Symbol.asyncDispose]: close,
};

/** Runs tail on a client that tells one event, and returns the options it was made with. */
async function options(stage: Stage, given: TailFlags): Promise<ClientOptions | undefined> {
  let made: ClientOptions | undefined;
  await tail(given, stage.system, (wanted) => {
    made = wanted;
    return client;
  });
  return made;
}

test("the client gets what the command line and the environment say", async () => {
  const stage = createStage({ env });
  const made = await options(stage, { ...flags, evict: true, redundancy: 2, trace: true });
  expect(made).toEqual({
    baseUrl: "http://h",
    credentials: { clientId: "the-client", clientSecret: "s3cret-of-the-client" },
    topics: ["v2.users.x.presence"],
    evictChannels: true,
    redundancy: 2,
    trace: true,
    signal: stage.system.stop,
  });
});

test.each([
  ["json in a pipe", false, {}, '{"type":"event"'],
  ["pretty on a terminal", true, {}, "12:00:00.000  user bf0c372f presence"],
  ["what was asked for", true, { format: "genesys" }, '{"topicName"'],
] as const)("prints %s", async (_, isTerminal, more, start) => {
  const stage = createStage({ env, isTerminal });
  await options(stage, { ...flags, ...more });
  expect(stage.out().startsWith(start)).toBe(true);
});

test("from then on stderr keeps the secret", async () => {
  const stage = createStage({ env });
  await options(stage, flags);
  const basic = Buffer.from("the-client:s3cret-of-the-client").toString("base64");
  void stage.system.stderr.write(`s3cret-of-the-client ${basic}`);
  expect(stage.err()).toBe("[client secret] [client id and secret]");
});
